// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/core/tensor.hpp"

namespace theria::hdf5 {
class Reader;
}

namespace theria::test {

/// One file of tests/golden; its README lists the contents. Plain C++, for tests that run kernels:
/// HDF5 stays behind it.
class GoldenFile {
 public:
  /// `name` as in "sdpa.h5".
  explicit GoldenFile(const std::string& name);

  /// Names of the groups in `group`, sorted.
  std::vector<std::string> groups(const std::string& group = "/") const;
  /// Names of the data sets in `group`, sorted.
  std::vector<std::string> data_sets(const std::string& group) const;
  bool has(const std::string& object) const;

  Tensor tensor(const std::string& data_set) const;
  std::vector<double> values(const std::string& data_set) const;
  std::vector<std::int64_t> integers(const std::string& data_set) const;
  std::vector<std::size_t> shape(const std::string& data_set) const;

  double number(const std::string& object, const std::string& attribute) const;
  std::string text(const std::string& object, const std::string& attribute) const;

 private:
  std::vector<std::string> names(const std::string& group, bool groups) const;

  std::shared_ptr<const hdf5::Reader> m_file;
};

}  // namespace theria::test
