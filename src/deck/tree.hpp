// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/deck/faults.hpp"

namespace theria {

struct TreeEntry;

/// A YAML value with its place. Scalars keep their text: only the schema knows what they mean.
struct TreeNode {
  enum class Kind { null, scalar, map, list };
  Kind kind = Kind::null;
  Place place{};
  std::string text{};              // of a scalar
  bool quoted = false;             // a scalar in quotes or a block: text, never a number
  std::vector<TreeEntry> entries;  // of a map, in order, duplicates and all
};

struct TreeEntry {
  TreeNode key;
  TreeNode value;
};

/// The tree of the one YAML document in `text`, built from yaml-cpp's events and never deeper than
/// a deck may be. Broken syntax, anchors, aliases, tags, further documents and deeper nesting are
/// faults; the items of a list are dropped, since no key takes one.
TreeNode read_tree(const std::string& text, FaultList& faults);

}  // namespace theria
