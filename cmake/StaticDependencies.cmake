# SPDX-License-Identifier: Apache-2.0
# One binary that travels: a machine with a GPU needs none of our packages, only glibc and the driver.
# OpenBLAS is made static where Kokkos Kernels is built (cmake/kokkos/build.py).

set(HDF5_USE_STATIC_LIBRARIES ON)

set(THERIA_STATIC_ARCHIVES "")
# The target hdf5::hdf5 forgets what its archive needs in turn: szip (libsz, libaec) and zlib.
foreach(name yaml-cpp sz aec z)
  find_library(THERIA_STATIC_${name} NAMES lib${name}.a REQUIRED)
  mark_as_advanced(THERIA_STATIC_${name})
  list(APPEND THERIA_STATIC_ARCHIVES ${THERIA_STATIC_${name}})
endforeach()

add_link_options(-static-libstdc++ -static-libgcc)
