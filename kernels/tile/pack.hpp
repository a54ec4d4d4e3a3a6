// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/core/workspace.hpp"
#include "kernels/tile/launch.hpp"
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

/// One team: one tile of one (b, h) of one tensor, into the format of the tensor cores.
template <class Element, class Visible>
struct PackKernel {
  using Scalar = ScalarOf<Element>;
  using Format = tile::Format<Cuda, Element>;
  static constexpr int most = 8;

  PackJob<Element> job[most];
  int first_team[most + 1];  // of each job
  Visible visible;           // which rows may be read: [first_row, end_row)(batch, axis)
  int heads, depth, shift;   // depth = 2·2^shift

  KOKKOS_FUNCTION void operator()(const Member<Cuda>& team) const {
    int which = 0;
    while (team.league_rank() >= first_team[which + 1]) ++which;
    const PackJob<Element>& j = job[which];
    const int index = team.league_rank() - first_team[which], tiles = j.to.tiles();
    const int first = index % tiles * scale_rows, bh = index / tiles, b = bh / heads,
              h = bh % heads;
    const int rows = j.to.rows - first < scale_rows ? j.to.rows - first : scale_rows;
    const int from = visible.first_row(b, j.axis), to = visible.end_row(b, j.axis);
    const int cols = j.from.data == nullptr ? 0 : static_cast<int>(j.from.extent[3]);
    const std::int64_t start = j.from.offset(b, h, first, 0);
    const std::int64_t row_stride = j.from.stride[2], col_stride = j.from.stride[3];
    const auto read = [&](int row, int col) -> Scalar {
      const bool valid = first + row >= from && first + row < to && col < cols;
      return valid ? j.from.read(start + row * row_stride + col * col_stride) : Scalar(0);
    };
    const int pitch = Format::pitch(depth), pairs = depth / 2, count = rows * depth;
    const std::int64_t plane = j.to.plane();
    auto* const out = j.to.data + bh * Format::planes * plane + std::int64_t(first) * pitch;
    const auto all = Kokkos::TeamVectorRange(team, count / 2);
    if constexpr (Format::scaled) {
      float largest = 0;
      Kokkos::parallel_reduce(
          all,
          [&](int e, float& most_so_far) {
            const int row = e >> shift, col = 2 * (e & (pairs - 1));
            const float x = Kokkos::fabs(read(row, col)), y = Kokkos::fabs(read(row, col + 1));
            most_so_far = x > most_so_far ? x : most_so_far;
            most_so_far = y > most_so_far ? y : most_so_far;
          },
          Kokkos::Max<float>(largest));
      const float scale = power_of_two_for(largest);
      Kokkos::single(Kokkos::PerTeam(team), [&] {
        // An infinity would leave nothing of its neighbours: it makes the tile NaN instead.
        j.to.inverse[index] =
            Kokkos::isfinite(largest) ? 1.f / scale : Kokkos::Experimental::quiet_NaN_v<float>;
      });
      Kokkos::parallel_for(all, [&](int e) {
        const int row = e >> shift, col = 2 * (e & (pairs - 1));
        std::uint32_t word[Format::planes];
        cuda::split(scale * read(row, col), scale * read(row, col + 1), word);
        for (int p = 0; p < Format::planes; ++p)
          *reinterpret_cast<std::uint32_t*>(out + p * plane + row * pitch + col) = word[p];
      });
    } else {
      Kokkos::parallel_for(all, [&](int e) {
        const int row = e >> shift, col = 2 * (e & (pairs - 1));
        out[row * pitch + col] = read(row, col);
        out[row * pitch + col + 1] = read(row, col + 1);
      });
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
        m_kernel{.job = {},
                 .first_team = {},
                 .visible = visible,
                 .heads = h,
                 .depth = depth,
                 .shift = std::countr_zero(static_cast<unsigned>(depth)) - 1},
        m_matrices(std::size_t(b) * h) {}

  /// Of `count` tensors of `rows` rows.
  static std::size_t bytes(int b, int h, int rows, int depth, int count) {
    const PackedSize<Element> size{std::size_t(b) * h, rows, depth};
    return count * (Workspace<Cuda>::template bytes_for<Stored>(size.numbers()) +
                    Workspace<Cuda>::template bytes_for<Scalar>(size.scales()));
  }

  /// x may be null: zeros.
  Source<Cuda, Element> add(const Array<const Element, 4>& x, Axis axis, int rows) {
    const PackedSize<Element> size{m_matrices, rows, m_kernel.depth};
    Source<Cuda, Element> to;
    to.data = m_workspace.template take<Stored>(size.numbers());
    to.inverse = m_workspace.template take<Scalar>(size.scales());
    to.rows = size.whole_rows();
    to.pitch = Format::pitch(m_kernel.depth);
    m_kernel.job[m_jobs] = {x, to, axis};
    m_league += static_cast<std::int64_t>(size.scales());
    require_countable("theria::tile::pack", m_league);
    m_kernel.first_team[++m_jobs] = static_cast<int>(m_league);
    return to;
  }

  void run(const std::string& label, const Cuda& space) const {
    if (m_league == 0) return;
    Kokkos::TeamPolicy<Cuda, Kokkos::LaunchBounds<128>> policy(space, static_cast<int>(m_league), 4,
                                                               32);
    Kokkos::parallel_for(label,
                         Kokkos::Experimental::require(
                             policy, Kokkos::Experimental::WorkItemProperty::HintLightWeight),
                         m_kernel);
  }

 private:
  using Stored = typename Format::Stored;

  Workspace<Cuda>& m_workspace;
  PackKernel<Element, Visible> m_kernel;
  std::size_t m_matrices;
  std::int64_t m_league = 0;
  int m_jobs = 0;
};
#endif

}  // namespace theria::tile
