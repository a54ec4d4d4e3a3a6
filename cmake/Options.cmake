# SPDX-License-Identifier: Apache-2.0
# What a user may choose, and the settings that are the same for every target.

option(THERIA_CUDA "Build the CUDA backend beside OpenMP" OFF)
option(THERIA_STATIC "Link HDF5, yaml-cpp, fmt, OpenBLAS and the compiler's libraries statically" OFF)
option(THERIA_SANITIZE "Address and undefined-behaviour sanitizers" OFF)
option(THERIA_BOUNDS_CHECKS "Kokkos built here checks every View index" OFF)
option(THERIA_WERROR "Warnings are errors" OFF)
option(THERIA_UNITS "Compile the sources of a folder as one" ON)
option(THERIA_TIDY "Run clang-tidy on each source" OFF)
option(THERIA_KOKKOS_BUILD "Build the pinned Kokkos even where find_package finds another" OFF)
set(THERIA_KOKKOS_SOURCE "" CACHE PATH "A Kokkos source tree of your own to build in place of the pinned one")
set(THERIA_HOST_ARCH NATIVE CACHE STRING "Kokkos name of the CPU to compile for: NATIVE, HSW (AVX2), SKX, ...")
set(THERIA_CUDA_ARCH HOPPER90 CACHE STRING "Kokkos name of the GPU, or its number: HOPPER90, 90, AMPERE80, 80, ...")
set(THERIA_PRESET "none" CACHE STRING "Name of the preset; goes into every result file")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# No -ffast-math anywhere, ever: masks are infinities and results must repeat. What is left out below
# is errno and floating-point exception flags, which nobody reads and which stop vectorisation.
# On the host a*b+c is never made an fma that the text does not name (-ffp-contract=off): compilers make it in the
# vectors of a loop and not in what is left over, or in one copy of a function and not in the other, so that a
# number would depend on its place in a batch.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG" CACHE STRING "" FORCE)
set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG" CACHE STRING "" FORCE)
# -O0 would make the sanitizer run ten times slower and find nothing more.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer" CACHE STRING "" FORCE)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(THERIA_CCACHE ccache)
mark_as_advanced(THERIA_CCACHE)
if(THERIA_CCACHE)
  foreach(language C CXX CUDA)
    if(NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${THERIA_CCACHE})
    endif()
  endforeach()
endif()

# Kokkos' own switches win: -DKokkos_ARCH_AMPERE80=ON -DKokkos_ARCH_SKX=ON.
set(gpu_names "^(MAXWELL|PASCAL|VOLTA|TURING|AMPERE|ADA|HOPPER|BLACKWELL)")
get_cmake_property(cache_variables CACHE_VARIABLES)
foreach(variable IN LISTS cache_variables)
  if(variable MATCHES "^Kokkos_ARCH_(.+)$" AND ${variable})
    set(name ${CMAKE_MATCH_1})
    if(name MATCHES "${gpu_names}")
      set(THERIA_CUDA_ARCH ${name})
    else()
      set(THERIA_HOST_ARCH ${name})
    endif()
  endif()
endforeach()

set(gpus_by_number 70=VOLTA70 75=TURING75 80=AMPERE80 86=AMPERE86 87=AMPERE87 89=ADA89 90=HOPPER90
                   100=BLACKWELL100 120=BLACKWELL120)
if(THERIA_CUDA_ARCH MATCHES "^(sm_)?([0-9]+)$")
  set(known ${gpus_by_number})
  list(FILTER known INCLUDE REGEX "^${CMAKE_MATCH_2}=")
  if(NOT known)
    message(FATAL_ERROR "theria: THERIA_CUDA_ARCH=${THERIA_CUDA_ARCH} is unknown; known are ${gpus_by_number}")
  endif()
  string(REGEX REPLACE "^.*=" "" THERIA_CUDA_ARCH "${known}")
endif()
