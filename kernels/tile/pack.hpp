// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/workspace.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/reduce.hpp"
#include "kernels/tile/source.hpp"

namespace theria::tile {

/// Which rows of a tensor a kernel may read, in one batch element.
enum class Axis { queries, keys };

/// Makes the Sources of one operator call. The host reads tensors where they lie.
template <class Space, class Element, class Visible>
class Packer {
 public:
  Packer(Workspace<Space>&, const Visible&, int /*b*/, int /*h*/, int /*depth*/) {}

  static std::size_t bytes(int, int, int, int, int) { return 0; }
  Source<Space, Element> add(const Array<const Element, 4>& x, Axis, int) { return {x}; }
  template <int Depth>
  void run(const std::string&, const Space&) const {}
};

#ifdef KOKKOS_ENABLE_CUDA

/// One tensor to be packed.
template <class Element>
struct PackJob {
  Array<const Element, 4> from;  // null: zeros
  Source<Cuda, Element> to;
  Axis axis;
};

/// All tensors of a call, and the first team of each.
template <class Element>
struct PackJobs {
  static constexpr int most = 8;
  PackJob<Element> job[most];
  int first_team[most + 1];
};

/// One team: one tile of one (b, h) of one tensor, into the format of the tensor cores. Each thread reads
/// its numbers once and holds them while their scale is found.
template <class Element, class Visible, int Depth>
struct PackKernel {
  using Scalar = ScalarOf<Element>;
  using Format = tile::Format<Cuda, Element>;
  static constexpr int warps = 8, threads = 32 * warps;
  static constexpr int pairs = scale_rows * Depth / 2 / threads;  // of a thread

  PackJobs<Element> jobs;
  Visible visible;  // which rows may be read: [first_row, end_row)(batch, axis)
  int heads;

  KOKKOS_FUNCTION void operator()(const Member<Cuda>& team) const {
    int which = 0;
    while (team.league_rank() >= jobs.first_team[which + 1]) ++which;
    const PackJob<Element>& j = jobs.job[which];
    const int index = team.league_rank() - jobs.first_team[which], tiles = j.to.tiles();
    const int first = index % tiles * scale_rows, bh = index / tiles, b = bh / heads,
              h = bh % heads;
    const int from = visible.first_row(b, j.axis) - first, to = visible.end_row(b, j.axis) - first;
    const int cols = j.from.data == nullptr ? 0 : static_cast<int>(j.from.extent[3]);
    const std::int64_t start = j.from.offset(b, h, first, 0);
    const std::int64_t row_stride = j.from.stride[2], col_stride = j.from.stride[3];
    const int thread = cuda::warp() * 32 + cuda::lane();
    const auto row_of = [&](int n) { return (n * threads + thread) / (Depth / 2); };
    const auto col_of = [&](int n) { return 2 * ((n * threads + thread) % (Depth / 2)); };

    Scalar x[pairs][2];
    j.from.with_memory([&](const auto& memory) {
      THERIA_UNROLL
      for (int n = 0; n < pairs; ++n) {
        const int row = row_of(n), col = col_of(n);
        const std::int64_t at = start + row * row_stride + col * col_stride;
        const bool valid = row >= from && row < to;
        x[n][0] = valid && col < cols ? Scalar(memory[at]) : Scalar(0);
        x[n][1] = valid && col + 1 < cols ? Scalar(memory[at + col_stride]) : Scalar(0);
      }
    });

    const int rows = j.to.rows - first < scale_rows ? j.to.rows - first : scale_rows;
    constexpr int pitch = Format::pitch(Depth);
    const std::int64_t plane = j.to.plane();
    auto* const out = j.to.data + bh * Format::planes * plane + std::int64_t(first) * pitch;
    if constexpr (Format::scaled) {
      const int one_each = threads;  // Kokkos takes it by reference
      float mine = 0, largest = 0;
      THERIA_UNROLL
      for (int n = 0; n < 2 * pairs; ++n) mine = Max()(mine, Kokkos::fabs(x[n / 2][n % 2]));
      Kokkos::parallel_reduce(
          Kokkos::TeamVectorRange(team, one_each),
          [&](int, float& most_so_far) { most_so_far = Max()(most_so_far, mine); },
          Kokkos::Max<float>(largest));
      const float scale = power_of_two_for(largest);
      // An infinity would leave nothing of its neighbours: it makes the tile NaN instead.
      if (thread == 0)
        j.to.inverse[index] =
            Kokkos::isfinite(largest) ? 1.f / scale : Kokkos::Experimental::quiet_NaN_v<float>;
      THERIA_UNROLL
      for (int n = 0; n < pairs; ++n) {
        std::uint32_t word[Format::planes];
        cuda::split(scale * x[n][0], scale * x[n][1], word);
        THERIA_UNROLL
        for (int p = 0; p < Format::planes; ++p)
          if (row_of(n) < rows)
            *reinterpret_cast<std::uint32_t*>(out + p * plane + row_of(n) * pitch + col_of(n)) =
                word[p];
      }
    } else {
      THERIA_UNROLL
      for (int n = 0; n < pairs; ++n) {
        if (row_of(n) >= rows) continue;
        out[row_of(n) * pitch + col_of(n)] = x[n][0];
        out[row_of(n) * pitch + col_of(n) + 1] = x[n][1];
      }
    }
  }
};

/// On CUDA one launch packs all tensors of a call into the workspace.
template <class Element, class Visible>
class Packer<Cuda, Element, Visible> {
 public:
  using Scalar = ScalarOf<Element>;
  using Format = tile::Format<Cuda, Element>;

  Packer(Workspace<Cuda>& workspace, const Visible& visible, int b, int h, int depth)
      : m_workspace(workspace),
        m_visible(visible),
        m_heads(h),
        m_depth(depth),
        m_matrices(std::size_t(b) * h) {}

  /// Of `count` tensors of `rows` rows.
  static std::size_t bytes(int b, int h, int rows, int depth, int count) {
    const PackedSize<Element> size{std::size_t(b) * h, rows, depth};
    return count * (Workspace<Cuda>::template bytes_for<Stored>(size.numbers()) +
                    Workspace<Cuda>::template bytes_for<Scalar>(size.scales()));
  }

  /// x may be null: zeros.
  Source<Cuda, Element> add(const Array<const Element, 4>& x, Axis axis, int rows) {
    const PackedSize<Element> size{m_matrices, rows, m_depth};
    Source<Cuda, Element> to;
    to.data = m_workspace.template take<Stored>(size.numbers());
    to.inverse = m_workspace.template take<Scalar>(size.scales());
    to.rows = size.whole_rows();
    to.pitch = Format::pitch(m_depth);
    m_jobs.job[m_count] = {x, to, axis};
    m_league += static_cast<std::int64_t>(size.scales());
    require_countable("theria::tile::pack", m_league);
    m_jobs.first_team[++m_count] = static_cast<int>(m_league);
    return to;
  }

  template <int Depth>
  void run(const std::string& label, const Cuda& space) const {
    if (m_league == 0) return;
    using Kernel = PackKernel<Element, Visible, Depth>;
    Kokkos::TeamPolicy<Cuda, Kokkos::LaunchBounds<Kernel::threads>> policy(
        space, static_cast<int>(m_league), Kernel::warps, 32);
    Kokkos::parallel_for(label,
                         Kokkos::Experimental::require(
                             policy, Kokkos::Experimental::WorkItemProperty::HintLightWeight),
                         Kernel{.jobs = m_jobs, .visible = m_visible, .heads = m_heads});
  }

 private:
  using Stored = typename Format::Stored;

  Workspace<Cuda>& m_workspace;
  Visible m_visible;
  int m_heads, m_depth;
  std::size_t m_matrices;
  PackJobs<Element> m_jobs{};
  std::int64_t m_league = 0;
  int m_count = 0;
};
#endif

}  // namespace theria::tile
