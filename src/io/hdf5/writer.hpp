// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/tensor.hpp"
#include "src/io/atomic_file.hpp"
#include "src/io/hdf5/handle.hpp"

namespace theria::hdf5 {

/// Name, axes and meaning of one data set.
struct DataSet {
  std::string path;                 // "/training/query_loss"; its group is made where needed
  std::vector<std::string> axes{};  // names of dimension scales in the same group, in order
  std::string long_name{};
  std::string units = "1";
};

/// Builds an HDF5 file in memory and puts it on disk whole, in one `commit`. HDF5 itself never
/// touches the disk: its 1.10 crashes when a write to a full disk fails, and our own writing does
/// not. Numbers are contiguous and uncompressed, in the format every HDF5 since 1.0 reads. Errors:
/// OutputError with file, data set and reason.
class Writer {
 public:
  explicit Writer(std::string path);

  /// A dimension scale with values 0 .. extent-1.
  void scale(const DataSet& what, std::size_t extent);
  /// A dimension scale with values of its own.
  void scale(const DataSet& what, std::span<const std::int64_t> values);

  void write(const DataSet& what, const Tensor& tensor);
  void write(const DataSet& what, std::span<const double> values);
  void write(const DataSet& what, std::span<const std::int32_t> values);
  void write(const DataSet& what, std::span<const std::int64_t> values);
  /// A scalar string, UTF-8.
  void text(const std::string& path, const std::string& value, const std::string& long_name);

  void attribute(const std::string& object, const std::string& name, std::string_view value);
  void attribute(const std::string& object, const std::string& name, std::uint64_t value);
  void attribute(const std::string& object, const std::string& name, std::int32_t value);
  void attribute(const std::string& object, const std::string& name, double value);

  /// Puts the file on disk; no further call after it. Returns the name it got.
  std::string commit(NameTaken when_taken);

 private:
  Handle create(const DataSet& what, hid_t file_type, const std::vector<hsize_t>& extents);
  void write(const DataSet& what, hid_t memory_type, const void* values, std::size_t count);
  void attribute(const std::string& object, const std::string& name, hid_t type, const void* value);
  std::vector<hsize_t> extents(const DataSet& what) const;
  void check(bool good, const std::string& object) const;

  std::string m_path;
  Handle m_file;
};

}  // namespace theria::hdf5
