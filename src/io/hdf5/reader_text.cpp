// SPDX-License-Identifier: Apache-2.0
// The texts and the attributes of a Reader.
#include <algorithm>

#include "src/io/fault.hpp"
#include "src/io/hdf5/reader.hpp"

namespace theria::hdf5 {

namespace {

/// Reads a scalar string through `read(type, buffer)`, of fixed or of variable length.
template <class Read>
std::optional<std::string> read_string(hid_t type, hid_t space, Read read) {
  if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) return {};
  if (H5Tis_variable_str(type) > 0) {
    char* pointer = nullptr;
    if (read(type, &pointer) < 0 || pointer == nullptr) return {};
    std::string value(pointer);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, &pointer);
    return value;
  }
  std::string value(H5Tget_size(type), '\0');
  if (read(type, value.data()) < 0) return {};
  value.resize(std::min(value.size(), value.find('\0')));
  return value;
}

/// An attribute, opened; of one that is not there no handle is valid, and its type has no class.
struct Attribute {
  Handle data, type, space;

  Attribute(hid_t file, const std::string& object, const std::string& name)
      : data(H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT),
             H5Aclose),
        type(H5Aget_type(data.id()), H5Tclose),
        space(H5Aget_space(data.id()), H5Sclose) {}
};

}  // namespace

std::string Reader::text(const std::string& data_set) const {
  const auto data = open(data_set);
  const Handle type(H5Dget_type(data.id()), H5Tclose);
  const Handle space(H5Dget_space(data.id()), H5Sclose);
  const auto value = read_string(type.id(), space.id(), [&](hid_t memory_type, void* buffer) {
    return H5Dread(data.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
  });
  if (!value) fault(m_path, fmt::format("{} cannot be read as one text", data_set));
  return *value;
}

std::optional<std::string> Reader::text_attribute(const std::string& object,
                                                  const std::string& name) const {
  const Attribute attribute(m_file.id(), object, name);
  return read_string(attribute.type.id(), attribute.space.id(),
                     [&](hid_t memory_type, void* buffer) {
                       return H5Aread(attribute.data.id(), memory_type, buffer);
                     });
}

std::optional<double> Reader::number_attribute(const std::string& object,
                                               const std::string& name) const {
  const Attribute attribute(m_file.id(), object, name);
  const auto kind = H5Tget_class(attribute.type.id());
  const bool number = kind == H5T_FLOAT || kind == H5T_INTEGER;
  double value = 0;
  if (!number || H5Sget_simple_extent_npoints(attribute.space.id()) != 1) return {};
  if (H5Aread(attribute.data.id(), H5T_NATIVE_DOUBLE, &value) < 0) return {};
  return value;
}

}  // namespace theria::hdf5
