// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <string>

namespace theria::hdf5 {

/// What a name in a group stands for; a `scale` is a data set that only describes an axis.
enum class MemberKind { group, data_set, scale, other };

/// `other` also for a link that leads nowhere.
MemberKind kind_of(hid_t file, const std::string& object);

/// "float32", "int64", "text", "compound", …: as NumPy calls it where it can.
std::string type_name_of(hid_t type);

}  // namespace theria::hdf5
