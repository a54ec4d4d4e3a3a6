// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace theria::hdf5 {

/// Stops HDF5 from printing its error stack on this thread; our own errors carry the reason.
void silence_error_stack();

/// What the failed call says went wrong at its root ("truncated file: eof = 96, …"); "unknown
/// reason" where HDF5 recorded none. To be asked before the next HDF5 call.
std::string innermost_reason();

}  // namespace theria::hdf5
