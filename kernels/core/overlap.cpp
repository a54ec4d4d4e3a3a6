// SPDX-License-Identifier: Apache-2.0
#include "kernels/core/overlap.hpp"

#include <algorithm>
#include <numeric>

namespace theria {
namespace {

struct Axis {
  std::int64_t stride, extent;
};

/// The axes that matter, longest stride first.
std::vector<Axis> sorted_axes(const Footprint& f) {
  std::vector<Axis> axes;
  for (std::size_t a = 0; a < f.extent.size(); ++a)
    if (f.extent[a] > 1) axes.push_back({f.stride[a], f.extent[a]});
  std::sort(axes.begin(), axes.end(),
            [](const Axis& x, const Axis& y) { return x.stride > y.stride; });
  return axes;
}

/// Whether offset + Σ n_a stride_a can come within (−element, element) for |n_a| < extent_a.
bool reachable(std::int64_t offset, const std::vector<Axis>& axes, std::size_t axis,
               std::int64_t element) {
  if (axis == axes.size()) return std::abs(offset) < element;
  std::int64_t reach = element - 1;  // of the shorter strides, together
  for (std::size_t a = axis + 1; a < axes.size(); ++a)
    reach += axes[a].stride * (axes[a].extent - 1);
  const auto [stride, extent] = axes[axis];
  if (stride == 0) return true;
  const std::int64_t near = offset / stride;
  const std::int64_t spread = reach / stride + 1;
  for (std::int64_t n = near - spread; n <= near + spread; ++n)
    if (std::abs(n) < extent && reachable(offset - n * stride, axes, axis + 1, element))
      return true;
  return false;
}

}  // namespace

bool Footprint::empty() const {
  return start == 0 || std::any_of(extent.begin(), extent.end(), [](auto e) { return e == 0; });
}

std::uintptr_t Footprint::end() const {
  std::int64_t last = element;
  for (std::size_t a = 0; a < extent.size(); ++a) last += stride[a] * (extent[a] - 1);
  return start + static_cast<std::uintptr_t>(last);
}

bool overlaps_itself(const Footprint& f) {
  if (f.empty()) return false;
  // Nested strides: each steps over all that the shorter ones reach.
  std::int64_t reach = f.element;
  const std::vector<Axis> axes = sorted_axes(f);
  for (auto axis = axes.rbegin(); axis != axes.rend(); ++axis) {
    if (axis->stride < reach) return true;
    reach = axis->stride * (axis->extent - 1) + reach;
  }
  return false;
}

bool overlap(const Footprint& f, const Footprint& g) {
  if (f.empty() || g.empty()) return false;
  if (f.end() <= g.start || g.end() <= f.start) return false;
  if (f.stride != g.stride) return true;
  Footprint hull = f;  // |difference of two indices| < the longer extent
  for (std::size_t a = 0; a < hull.extent.size(); ++a)
    hull.extent[a] = std::max(f.extent[a], g.extent[a]);
  const auto offset = static_cast<std::int64_t>(g.start - f.start);
  return reachable(offset, sorted_axes(hull), 0, std::max(f.element, g.element));
}

}  // namespace theria
