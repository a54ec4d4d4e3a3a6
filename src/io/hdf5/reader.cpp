// SPDX-License-Identifier: Apache-2.0
#include "src/io/hdf5/reader.hpp"

#include <array>

#include "src/io/fault.hpp"
#include "src/io/hdf5/kinds.hpp"
#include "src/io/hdf5/open_file.hpp"
#include "src/io/hdf5/reason.hpp"
#include "src/io/memory.hpp"

namespace theria::hdf5 {

namespace {

Handle type_of(const Handle& data) { return {H5Dget_type(data.id()), H5Tclose}; }

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

}  // namespace

Reader::Reader(std::string path) : m_path(std::move(path)), m_file(open_file(m_path)) {}

bool Reader::has(const std::string& object) const {
  if (object == "/") return true;
  // HDF5 wants every parent to exist before it answers for the child.
  for (auto end = object.find('/', 1);; end = object.find('/', end + 1)) {
    const auto part = object.substr(0, end);
    if (H5Lexists(m_file.id(), part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (H5Oexists_by_name(m_file.id(), part.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

bool Reader::has_group(const std::string& object) const {
  return has(object) && kind_of(m_file.id(), object) == MemberKind::group;
}

std::vector<Member> Reader::members(const std::string& group) const {
  std::vector<std::string> names;
  const Handle opened(H5Gopen2(m_file.id(), group.c_str(), H5P_DEFAULT), H5Gclose);
  const bool good = opened.valid() && H5Literate(opened.id(), H5_INDEX_NAME, H5_ITER_INC, nullptr,
                                                 collect_name, &names) >= 0;
  if (!good) fault(m_path, fmt::format("cannot list {}: {}", group, innermost_reason()));
  std::vector<Member> members;
  for (const auto& name : names) {
    members.push_back({name, kind_of(m_file.id(), group + (group == "/" ? "" : "/") + name)});
  }
  return members;
}

Handle Reader::open(const std::string& data_set) const {
  if (!has(data_set)) fault(m_path, fmt::format("data set {} is missing", data_set));
  const auto kind = kind_of(m_file.id(), data_set);
  if (kind != MemberKind::data_set && kind != MemberKind::scale) {
    fault(m_path, fmt::format("{} is no data set", data_set));
  }
  Handle data(H5Dopen2(m_file.id(), data_set.c_str(), H5P_DEFAULT), H5Dclose);
  if (!data.valid()) {
    fault(m_path, fmt::format("cannot open {}: {}", data_set, innermost_reason()));
  }
  return data;
}

Shape Reader::shape(const std::string& data_set) const {
  const auto data = open(data_set);
  const Handle space(H5Dget_space(data.id()), H5Sclose);
  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL) {
    fault(m_path, fmt::format("{} is a data set without values", data_set));
  }
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  const int rank = H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  if (rank < 0) fault(m_path, fmt::format("{}: {}", data_set, innermost_reason()));
  return Shape(extents.begin(), extents.begin() + rank);
}

std::string Reader::type_name(const std::string& data_set) const {
  return type_name_of(type_of(open(data_set)).id());
}

Tensor Reader::floats(const std::string& data_set) const {
  const auto extents = shape(data_set);
  const auto type = type_of(open(data_set));
  const auto bytes = H5Tget_size(type.id());
  if (H5Tget_class(type.id()) != H5T_FLOAT || bytes > sizeof(double)) {
    fault(m_path, fmt::format("{} holds {} values; accepted: floating-point numbers of at most "
                              "64 bits",
                              data_set, type_name_of(type.id())));
  }
  Tensor tensor{.shape = extents, .values = {}};
  const auto fill = [&]<class T>(std::vector<T> values, hid_t memory_type) {
    values.resize(count_that_fits(data_set, extents, sizeof(T)));
    read(data_set, memory_type, values.data());
    tensor.values = std::move(values);
  };
  if (bytes > sizeof(float)) {
    fill(std::vector<double>(), H5T_NATIVE_DOUBLE);
  } else {
    fill(std::vector<float>(), H5T_NATIVE_FLOAT);
  }
  return tensor;
}

Integers Reader::integers(const std::string& data_set) const {
  const auto extents = shape(data_set);
  const auto type = type_of(open(data_set));
  if (H5Tget_class(type.id()) != H5T_INTEGER) {
    fault(m_path,
          fmt::format("{} holds {} values; accepted: integers", data_set, type_name_of(type.id())));
  }
  Integers integers{.shape = extents, .values = {}};
  integers.values.resize(count_that_fits(data_set, extents, sizeof(std::int64_t)));
  read(data_set, H5T_NATIVE_INT64, integers.values.data());
  return integers;
}

void Reader::read(const std::string& data_set, hid_t memory_type, void* values) const {
  const auto data = open(data_set);
  if (H5Dread(data.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    fault(m_path, fmt::format("cannot read {}: {}", data_set, innermost_reason()));
  }
}

/// A few bytes of HDF5 can claim any extent: refuse what the memory cannot hold before asking for
/// it.
std::size_t Reader::count_that_fits(const std::string& data_set, const Shape& shape,
                                    std::size_t width) const {
  const double bytes = [&] {
    double product = static_cast<double>(width);
    for (const auto extent : shape) product *= static_cast<double>(extent);
    return product;
  }();
  const auto memory = static_cast<double>(host_memory_bytes());
  if (bytes > memory) {
    fault(m_path, fmt::format("{} has shape {}, which takes {:.1f} GB of memory; there are "
                              "{:.1f} GB",
                              data_set, shape_text(shape), bytes * 1e-9, memory * 1e-9));
  }
  return count_of(shape);
}

}  // namespace theria::hdf5
