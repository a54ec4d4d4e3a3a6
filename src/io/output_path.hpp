// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace theria {

/// Checks, before any work starts, that a file can be published at `path`.
/// UserError: empty, a folder, no regular file, its folder missing, a name too long, or it exists
/// and not `overwrite`. OutputError: the folder takes no file (permission, read-only, full).
void check_output_path(const std::string& path, bool overwrite);

}  // namespace theria
