// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

#include "src/io/hdf5/handle.hpp"

namespace theria::test {

/// An HDF5 file as somebody else would make it: straight through the C library, right or wrong.
class MadeFile {
 public:
  explicit MadeFile(const std::string& path)
      : m_file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose) {}

  template <class T>
  MadeFile& data(const std::string& name, const std::vector<std::size_t>& shape,
                 const std::vector<T>& values, hid_t file_type = native<T>()) {
    const std::vector<hsize_t> extents(shape.begin(), shape.end());
    const hdf5::Handle space(extents.empty() ? H5Screate(H5S_SCALAR)
                                             : H5Screate_simple(static_cast<int>(extents.size()),
                                                                extents.data(), nullptr),
                             H5Sclose);
    const auto made = create(name, file_type, space.id());
    H5Dwrite(made.id(), native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    return *this;
  }

  /// A scalar of a type of the caller's, left at its fill value.
  MadeFile& scalar(const std::string& name, hid_t type) {
    const hdf5::Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    create(name, type, space.id());
    return *this;
  }

  /// A scalar of two named numbers.
  MadeFile& compound(const std::string& name) {
    const hdf5::Handle type(H5Tcreate(H5T_COMPOUND, 2 * sizeof(double)), H5Tclose);
    H5Tinsert(type.id(), "re", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(type.id(), "im", sizeof(double), H5T_NATIVE_DOUBLE);
    return scalar(name, type.id());
  }

  MadeFile& text(const std::string& name) { return scalar(name, H5T_C_S1); }

  MadeFile& group(const std::string& name) {
    const hdf5::Handle made(
        H5Gcreate2(m_file.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
    return *this;
  }

  /// A data set of a huge extent that takes no room in the file.
  MadeFile& claim(const std::string& name, const std::vector<hsize_t>& extents) {
    const hdf5::Handle space(
        H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose);
    const hdf5::Handle layout(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const std::vector<hsize_t> chunk(extents.size(), 1);
    H5Pset_chunk(layout.id(), static_cast<int>(chunk.size()), chunk.data());
    const hdf5::Handle made(H5Dcreate2(m_file.id(), name.c_str(), H5T_NATIVE_FLOAT, space.id(),
                                       H5P_DEFAULT, layout.id(), H5P_DEFAULT),
                            H5Dclose);
    return *this;
  }

 private:
  template <class T>
  static hid_t native() {
    if constexpr (std::is_same_v<T, float>) return H5T_NATIVE_FLOAT;
    if constexpr (std::is_same_v<T, double>) return H5T_NATIVE_DOUBLE;
    if constexpr (std::is_same_v<T, std::int32_t>) return H5T_NATIVE_INT32;
    if constexpr (std::is_same_v<T, std::int64_t>) return H5T_NATIVE_INT64;
    if constexpr (std::is_same_v<T, std::uint8_t>) return H5T_NATIVE_UINT8;
  }

  hdf5::Handle create(const std::string& name, hid_t type, hid_t space) {
    const hdf5::Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_create_intermediate_group(links.id(), 1);
    return {
        H5Dcreate2(m_file.id(), name.c_str(), type, space, links.id(), H5P_DEFAULT, H5P_DEFAULT),
        H5Dclose};
  }

  hdf5::Handle m_file;
};

}  // namespace theria::test
