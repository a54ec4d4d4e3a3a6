// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace theria {

/// A name that must not outlive the work on its file: unlinked at the end of the scope, and when
/// SIGHUP, SIGINT or SIGTERM ends the process (where these do what they do by default). The signals
/// know one such name at a time.
class HiddenName {
 public:
  explicit HiddenName(std::string path);
  ~HiddenName();
  HiddenName(const HiddenName&) = delete;
  HiddenName& operator=(const HiddenName&) = delete;

  const std::string& path() const { return m_path; }

  /// The file has another name now.
  void release();

 private:
  std::string m_path;  // empty: released
};

}  // namespace theria
