// SPDX-License-Identifier: Apache-2.0
#include "src/io/hdf5/kinds.hpp"

#include <fmt/format.h>
#include <hdf5_hl.h>

#include "src/io/hdf5/handle.hpp"

namespace theria::hdf5 {

std::string type_name_of(hid_t type) {
  const auto bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return fmt::format("float{}", bits);
    case H5T_INTEGER:
      return fmt::format("{}int{}", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_STRING:
      return "text";
    case H5T_COMPOUND:
      return "compound";
    case H5T_ENUM:
      return "enumeration";
    case H5T_ARRAY:
      return "array";
    case H5T_REFERENCE:
      return "reference";
    case H5T_VLEN:
      return "ragged";
    default:
      return "opaque";
  }
}

MemberKind kind_of(hid_t file, const std::string& object) {
  const Handle opened(H5Oopen(file, object.c_str(), H5P_DEFAULT), H5Oclose);
  if (!opened.valid()) return MemberKind::other;  // a dangling link
  switch (H5Iget_type(opened.id())) {
    case H5I_GROUP:
      return MemberKind::group;
    case H5I_DATASET:
      return H5DSis_scale(opened.id()) > 0 ? MemberKind::scale : MemberKind::data_set;
    default:
      return MemberKind::other;
  }
}

}  // namespace theria::hdf5
