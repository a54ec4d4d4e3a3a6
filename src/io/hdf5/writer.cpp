// SPDX-License-Identifier: Apache-2.0
#include "src/io/hdf5/writer.hpp"

#include <fmt/format.h>
#include <hdf5_hl.h>
#include <unistd.h>

#include <functional>
#include <numeric>

#include "src/core/error.hpp"
#include "src/io/hdf5/reason.hpp"
#include "src/io/hdf5/text_type.hpp"

namespace theria::hdf5 {

namespace {

constexpr std::size_t memory_growth = std::size_t{1} << 20;

Handle create_in_memory(const std::string& path) {
  silence_error_stack();
  // HDF5 reads a file of the given name even for one in memory: give it a name that is free.
  const auto name = fmt::format("{}.{}.memory", path, ::getpid());
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access.id(), memory_growth, false);
  return {H5Fcreate(name.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()), H5Fclose};
}

std::string sibling(const std::string& path, const std::string& name) {
  return path.substr(0, path.rfind('/') + 1) + name;
}

template <class T>
hid_t native_type() {
  if constexpr (std::is_same_v<T, float>) {
    return H5T_NATIVE_FLOAT;
  } else {
    return H5T_NATIVE_DOUBLE;
  }
}

}  // namespace

Writer::Writer(std::string path) : m_path(std::move(path)), m_file(create_in_memory(m_path)) {
  check(m_file.valid(), "/");
}

void Writer::scale(const DataSet& what, std::size_t extent) {
  std::vector<std::int64_t> values(extent);
  std::iota(values.begin(), values.end(), std::int64_t{0});
  scale(what, values);
}

void Writer::scale(const DataSet& what, std::span<const std::int64_t> values) {
  const auto data = create(what, H5T_STD_I64LE, {values.size()});
  check(H5Dwrite(data.id(), H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0,
        what.path);
  const auto name = what.path.substr(what.path.rfind('/') + 1);
  check(H5DSset_scale(data.id(), name.c_str()) >= 0, what.path);
}

void Writer::write(const DataSet& what, const Tensor& tensor) {
  const auto expected = extents(what);
  if (!std::equal(expected.begin(), expected.end(), tensor.shape.begin(), tensor.shape.end())) {
    throw std::logic_error(fmt::format("{}: shape differs from its axes", what.path));
  }
  std::visit(
      [&]<class T>(const std::vector<T>& values) {
        write(what, native_type<T>(), values.data(), values.size());
      },
      tensor.values);
}

void Writer::write(const DataSet& what, std::span<const double> values) {
  write(what, H5T_NATIVE_DOUBLE, values.data(), values.size());
}

void Writer::write(const DataSet& what, std::span<const std::int32_t> values) {
  write(what, H5T_NATIVE_INT32, values.data(), values.size());
}

void Writer::write(const DataSet& what, std::span<const std::int64_t> values) {
  write(what, H5T_NATIVE_INT64, values.data(), values.size());
}

void Writer::text(const std::string& path, const std::string& value, const std::string& long_name) {
  const auto type = text_type();
  const auto data = create({.path = path, .long_name = long_name, .units = {}}, type.id(), {});
  const char* pointer = value.c_str();
  check(H5Dwrite(data.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &pointer) >= 0, path);
}

void Writer::attribute(const std::string& object, const std::string& name, std::string_view value) {
  const auto type = text_type();
  const std::string terminated(value);
  const char* pointer = terminated.c_str();
  attribute(object, name, type.id(), &pointer);
}

void Writer::attribute(const std::string& object, const std::string& name, std::uint64_t value) {
  attribute(object, name, H5T_NATIVE_UINT64, &value);
}

void Writer::attribute(const std::string& object, const std::string& name, std::int32_t value) {
  attribute(object, name, H5T_NATIVE_INT32, &value);
}

void Writer::attribute(const std::string& object, const std::string& name, double value) {
  attribute(object, name, H5T_NATIVE_DOUBLE, &value);
}

std::string Writer::commit(NameTaken when_taken) {
  check(H5Fflush(m_file.id(), H5F_SCOPE_GLOBAL) >= 0, "/");
  const auto size = H5Fget_file_image(m_file.id(), nullptr, 0);
  check(size > 0, "/");
  std::vector<std::byte> image(static_cast<std::size_t>(size));
  check(H5Fget_file_image(m_file.id(), image.data(), image.size()) == size, "/");
  m_file = Handle(-1, H5Fclose);

  AtomicFile file(m_path);
  file.write(image);
  return file.publish(when_taken);
}

Handle Writer::create(const DataSet& what, hid_t file_type, const std::vector<hsize_t>& extents) {
  const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_create_intermediate_group(links.id(), 1);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  // Equal results make equal bytes: no time of writing inside.
  H5Pset_obj_track_times(creation.id(), false);
  const Handle space(
      extents.empty() ? H5Screate(H5S_SCALAR)
                      : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
      H5Sclose);
  Handle data(H5Dcreate2(m_file.id(), what.path.c_str(), file_type, space.id(), links.id(),
                         creation.id(), H5P_DEFAULT),
              H5Dclose);
  check(data.valid(), what.path);
  if (!what.units.empty()) attribute(what.path, "units", what.units);
  if (!what.long_name.empty()) attribute(what.path, "long_name", what.long_name);
  return data;
}

void Writer::write(const DataSet& what, hid_t memory_type, const void* values, std::size_t count) {
  const auto sizes = extents(what);
  const auto expected = std::accumulate(sizes.begin(), sizes.end(), hsize_t{1}, std::multiplies{});
  if (expected != count) {
    throw std::logic_error(fmt::format("{}: {} values for its axes", what.path, count));
  }
  const auto data = create(what, memory_type, sizes);
  check(H5Dwrite(data.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0, what.path);
  for (unsigned axis = 0; axis < what.axes.size(); ++axis) {
    const auto name = sibling(what.path, what.axes[axis]);
    const Handle scale(H5Dopen2(m_file.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
    check(H5DSattach_scale(data.id(), scale.id(), axis) >= 0, what.path);
  }
}

void Writer::attribute(const std::string& object, const std::string& name, hid_t type,
                       const void* value) {
  const Handle target(H5Oopen(m_file.id(), object.c_str(), H5P_DEFAULT), H5Oclose);
  check(target.valid(), object);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      H5Acreate2(target.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  check(attribute.valid() && H5Awrite(attribute.id(), type, value) >= 0, object);
}

/// The extents of the axes, read from their scales.
std::vector<hsize_t> Writer::extents(const DataSet& what) const {
  std::vector<hsize_t> extents;
  for (const auto& axis : what.axes) {
    const auto name = sibling(what.path, axis);
    const Handle scale(H5Dopen2(m_file.id(), name.c_str(), H5P_DEFAULT), H5Dclose);
    check(scale.valid(), name);
    const Handle space(H5Dget_space(scale.id()), H5Sclose);
    extents.push_back(static_cast<hsize_t>(H5Sget_simple_extent_npoints(space.id())));
  }
  return extents;
}

void Writer::check(bool good, const std::string& object) const {
  if (!good) {
    throw OutputError(fmt::format("{}: cannot make {}: {}", m_path, object, innermost_reason()));
  }
}

}  // namespace theria::hdf5
