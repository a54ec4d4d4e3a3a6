// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/io/hdf5/handle.hpp"

namespace theria::hdf5 {

/// Opens a file for reading. UserError for: no such file, a folder, no regular file, no permission,
/// an empty file, a file that is not HDF5, a truncated one, one that a program is writing.
Handle open_file(const std::string& path);

}  // namespace theria::hdf5
