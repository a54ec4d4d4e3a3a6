# SPDX-License-Identifier: Apache-2.0
# Kokkos >= 4.6 and Kokkos Kernels: the user's own where find_package finds them (Kokkos_ROOT, a module,
# Spack), else built once from pinned sources into a per-user cache by cmake/kokkos/provide.py.

if(THERIA_STATIC)
  # Kokkos' package file looks for OpenMP again in our project: answer with the archive.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libgomp.a
                  OUTPUT_VARIABLE libgomp OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(OpenMP_gomp_LIBRARY ${libgomp} CACHE FILEPATH "OpenMP runtime, as an archive" FORCE)
  mark_as_advanced(OpenMP_gomp_LIBRARY)
endif()

# Kokkos_DIR that an earlier run of this very file put into the cache is not the user's word.
if(Kokkos_DIR AND Kokkos_DIR STREQUAL THERIA_PROVIDED_KOKKOS_DIR)
  unset(Kokkos_DIR CACHE)
  unset(KokkosKernels_DIR CACHE)
endif()

if(NOT THERIA_KOKKOS_BUILD AND NOT THERIA_KOKKOS_SOURCE)
  find_package(Kokkos 4.6 QUIET CONFIG)
  if(NOT Kokkos_FOUND)
    foreach(version IN LISTS Kokkos_CONSIDERED_VERSIONS)
      message(STATUS "theria: passing over Kokkos ${version}: 4.6 or newer is needed")
    endforeach()
    if(DEFINED Kokkos_ROOT OR DEFINED ENV{Kokkos_ROOT})
      message(FATAL_ERROR "theria: no Kokkos 4.6 or newer under Kokkos_ROOT=${Kokkos_ROOT}$ENV{Kokkos_ROOT}. "
                          "Unset it and theria builds its own.")
    endif()
  endif()
endif()

if(NOT Kokkos_FOUND)
  file(GLOB recipe CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/kokkos/*.py ${PROJECT_SOURCE_DIR}/cmake/patches/*.patch)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe})
  find_program(THERIA_BOOTSTRAP_PYTHON NAMES python3 REQUIRED)
  mark_as_advanced(THERIA_BOOTSTRAP_PYTHON)
  set(wanted --build-type ${CMAKE_BUILD_TYPE} --host-arch ${THERIA_HOST_ARCH} --cxx ${CMAKE_CXX_COMPILER})
  if(THERIA_CUDA)
    list(APPEND wanted --cuda-arch ${THERIA_CUDA_ARCH})
    if(CMAKE_CUDA_COMPILER)
      list(APPEND wanted --nvcc ${CMAKE_CUDA_COMPILER})
    endif()
  endif()
  if(THERIA_BOUNDS_CHECKS)
    list(APPEND wanted --bounds-checks)
  endif()
  if(THERIA_STATIC)
    list(APPEND wanted --static-blas)
  endif()
  if(THERIA_KOKKOS_SOURCE)
    list(APPEND wanted --kokkos-source ${THERIA_KOKKOS_SOURCE})
  endif()
  if(NOT DEFINED ENV{THERIA_LOG})
    list(APPEND wanted --log ${PROJECT_BINARY_DIR}/kokkos.log)
  endif()
  execute_process(COMMAND ${THERIA_BOOTSTRAP_PYTHON} ${PROJECT_SOURCE_DIR}/cmake/kokkos/provide.py ${wanted}
                  OUTPUT_VARIABLE kokkos_prefix OUTPUT_STRIP_TRAILING_WHITESPACE
                  RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "theria: Kokkos could not be provided; the lines above say why")
  endif()
  set(Kokkos_DIR ${kokkos_prefix}/lib/cmake/Kokkos CACHE PATH "" FORCE)
  set(KokkosKernels_DIR ${kokkos_prefix}/lib/cmake/KokkosKernels CACHE PATH "" FORCE)
  set(THERIA_PROVIDED_KOKKOS_DIR ${Kokkos_DIR} CACHE INTERNAL "Kokkos that provide.py built")
  find_package(Kokkos 4.6 REQUIRED CONFIG)
endif()

# What a Kokkos of the user's may lack.
set(missing "")
if(NOT Kokkos_ENABLE_OPENMP)
  list(APPEND missing "Kokkos_ENABLE_OPENMP=ON")
endif()
if(THERIA_CUDA AND NOT Kokkos_ENABLE_CUDA)
  list(APPEND missing "Kokkos_ENABLE_CUDA=ON")
elseif(THERIA_CUDA AND NOT Kokkos_COMPILE_LANGUAGE STREQUAL "CUDA")
  list(APPEND missing "Kokkos_ENABLE_COMPILE_AS_CMAKE_LANGUAGE=ON (it was built through nvcc_wrapper)")
elseif(NOT THERIA_CUDA AND Kokkos_ENABLE_CUDA)
  list(APPEND missing "Kokkos_ENABLE_CUDA=OFF (or take the preset cuda-release)")
endif()
if(missing)
  list(JOIN missing ", " missing)
  message(FATAL_ERROR "theria: the Kokkos ${Kokkos_VERSION} in ${Kokkos_DIR} was built without ${missing}. "
                      "With -DTHERIA_KOKKOS_BUILD=ON theria builds its own.")
endif()
find_package(KokkosKernels 4.5 QUIET CONFIG HINTS ${Kokkos_DIR}/../KokkosKernels)
if(NOT KokkosKernels_FOUND)
  message(FATAL_ERROR "theria: Kokkos ${Kokkos_VERSION} is in ${Kokkos_DIR}, but no Kokkos Kernels 4.5 or newer "
                      "beside it: set KokkosKernels_ROOT, or -DTHERIA_KOKKOS_BUILD=ON to have both built.")
endif()
list(JOIN Kokkos_DEVICES " " kokkos_devices)
list(JOIN Kokkos_ARCH " " kokkos_arch)
message(STATUS "theria: Kokkos ${Kokkos_VERSION} (${kokkos_devices}; ${kokkos_arch}) in ${Kokkos_DIR}")

if(THERIA_CUDA)
  # Hopper's products of warpgroups are not in code that other GPUs could run, too.
  string(REGEX REPLACE "^90$" "90a-real" CMAKE_CUDA_ARCHITECTURES "${Kokkos_CUDA_ARCHITECTURES}")
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 20)
  # CMake before 3.26 does not know that nvcc has C++20.
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
endif()
