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
#include <utility>

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

AtomicFile::AtomicFile(const std::string& path) : m_path(path) {
  const std::filesystem::path target(path);
  // Two machines on one shared folder can have the same process number.
  for (int attempt = 0; attempt < most_names && m_descriptor < 0; ++attempt) {
    const auto suffix = attempt == 0 ? std::string() : fmt::format("-{}", attempt);
    const auto hidden = fmt::format(".{}.{}{}.tmp", target.filename().string(), ::getpid(), suffix);
    m_temporary = (target.parent_path() / hidden).string();
    m_descriptor = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (m_descriptor < 0 && errno != EEXIST) break;
  }
  if (m_descriptor < 0) {
    const int code = errno;
    m_temporary.clear();
    fail(fmt::format("cannot create a file in {}", folder_of(path)), code);
  }
}

AtomicFile::~AtomicFile() {
  if (m_descriptor >= 0) ::close(m_descriptor);
  if (!m_temporary.empty()) ::unlink(m_temporary.c_str());
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
  if (::close(std::exchange(m_descriptor, -1)) != 0) fail("cannot write", errno);

  std::string name = m_path;
  for (int number = 2; !give_name(name, when_taken == NameTaken::replace); ++number) {
    const bool give_up = when_taken == NameTaken::refuse || number > most_names;
    if (give_up) fail("was created by another program meanwhile; nothing is overwritten", EEXIST);
    name = numbered(m_path, number);
  }
  m_temporary.clear();

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
  const bool done = replace ? ::rename(m_temporary.c_str(), name.c_str()) == 0
                            : rename_to_free_name(m_temporary, name);
  if (!done && errno != EEXIST) fail("cannot give the finished file its name", errno);
  return done;
}

void AtomicFile::fail(const std::string& what, int code) const {
  throw OutputError(fmt::format("{}: {}: {}", m_path, what, std::strerror(code)));
}

}  // namespace theria
