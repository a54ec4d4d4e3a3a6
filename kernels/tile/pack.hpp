// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/core/workspace.hpp"
#include "kernels/tile/cuda/words.hpp"
#include "kernels/tile/eight.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/reduce.hpp"
#include "kernels/tile/scratch.hpp"
#include "kernels/tile/source.hpp"

namespace theria::tile {

/// Which rows of a tensor a kernel may read, in one batch element.
enum class Axis { queries, keys };

/// Makes the Sources of one operator call. The host reads tensors where they lie.
template <class Space, class Element, class Visible>
class Packer {
 public:
  Packer(Workspace<Space>&, const Visible&, int /*b*/, int /*h*/, int /*depth*/) {}

  static std::size_t bytes(const Array<const Element, 4>&, int, int, int, int) { return 0; }
  Source<Space, Element> add(const Array<const Element, 4>& x, Axis, int) { return {x}; }
  template <int Depth>
  void run(const std::string&, const Space&) const {}
};

#ifdef KOKKOS_ENABLE_CUDA

/// One tensor to be packed.
template <class Element>
struct PackJob {
  Array<const Element, 4> from;  // null: zeros
  Packed<Element> to;
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
  struct Plan {
    using Space = Cuda;
    static constexpr int warps = 8;
    static constexpr struct { int teams; } tiling{Depth > 64 ? 2 : 5};
  };
  using Scalar = ScalarOf<Element>;
  using Format = tile::Format<Cuda, Element>;
  using Stored = typename Format::Stored;
  using Parts = ScratchArray<float, Plan::warps>;
  static constexpr std::size_t scratch = scratch_request(Parts::bytes);
  static constexpr int pieces =
      scale_rows * Depth / (8 * 32 * Plan::warps);  // of 8 numbers, a thread

  PackJobs<Element> jobs;
  int count;        // jobs
  Visible visible;  // which rows may be read: [first_row, end_row)(batch, axis)
  int heads;

  std::int64_t league() const { return jobs.first_team[count]; }

  KOKKOS_FUNCTION void operator()(const Member<Cuda>& team) const {
    int which = 0;
    while (team.league_rank() >= jobs.first_team[which + 1]) ++which;
    const PackJob<Element>& j = jobs.job[which];
    const int index = team.league_rank() - jobs.first_team[which], tiles = j.to.tiles();
    const int first = index % tiles * scale_rows, bh = index / tiles, b = bh / heads,
              h = bh % heads;
    const int from = visible.first_row(b, j.axis) - first, to = visible.end_row(b, j.axis) - first;
    const int cols = j.from.data == nullptr ? 0 : static_cast<int>(j.from.extent[3]);
    // A warp has 8 rows of 4 pieces, which lie together in the format of 16-bit numbers.
    const auto row_of = [&](int n) {
      return (n * Plan::warps + cuda::warp()) / (Depth / 32) * 8 + cuda::lane() % 8;
    };
    const auto col_of = [&](int n) {
      return (n * Plan::warps + cuda::warp()) % (Depth / 32) * 32 + cuda::lane() / 8 * 8;
    };
    Scalar x[pieces][8];
    read_eights(x, j.from, j.from.offset(b, h, first, 0), row_of, col_of,
                [&](int n) { return row_of(n) >= from && row_of(n) < to ? cols : 0; });

    const int rows = j.to.rows - first < scale_rows ? j.to.rows - first : scale_rows;
    const std::int64_t plane = j.to.plane();
    Stored* const out =
        j.to.data + bh * Format::planes * plane + std::int64_t(first) * Format::pitch(Depth);
    Scalar scale = 1;
    if constexpr (Format::scaled) {
      const float largest = largest_of(team, x);
      scale = power_of_two_for(largest);
      // An infinity would leave nothing of its neighbours: it makes the tile NaN instead.
      if (cuda::warp() == 0 && cuda::lane() == 0)
        j.to.inverse[index] =
            Kokkos::isfinite(largest) ? 1.f / scale : Kokkos::Experimental::quiet_NaN_v<float>;
    }
    THERIA_UNROLL
    for (int n = 0; n < pieces; ++n)
      if (row_of(n) < rows)
        write(out + Format::place(row_of(n), col_of(n), Depth), plane, scale, x[n]);
  }

 private:
  /// Of the team.
  KOKKOS_INLINE_FUNCTION static float largest_of(const Member<Cuda>& team,
                                                 const Scalar (&x)[pieces][8]) {
    char* arena = arena_of<Cuda>(team, scratch);
    const Parts parts(arena);
    const Max max;
    float mine = 0;
    THERIA_UNROLL
    for (int n = 0; n < 8 * pieces; ++n) mine = max(mine, Kokkos::fabs(float(x[n / 8][n % 8])));
    THERIA_UNROLL
    for (int mask = 1; mask < 32; mask *= 2) mine = max(mine, cuda::shuffle_xor(mine, mask));
    if (cuda::lane() == 0) parts(cuda::warp()) = mine;
    cuda::sync_team();
    THERIA_UNROLL
    for (int w = 0; w < Plan::warps; ++w) mine = max(mine, parts(w));
    return mine;
  }

  KOKKOS_INLINE_FUNCTION static void write(Stored* to, std::int64_t plane, Scalar scale,
                                           const Scalar (&x)[8]) {
    if constexpr (sizeof(Stored) == 2) {
      std::uint32_t word[Format::planes][4];
      THERIA_UNROLL
      for (int w = 0; w < 4; ++w) {
        std::uint32_t part[Format::planes];
        cuda::split<Format::sixteen>(scale * x[2 * w], scale * x[2 * w + 1], part);
        THERIA_UNROLL
        for (int p = 0; p < Format::planes; ++p) word[p][w] = part[p];
      }
      THERIA_UNROLL
      for (int p = 0; p < Format::planes; ++p)
        cuda::write<4>(reinterpret_cast<std::uint32_t*>(to + p * plane), word[p]);
    } else {
      THERIA_UNROLL
      for (int i = 0; i < 8; i += 2)
        cuda::write<2>(to + i, reinterpret_cast<const Stored(&)[2]>(x[i]));
    }
  }
};

/// On CUDA one launch packs all tensors of a call into the workspace, but those that are read where they lie.
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

  /// Of the workspace, for a tensor of `rows` rows.
  static std::size_t bytes(const Array<const Element, 4>& x, int b, int h, int rows, int depth) {
    if (is_read_in_place(x)) return 0;
    const PackedSize<Element> size{std::size_t(b) * h, rows, depth};
    return Workspace<Cuda>::template bytes_for<Stored>(size.numbers()) +
           Workspace<Cuda>::template bytes_for<Scalar>(size.scales());
  }

  /// x may be null: zeros.
  Source<Cuda, Element> add(const Array<const Element, 4>& x, Axis axis, int rows) {
    if constexpr (is_brain<Element>)
      if (is_read_in_place(x))
        return {static_cast<const std::uint16_t*>(x.data), x.stride[0], x.stride[1],
                x.extent[2] <= 1 ? 0 : static_cast<int>(x.stride[2]),
                x.data == nullptr ? 0 : static_cast<int>(x.extent[3])};
    const PackedSize<Element> size{m_matrices, rows, m_depth};
    Packed<Element> to;
    to.data = m_workspace.template take<Stored>(size.numbers());
    to.inverse = m_workspace.template take<Scalar>(size.scales());
    to.rows = size.whole_rows();
    to.pitch = Format::pitch(m_depth);
    m_jobs.job[m_count] = {x, to, axis};
    m_league += static_cast<std::int64_t>(size.tiles());
    m_jobs.first_team[++m_count] = countable("theria::tile::pack", m_league);
    if constexpr (is_brain<Element>) {
      return {to.data, m_heads * to.plane(), to.plane(), m_depth, m_depth};
    } else {
      return {to};
    }
  }

  template <int Depth>
  void run(const std::string& label, const Cuda& space) const {
    launch(label, space,
           PackKernel<Element, Visible, Depth>{
               .jobs = m_jobs, .count = m_count, .visible = m_visible, .heads = m_heads});
  }

 private:
  using Stored = typename Format::Stored;

  /// Eight numbers at a time, each of them 16 bytes at a multiple of as many.
  static bool is_read_in_place(const Array<const Element, 4>& x) {
    if constexpr (is_brain<Element>) {
      if (x.data == nullptr) return true;
      bool whole = x.storage == Storage::bfloat16 && x.stride[3] == 1 && x.extent[3] % 8 == 0 &&
                   reinterpret_cast<std::uintptr_t>(x.data) % 16 == 0 && x.stride[2] >= 0 &&
                   x.stride[2] <= std::numeric_limits<int>::max();
      for (int axis = 0; axis < 3; ++axis)
        whole = whole && (x.extent[axis] <= 1 || x.stride[axis] % 8 == 0);
      return whole;
    } else {
      return false;
    }
  }

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
