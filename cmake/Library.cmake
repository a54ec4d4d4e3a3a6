# SPDX-License-Identifier: Apache-2.0
# Two kinds of sources, two object libraries, one archive.
#
#   theria_host    plain C++ (decks, files): compiled by the C++ compiler, never sees Kokkos or its flags
#   theria_device  Kokkos (kernels, models, meta): in a CUDA build these .cpp files are language CUDA,
#                  so that nvcc compiles them. A Kokkos built as CMake language needs no compiler
#                  wrapper, which is what lets ccache and Ninja work as everywhere else.
#   theria         both; what the executable, the tests and other projects link, as theria::theria
#
# theria_add_sources(HOST|DEVICE files...) and theria_mark_device(files...) are all that the folders call.

add_library(theria_flags INTERFACE)
target_compile_features(theria_flags INTERFACE cxx_std_20)
target_include_directories(theria_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(theria_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-fno-math-errno;-fno-trapping-math;-ffp-contract=off>"
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-fno-math-errno,-fno-trapping-math,-ffp-contract=off>")
target_link_libraries(theria_flags INTERFACE theria_warnings theria_sanitizers)

# For what computes nothing that is felt: decks, files, words and tests take half as long to compile.
add_library(theria_light INTERFACE)
target_compile_options(theria_light INTERFACE
  "$<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CXX>>:-O1>"
  "$<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CUDA>>:-Xcompiler=-O1>")

add_library(theria_host OBJECT)
target_link_libraries(theria_host PRIVATE theria_flags theria_light ${THERIA_HOST_LIBRARIES})

add_library(theria_device OBJECT)
target_link_libraries(theria_device PRIVATE theria_flags Kokkos::kokkos Kokkos::kokkoskernels)
target_include_directories(theria_device SYSTEM PRIVATE ${THERIA_RANDOM123_INCLUDE})

add_library(theria STATIC $<TARGET_OBJECTS:theria_host> $<TARGET_OBJECTS:theria_device>)
add_library(theria::theria ALIAS theria)
target_compile_features(theria PUBLIC cxx_std_20)
target_include_directories(theria PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/theria>)
target_link_libraries(theria PUBLIC Kokkos::kokkos Kokkos::kokkoskernels
                             PRIVATE ${THERIA_HOST_LIBRARIES})
if(THERIA_SANITIZE)
  # Whoever links an instrumented archive needs its run-time library.
  target_link_options(theria PUBLIC -fsanitize=address,undefined)
endif()
# Only objects made elsewhere: without a source of its own CMake can't tell how to archive them.
set_target_properties(theria PROPERTIES LINKER_LANGUAGE CXX)

function(theria_mark_device)
  if(NOT Kokkos_COMPILE_LANGUAGE STREQUAL "CXX")
    set_source_files_properties(${ARGN} TARGET_DIRECTORY theria_device
                                PROPERTIES LANGUAGE ${Kokkos_COMPILE_LANGUAGE})
  endif()
endfunction()

function(theria_add_sources kind)
  if(kind STREQUAL "DEVICE")
    target_sources(theria_device PRIVATE ${ARGN})
    theria_mark_device(${ARGN})
  else()
    target_sources(theria_host PRIVATE ${ARGN})
  endif()
endfunction()
