// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/io/hdf5/handle.hpp"

namespace theria::hdf5 {

/// Strings of any length in UTF-8: the kind h5py and netCDF hand out as text, not as bytes.
inline Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

}  // namespace theria::hdf5
