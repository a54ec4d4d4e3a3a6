// SPDX-License-Identifier: Apache-2.0
#include "src/io/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "src/core/error.hpp"

namespace theria {

namespace {

constexpr int most_names = 10000;

// Some file systems know no renameat2: there link and unlink give the same promise.
bool rename_to_free_name(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  if (::link(from.c_str(), to.c_str()) != 0) return false;
  ::unlink(from.c_str());
  return true;
}

/// Gives the nameless file `descriptor` a name that is free.
bool link_descriptor(int descriptor, const std::string& name) {
  const auto file = fmt::format("/proc/self/fd/{}", descriptor);
  return ::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
}

}  // namespace

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

std::string numbered(const std::string& path, int number) {
  const std::filesystem::path name(path);
  const auto file = fmt::format("{}-{}{}", name.stem().string(), number, name.extension().string());
  return (name.parent_path() / file).string();
}

AtomicFile::AtomicFile(const std::string& path, Unfinished unfinished) : m_path(path) {
  if (unfinished == Unfinished::nameless && open_nameless()) return;
  const bool created = take_hidden_name([&](const std::string& name) {
    m_descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return m_descriptor >= 0;
  });
  if (!created) fail(fmt::format("cannot create a file in {}", folder_of(path)), errno);
}

AtomicFile::~AtomicFile() {
  if (m_descriptor >= 0) ::close(m_descriptor);
}

/// False where the folder's file system makes no nameless files, or would not let them have a name
/// later: that a first one shows, since a finished file must not fail for it.
bool AtomicFile::open_nameless() {
  const auto open = [&] {
    return ::open(folder_of(m_path).c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  };
  const int first = open();
  if (first < 0) return false;
  const bool can_be_named =
      take_hidden_name([&](const std::string& name) { return link_descriptor(first, name); });
  m_hidden.reset();
  ::close(first);
  if (can_be_named) m_descriptor = open();
  return m_descriptor >= 0;
}

/// Whether `make` could make `.<name>.<pid>.tmp`. Two machines on one shared folder can have the
/// same process number: where it is taken, the name gets a number.
template <class Make>
bool AtomicFile::take_hidden_name(const Make& make) {
  const std::filesystem::path target(m_path);
  for (int attempt = 0; attempt < most_names; ++attempt) {
    const auto suffix = attempt == 0 ? std::string() : fmt::format("-{}", attempt);
    const auto hidden = fmt::format(".{}.{}{}.tmp", target.filename().string(), ::getpid(), suffix);
    const auto name = (target.parent_path() / hidden).string();
    m_hidden.emplace(name);  // first, so that no signal finds a file whose name it does not know
    if (make(name)) return true;
    const int code = errno;
    m_hidden->release();
    m_hidden.reset();
    errno = code;
    if (code != EEXIST) break;
  }
  return false;
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(m_descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

std::string AtomicFile::publish(NameTaken when_taken) {
  if (::fsync(m_descriptor) != 0) fail("cannot write", errno);
  std::string name = m_path;
  for (int number = 2; !give_name(name, when_taken == NameTaken::replace); ++number) {
    const bool give_up = when_taken == NameTaken::refuse || number > most_names;
    if (give_up) fail("was created by another program meanwhile; nothing is overwritten", EEXIST);
    name = numbered(m_path, number);
  }
  if (m_hidden) m_hidden->release();

  // Without this a power loss could forget the name; a folder that cannot be synced is no failure.
  const int folder = ::open(folder_of(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return name;
}

/// False when the name is taken and must not be replaced.
bool AtomicFile::give_name(const std::string& name, bool replace) {
  const auto link = [&](const std::string& to) { return link_descriptor(m_descriptor, to); };
  bool done = !m_hidden && link(name);
  // Only a rename replaces, and only a name can be renamed.
  const bool can_rename =
      m_hidden || (!done && errno == EEXIST && replace && take_hidden_name(link));
  if (can_rename) {
    done = replace ? ::rename(m_hidden->path().c_str(), name.c_str()) == 0
                   : rename_to_free_name(m_hidden->path(), name);
  }
  if (!done && (errno != EEXIST || replace)) fail("cannot give the finished file its name", errno);
  return done;
}

void AtomicFile::fail(const std::string& what, int code) const {
  throw OutputError(fmt::format("{}: {}: {}", m_path, what, std::strerror(code)));
}

}  // namespace theria
