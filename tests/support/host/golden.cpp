// SPDX-License-Identifier: Apache-2.0
#include "tests/support/host/golden.hpp"

#include "src/io/hdf5/reader.hpp"
#include "tests/support/source_path.hpp"

namespace theria::test {

GoldenFile::GoldenFile(const std::string& name)
    : m_file(std::make_shared<hdf5::Reader>(source_path("tests/golden/" + name))) {}

std::vector<std::string> GoldenFile::names(const std::string& group, bool groups) const {
  std::vector<std::string> found;
  for (const auto& [name, kind] : m_file->members(group))
    if ((kind == hdf5::MemberKind::group) == groups) found.push_back(name);
  return found;
}

std::vector<std::string> GoldenFile::groups(const std::string& group) const {
  return names(group, true);
}
std::vector<std::string> GoldenFile::data_sets(const std::string& group) const {
  return names(group, false);
}
bool GoldenFile::has(const std::string& object) const { return m_file->has(object); }

Tensor GoldenFile::tensor(const std::string& data_set) const { return m_file->floats(data_set); }

std::vector<double> GoldenFile::values(const std::string& data_set) const {
  return std::get<std::vector<double>>(tensor(data_set).values);
}
std::vector<std::int64_t> GoldenFile::integers(const std::string& data_set) const {
  return m_file->integers(data_set).values;
}
std::vector<std::size_t> GoldenFile::shape(const std::string& data_set) const {
  return m_file->shape(data_set);
}

double GoldenFile::number(const std::string& object, const std::string& attribute) const {
  return m_file->number_attribute(object, attribute).value();
}
std::string GoldenFile::text(const std::string& object, const std::string& attribute) const {
  return m_file->text_attribute(object, attribute).value();
}

}  // namespace theria::test
