// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "src/io/hidden_name.hpp"

namespace theria {

/// What to do when the final name is taken at the moment a file is published.
enum class NameTaken { refuse, replace, number };

/// What an unfinished file is: without a name, where the file system has that, so that nothing is
/// left of it when the process is killed; else `.<name>.<pid>.tmp` in the same folder.
enum class Unfinished { nameless, named };

/// A file that appears whole or not at all: `publish` gives it its name. The destructor removes what
/// was not published. Every failure is an OutputError that names the file and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path, Unfinished unfinished = Unfinished::nameless);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);

  /// fsync, link or rename, fsync of the folder. Returns the name given: `path`, or with
  /// NameTaken::number the next free `<stem>-<n><extension>`, n >= 2.
  std::string publish(NameTaken when_taken);

 private:
  bool open_nameless();
  template <class Make>
  bool take_hidden_name(const Make& make);
  bool give_name(const std::string& name, bool replace);
  [[noreturn]] void fail(const std::string& what, int code) const;

  std::string m_path;
  std::optional<HiddenName> m_hidden;  // none while the file is nameless
  int m_descriptor = -1;
};

/// The folder a path lies in, "." for a bare name.
std::string folder_of(const std::string& path);

/// `<stem>-<number><extension>` beside `path`.
std::string numbered(const std::string& path, int number);

}  // namespace theria
