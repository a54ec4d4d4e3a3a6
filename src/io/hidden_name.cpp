// SPDX-License-Identifier: Apache-2.0
#include "src/io/hidden_name.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <utility>

namespace theria {

namespace {

std::atomic<const char*> doomed = nullptr;
static_assert(std::atomic<const char*>::is_always_lock_free);

extern "C" void unlink_and_end(int number) {
  if (const char* path = doomed.load()) ::unlink(path);
  ::raise(number);  // the default action, by SA_RESETHAND, as soon as this returns
}

using Action = void (*)(int);

/// What does `from` does `to`: a signal that is ignored or handled by somebody else stays as it is.
void exchange(Action from, Action to) {
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != from) continue;
    action.sa_handler = to;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace

HiddenName::HiddenName(std::string path) : m_path(std::move(path)) {
  const char* none = nullptr;
  if (doomed.compare_exchange_strong(none, m_path.c_str())) exchange(SIG_DFL, unlink_and_end);
}

HiddenName::~HiddenName() {
  if (m_path.empty()) return;
  ::unlink(m_path.c_str());
  release();
}

void HiddenName::release() {
  const char* own = m_path.c_str();
  if (doomed.compare_exchange_strong(own, nullptr)) exchange(unlink_and_end, SIG_DFL);
  m_path.clear();
}

}  // namespace theria
