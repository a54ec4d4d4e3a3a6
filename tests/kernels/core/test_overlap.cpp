// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>
#include <set>

#include "kernels/core/overlap.hpp"

namespace theria::test {

/// The addresses of every element's first byte.
inline std::vector<std::uintptr_t> elements(const Footprint& f) {
  std::vector<std::uintptr_t> all{f.start};
  for (std::size_t axis = 0; axis < f.extent.size(); ++axis) {
    std::vector<std::uintptr_t> next;
    for (const std::uintptr_t base : all)
      for (std::int64_t n = 0; n < f.extent[axis]; ++n)
        next.push_back(base + static_cast<std::uintptr_t>(n * f.stride[axis]));
    all = next;
  }
  return f.start == 0 ? std::vector<std::uintptr_t>{} : all;
}

/// The same questions by looking at every element.
inline bool shares(const Footprint& f, const Footprint& g) {
  const auto of_g = elements(g);
  const std::set<std::uintptr_t> taken(of_g.begin(), of_g.end());
  for (const std::uintptr_t at : elements(f))
    if (taken.count(at) != 0) return true;
  return false;
}
inline bool repeats(const Footprint& f) {
  const auto all = elements(f);
  return std::set<std::uintptr_t>(all.begin(), all.end()).size() != all.size();
}

class Drawer {
 public:
  Footprint draw() {
    Footprint f{.start = 4096 + 8 * below(40), .element = 8, .extent = {}, .stride = {}};
    for (int axis = 0; axis < 3; ++axis) {
      f.extent.push_back(static_cast<std::int64_t>(1 + below(4)));
      f.stride.push_back(static_cast<std::int64_t>(8 * below(14)));
    }
    return f;
  }
  std::uintptr_t below(std::uintptr_t n) { return m_engine() % n; }

 private:
  std::mt19937 m_engine{5};
};

TEST_CASE("overlaps_itself never misses a repeated element") {
  Drawer drawer;
  int repeated = 0, found = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    const Footprint f = drawer.draw();
    repeated += repeats(f) ? 1 : 0;
    found += overlaps_itself(f) ? 1 : 0;
    if (repeats(f)) REQUIRE(overlaps_itself(f));
  }
  CHECK(repeated > 500);  // the draw has both kinds
  CHECK(found < 4000);
}

TEST_CASE("overlap never misses a shared element, and is exact for equal strides") {
  Drawer drawer;
  int shared = 0, apart = 0;
  for (int trial = 0; trial < 4000; ++trial) {
    const Footprint f = drawer.draw();
    Footprint g = drawer.draw();
    const bool equal_strides = trial % 2 == 0;
    if (equal_strides) g.stride = f.stride;
    const bool truth = shares(f, g);
    (truth ? shared : apart) += 1;
    INFO("trial ", trial);
    if (truth) REQUIRE(overlap(f, g));
    REQUIRE(overlap(f, g) == overlap(g, f));
    // A stride of 0 beside others is where the search takes the cautious way out.
    const bool zero = f.stride[0] * f.stride[1] * f.stride[2] == 0;
    if (equal_strides && !zero && f.extent == g.extent) REQUIRE(overlap(f, g) == truth);
  }
  CHECK(shared > 500);
  CHECK(apart > 500);
}

TEST_CASE("tensors interleaved in one buffer do not overlap") {
  // (b,t,3,h,d) with b 2, t 5, h 3, d 4, seen as three of (b,h,t,d).
  const auto part = [](std::uintptr_t p) {
    return Footprint{.start = 4096 + 8 * 12 * p,
                     .element = 8,
                     .extent = {2, 3, 5, 4},
                     .stride = {8 * 180, 8 * 4, 8 * 36, 8}};
  };
  CHECK_FALSE(overlap(part(0), part(1)));
  CHECK_FALSE(overlap(part(0), part(2)));
  CHECK(overlap(part(1), part(1)));
  CHECK_FALSE(overlaps_itself(part(0)));
}

TEST_CASE("what holds nothing overlaps nothing") {
  const Footprint full{.start = 4096, .element = 8, .extent = {4}, .stride = {8}};
  const Footprint none{.start = 4096, .element = 8, .extent = {0}, .stride = {8}};
  const Footprint null{};
  CHECK(none.empty());
  CHECK(null.empty());
  CHECK_FALSE(overlap(full, none));
  CHECK_FALSE(overlap(full, null));
  CHECK_FALSE(overlaps_itself(none));
}

TEST_CASE("a footprint ends behind its last element") {
  const Footprint f{.start = 4096, .element = 8, .extent = {2, 3}, .stride = {80, 16}};
  CHECK(f.end() == 4096 + 80 + 32 + 8);
  const Footprint next{.start = f.end(), .element = 8, .extent = {2}, .stride = {8}};
  CHECK_FALSE(overlap(f, next));
}

TEST_CASE("an element partly inside another overlaps it") {
  const Footprint f{.start = 4096, .element = 8, .extent = {2}, .stride = {16}};
  const Footprint g{.start = 4100, .element = 8, .extent = {2}, .stride = {16}};
  CHECK(overlap(f, g));
}

}  // namespace theria::test
