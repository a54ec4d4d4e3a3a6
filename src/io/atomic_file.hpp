// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace theria {

/// What to do when the final name is taken at the moment a file is published.
enum class NameTaken { refuse, replace, number };

/// A file that appears whole or not at all: bytes go to `.<name>.<pid>.tmp` in the same folder, and
/// `publish` gives it its name. The destructor removes what was not published.
/// Every failure is an OutputError that names the file and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);

  /// fsync, close, rename, fsync of the folder. Returns the name given: `path`, or with
  /// NameTaken::number the next free `<stem>-<n><extension>`, n >= 2.
  std::string publish(NameTaken when_taken);

 private:
  bool give_name(const std::string& name, bool replace);
  [[noreturn]] void fail(const std::string& what, int code) const;

  std::string m_path;
  std::string m_temporary;
  int m_descriptor = -1;
};

/// The folder a path lies in, "." for a bare name.
std::string folder_of(const std::string& path);

/// `<stem>-<number><extension>` beside `path`.
std::string numbered(const std::string& path, int number);

}  // namespace theria
