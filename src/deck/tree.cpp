// SPDX-License-Identifier: Apache-2.0
#include "src/deck/tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cstddef>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include "src/deck/text.hpp"

namespace theria {

namespace {

constexpr std::size_t deepest = 8;  // a deck needs 2
constexpr const char* no_anchors = "theria decks have no anchors or aliases; write the value out";

/// Thrown out of the parser to end it: after the deck's document, or in the midst of it.
struct NextDocument : std::exception {};
struct BrokenOff : std::exception {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& text, FaultList& faults)
      : m_text(text), m_lines(text), m_faults(faults) {}

  TreeNode root() && { return std::move(m_root); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (m_documents++ == 0) return;
    m_faults.add(place(mark), "the deck ends before this; a deck is one YAML document");
    throw NextDocument();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_anchor(mark, anchor);
    close({.kind = TreeNode::Kind::null, .place = place(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    m_faults.add(place(mark), no_anchors);
    close({.kind = TreeNode::Kind::alias, .place = place(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_anchor(mark, anchor);
    const bool tagged = check_tag(mark, tag);
    check_quote(mark);
    close({.kind = TreeNode::Kind::scalar,
           .place = place(mark),
           .text = value,
           .quoted = !tagged && tag != "?"});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, TreeNode::Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, TreeNode::Kind::map);
  }
  void OnSequenceEnd() override { close_collection(); }
  void OnMapEnd() override { close_collection(); }

  Place place(const YAML::Mark& mark) {
    return mark.is_null() ? Place{} : m_lines.place(mark.line, mark.column);
  }

 private:
  struct Open {
    TreeNode node;
    std::optional<TreeNode> key{};  // of the entry whose value comes next
  };

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            TreeNode::Kind kind) {
    check_anchor(mark, anchor);
    check_tag(mark, tag);
    if (m_open.size() == deepest) {
      m_faults.add(place(mark),
                   fmt::format("nested deeper than {} levels; a deck needs 2", deepest));
      throw BrokenOff();
    }
    m_open.push_back({.node = {.kind = kind, .place = place(mark)}});
  }

  void close_collection() {
    TreeNode node = std::move(m_open.back().node);
    m_open.pop_back();
    close(std::move(node));
  }

  void close(TreeNode node) {
    if (m_open.empty()) {
      m_root = std::move(node);
      return;
    }
    Open& parent = m_open.back();
    if (parent.node.kind == TreeNode::Kind::list) return;
    if (!parent.key) {
      parent.key = std::move(node);
      return;
    }
    parent.node.entries.push_back({std::move(*parent.key), std::move(node)});
    parent.key.reset();
  }

  void check_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      m_faults.add(place(mark), no_anchors);
    }
  }

  /// Whether there is a tag. yaml-cpp says "?" for a plain value and "!" for a quoted one, but also
  /// for the tag "!" itself.
  bool check_tag(const YAML::Mark& mark, const std::string& tag) {
    const std::size_t byte = m_lines.offset(mark.line, mark.column);
    const bool written = byte < m_text.size() && m_text[byte] == '!';
    if (tag.empty() || tag == "?" || (tag == "!" && !written)) return false;
    m_faults.add(place(mark),
                 "theria decks have no tags (\"!…\"); the schema knows every key's type");
    return true;
  }

  /// yaml-cpp lets the end of the file close a quote after a line break.
  void check_quote(const YAML::Mark& mark) {
    std::size_t byte = m_lines.offset(mark.line, mark.column);
    const char quote = byte < m_text.size() ? m_text[byte] : '\0';
    if (quote != '"' && quote != '\'') return;
    for (++byte; byte < m_text.size() && m_text[byte] != quote; ++byte) {
      if (quote == '"' && m_text[byte] == '\\') ++byte;
    }
    if (byte < m_text.size()) return;
    m_faults.add(place(mark), "the quote that opens here is never closed");
    throw BrokenOff();
  }

  const std::string& m_text;
  LineIndex m_lines;
  FaultList& m_faults;
  int m_documents = 0;
  std::vector<Open> m_open;
  TreeNode m_root;
};

/// yaml-cpp's messages, for people who do not write YAML parsers.
std::string plain_words(const std::string& message) {
  namespace Yaml = YAML::ErrorMsg;
  if (message == Yaml::UNKNOWN_ANCHOR) return no_anchors;
  const std::pair<const char*, const char*> table[] = {
      {Yaml::MAP_VALUE,
       "a \":\" where no key can be; check the indentation, quote texts with \":\""},
      {Yaml::END_OF_MAP, "this does not continue the map above; check the indentation and quotes"},
      {Yaml::END_OF_MAP_FLOW, "a \"{\" is not closed before this"},
      {Yaml::END_OF_SEQ_FLOW, "a \"[\" is not closed before this"},
      {Yaml::EOF_IN_SCALAR, "a quote is not closed before this"},
      {Yaml::FLOW_END, "this bracket closes nothing"},
      {Yaml::BLOCK_ENTRY, "a list (\"- …\") cannot be here"},
      {Yaml::UNKNOWN_TOKEN, "no value starts with this character; put the value in quotes"},
  };
  for (const auto& [theirs, ours] : table) {
    if (message == theirs) return std::string("not valid YAML: ") + ours;
  }
  return "not valid YAML: " + message;
}

}  // namespace

TreeNode read_tree(const std::string& text, FaultList& faults) {
  TreeBuilder builder(text, faults);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const NextDocument&) {
  } catch (const BrokenOff&) {
    faults.throw_if_any();
  } catch (const YAML::Exception& error) {
    faults.add(builder.place(error.mark), plain_words(error.msg));
    faults.throw_if_any();
  }
  return std::move(builder).root();
}

}  // namespace theria
