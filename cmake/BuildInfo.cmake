# SPDX-License-Identifier: Apache-2.0
# src/core/build_info.hpp's one definition, written anew at each build where the git state has changed.

get_target_property(kokkos_options Kokkos::kokkoscore INTERFACE_COMPILE_OPTIONS)
string(REGEX REPLACE "\\$<\\$<COMPILE_LANGUAGE:[A-Z]+>:|>" "" kokkos_options "${kokkos_options}")
string(TOUPPER ${CMAKE_BUILD_TYPE} build_type)
set(flags ${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}} -fno-math-errno -fno-trapping-math ${kokkos_options})
set(compiler "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
if(THERIA_CUDA)
  string(APPEND compiler ", nvcc ${CMAKE_CUDA_COMPILER_VERSION}")
endif()
list(FILTER flags EXCLUDE REGEX "^$")
list(JOIN flags " " flags)
list(JOIN Kokkos_ARCH " " kokkos_arch)

set(build_info_source ${PROJECT_BINARY_DIR}/generated/build_info.cpp)
find_package(Git QUIET)
add_custom_target(theria_build_info
  COMMAND ${CMAKE_COMMAND}
          "-Dgit=${GIT_EXECUTABLE}" "-Dsource=${PROJECT_SOURCE_DIR}" "-Doutput=${build_info_source}"
          "-Dversion=${PROJECT_VERSION}" "-Dcompiler=${compiler}" "-Dflags=${flags}" "-Dpreset=${THERIA_PRESET}"
          "-Dkokkos_version=${Kokkos_VERSION}" "-Dkokkos_arch=${kokkos_arch}"
          -P ${PROJECT_SOURCE_DIR}/cmake/build_info/write.cmake
  BYPRODUCTS ${build_info_source}
  COMMENT "Reading the state of the checkout"
  VERBATIM)
add_dependencies(theria_host theria_build_info)
target_sources(theria_host PRIVATE ${build_info_source})
