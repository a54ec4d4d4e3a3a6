// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/core/tensor.hpp"
#include "src/io/hdf5/handle.hpp"
#include "src/io/hdf5/kinds.hpp"

namespace theria::hdf5 {

using Shape = std::vector<std::size_t>;

/// One name in a group.
struct Member {
  std::string name;
  MemberKind kind;
};

struct Integers {
  Shape shape;
  std::vector<std::int64_t> values;  // row major
};

/// Reads an HDF5 file that somebody else may have made: nothing about it is taken on trust.
/// Every failure is a UserError "<file>: <data set> …; accepted: …".
class Reader {
 public:
  /// Refuses, each with its own words: no such file, a folder, an empty file, not HDF5, a truncated
  /// file.
  explicit Reader(std::string path);

  const std::string& path() const { return m_path; }

  bool has(const std::string& object) const;
  bool has_group(const std::string& object) const;
  /// Sorted by name.
  std::vector<Member> members(const std::string& group) const;

  /// Extents of a data set; refuses a missing one, a group, and one without values.
  Shape shape(const std::string& data_set) const;
  std::string type_name(const std::string& data_set) const;

  /// Any floating-point type up to 64 bits; float64 stays float64, shorter ones become float32.
  Tensor floats(const std::string& data_set) const;
  /// Any integer type.
  Integers integers(const std::string& data_set) const;
  /// A scalar string.
  std::string text(const std::string& data_set) const;

  std::optional<std::string> text_attribute(const std::string& object,
                                            const std::string& name) const;
  std::optional<double> number_attribute(const std::string& object, const std::string& name) const;

 private:
  Handle open(const std::string& data_set) const;
  void read(const std::string& data_set, hid_t memory_type, void* values) const;
  std::size_t count_that_fits(const std::string& data_set, const Shape& shape,
                              std::size_t width) const;

  std::string m_path;
  Handle m_file;
};

}  // namespace theria::hdf5
