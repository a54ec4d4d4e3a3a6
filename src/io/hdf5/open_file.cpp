// SPDX-License-Identifier: Apache-2.0
#include "src/io/hdf5/open_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "src/io/fault.hpp"
#include "src/io/hdf5/reason.hpp"

namespace theria::hdf5 {

namespace {

std::string explain(const std::string& reason) {
  if (reason.find("truncated file") != std::string::npos) {
    return "the HDF5 file is truncated: its end is missing; copy or make it again";
  }
  if (reason.find("unable to lock file") != std::string::npos) {
    return "another program is writing it, or its file system knows no locks (in that case set "
           "HDF5_USE_FILE_LOCKING=FALSE): " +
           reason;
  }
  return "HDF5 cannot open it, the file is damaged: " + reason;
}

}  // namespace

Handle open_file(const std::string& path) {
  silence_error_stack();
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fault(path, std::strerror(errno));
  if (S_ISDIR(status.st_mode)) fault(path, "is a folder; accepted: an HDF5 file");
  if (!S_ISREG(status.st_mode)) fault(path, "is no regular file; accepted: an HDF5 file");
  if (::access(path.c_str(), R_OK) != 0) fault(path, std::strerror(errno));
  if (status.st_size == 0) fault(path, "the file is empty; accepted: an HDF5 file");
  if (H5Fis_hdf5(path.c_str()) <= 0) fault(path, "is not an HDF5 file");

  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!file.valid()) fault(path, explain(innermost_reason()));
  return file;
}

}  // namespace theria::hdf5
