// SPDX-License-Identifier: Apache-2.0
#include "src/io/hdf5/reason.hpp"

#include <hdf5.h>

namespace theria::hdf5 {

namespace {

herr_t keep_description(unsigned, const H5E_error2_t* error, void* kept) {
  if (error->desc != nullptr && *error->desc != '\0') {
    *static_cast<std::string*>(kept) = error->desc;
  }
  return 0;
}

}  // namespace

void silence_error_stack() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::string innermost_reason() {
  std::string reason = "unknown reason";
  // Downward ends at the function that noticed first.
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &reason);
  return reason;
}

}  // namespace theria::hdf5
