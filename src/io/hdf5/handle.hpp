// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hdf5.h>

#include <utility>

namespace theria::hdf5 {

/// Owns one HDF5 identifier and closes it with the function of its kind.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle(hid_t id, Close close) : m_id(id), m_close(close) {}
  Handle(Handle&& other) noexcept : m_id(std::exchange(other.m_id, -1)), m_close(other.m_close) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(m_id, other.m_id);
    std::swap(m_close, other.m_close);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (valid()) m_close(m_id);
  }

  bool valid() const { return m_id >= 0; }
  hid_t id() const { return m_id; }

 private:
  hid_t m_id;
  Close m_close;
};

}  // namespace theria::hdf5
