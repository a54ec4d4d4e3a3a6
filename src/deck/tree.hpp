// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/deck/faults.hpp"

namespace theria {

struct TreeEntry;

/// A YAML value with its place. Scalars keep their text: only the schema knows what they mean.
struct TreeNode {
  enum class Kind { null, scalar, map, list, alias };
  Kind kind = Kind::null;
  Place place{};
  std::string text{};                // of a scalar
  bool quoted = false;               // a scalar in quotes or a block: text, never a number
  std::vector<TreeEntry> entries{};  // of a map, in order, duplicates and all
};

struct TreeEntry {
  TreeNode key;
  TreeNode value;
};

/// The tree of the one YAML document in `text`, built from yaml-cpp's events and never deeper than
/// a deck may be. Anchors, aliases, tags and a further document are faults; the items of a list are
/// dropped, since no key takes one. Throws DeckError where the tree breaks off: broken syntax, an
/// open quote, deeper nesting. What is only missing from such a tree is nobody's fault.
TreeNode read_tree(const std::string& text, FaultList& faults);

}  // namespace theria
