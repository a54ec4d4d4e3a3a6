// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <type_traits>

#include "kernels/core/dual.hpp"
#include "kernels/tile/format.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

/// What a kernel keeps for a team, in tiles: `accumulators` of rows x depth; `own` operands of rows x
/// depth that stay; `stream` operands of cols x depth that pass by; `scores` operands of rows x cols.
struct Needs {
  int accumulators, own, stream, scores;
};

/// The tiles of a team: it owns `rows` rows and passes over the other axis `cols` at a time. On CUDA
/// a team is a grid of down x across warps; a warp has 16 rows of every tile and a share of its columns.
struct Tiling {
  int rows = 0, cols = 0, down = 0, across = 0;
  int least_cols = 0;             // columns of a score tile that a warp can have
  int teams = 0;                  // that one multiprocessor holds at once
  int stages = 1;                 // tiles of a stream: with 2 the next is on its way
  bool scores_in_scratch = true;  // else in registers, where a warp has whole rows of them
};

template <class Space, class Element>
struct Tilings;

/// One thread a team; its tiles live in the caches and its fragments on the stack, so that deep ones
/// have fewer rows.
template <class Element>
struct Tilings<OpenMP, Element> {
  static constexpr Tiling choose(Needs, int /*parts*/, int depth) {
    const int side = depth > 64 ? 32 : 64;
    return {.rows = side, .cols = side, .down = 1, .across = 1, .least_cols = 1, .teams = 1};
  }
};

#ifdef KOKKOS_ENABLE_CUDA
/// Registers decide `across`: a thread keeps at most 128 words of accumulators. Then, of the tilings
/// whose operands fit the 227 KiB of a multiprocessor and whose registers its file, the one with the
/// most columns that still gives 8 warps, which keep the tensor cores busy; of these the one with the
/// fewest warps across, then the most teams, of bfloat16's dual numbers two. fp64 has no room for a second tile of a stream
/// and spends its time in products; elsewhere a stream has one tile only where its columns would be fewer with two.
template <class Element>
struct Tilings<Cuda, Element> {
  using Format = tile::Format<Cuda, Element>;
  static constexpr std::size_t scratch = 226 * 1024, most_of_a_team = 218 * 1024;
  static constexpr std::size_t besides = 1472 + Format::alignment;  // statistics of rows
  static constexpr int registers = 65536;
  static constexpr int words = sizeof(ScalarOf<Element>) / 4;
  static constexpr int most_stages = words == 1 ? 2 : 1;
  static constexpr int most_spread = words == 1 ? 1 : 4;
  static constexpr int least_cols = words == 1 ? 16 : 8;  // the depth of one instruction
  static constexpr bool brain = is_brain<Element>;

  static constexpr Tiling choose(Needs needs, int parts, int depth) {
    const int least = std::max(1, needs.accumulators * parts * depth * words / 256);
    const int most_cols = brain || (is_narrow<Element> && parts == 1) ? 64 : 32;
    for (int enough = 8; enough > 0; enough /= 2)
      for (int cols = most_cols; cols >= least_cols; cols /= 2)
        for (int stages = most_stages; stages > 0; --stages)
          for (int across = least; across <= std::min(8, least * most_spread); across *= 2)
            for (const int warps : {4, 8, 2, 1})
              for (int teams = brain && parts == 2 ? 2 : 4; teams > 0; --teams)
                if (const Tiling t{.rows = warps / across * 16,
                                   .cols = cols,
                                   .down = warps / across,
                                   .across = across,
                                   .least_cols = least_cols,
                                   .teams = teams,
                                   .stages = stages,
                                   .scores_in_scratch = across > 1 || words > 1};
                    warps * teams >= enough && t.rows > 0 && t.rows <= 64 &&
                    fits(needs, parts, depth, t))
                  return t;
    return {};
  }

  static constexpr bool fits(Needs needs, int parts, int depth, Tiling t) {
    const std::size_t scores = t.scores_in_scratch ? operand_bytes<Format>(t.rows, t.cols) : 0;
    const std::size_t bytes =
        besides + parts * (needs.own * operand_bytes<Format>(t.rows, depth) +
                           t.stages * needs.stream * operand_bytes<Format>(t.cols, depth) +
                           needs.scores * scores);
    const int kept = kept_words(needs, parts, depth, t);
    const int per_thread = std::min(255, registers / (32 * t.down * t.across * t.teams));
    return bytes * t.teams <= scratch && bytes <= most_of_a_team &&
           kept + working_set(needs, parts, t.cols) <= per_thread;
  }

  /// What it needs besides. Where there are no sums of products but what is kept (Plan::direct) it is less, and one more
  /// team, or tiles twice as wide, are faster than more registers.
  static constexpr int working_set(Needs needs, int parts, int cols) {
    const bool forward = needs.own == 1;
    const int saved = !is_narrow<Element> ? 0
                      : forward           ? (brain || parts == 1 ? 36 : 0)
                      : brain && needs.accumulators == 1 && parts == 1 ? 28
                                                                       : 0;
    return 44 + 3 * cols / 8 - saved;
  }
  /// What a thread keeps in registers.
  static constexpr int kept_words(Needs needs, int parts, int depth, Tiling t) {
    return parts * words * (needs.accumulators * depth / t.across / 2 + t.cols);
  }
};
#endif

/// Tile sizes of one instantiation of a kernel whose tensors hold Number_, an Element or a
/// Dual<Element>. Its arithmetic is on Number.
template <class Space_, class Number_, int Depth, int accumulators, int own, int stream, int scores>
struct Plan {
  using Space = Space_;
  using Element = ElementOf<Number_>;
  using Number = ArithmeticOf<Number_>;
  using Scalar = ScalarOf<Number_>;
  using Format = tile::Format<Space, Element>;
  static constexpr int depth = Depth;
  static constexpr Tiling tiling = Tilings<Space, Element>::choose(
      {accumulators, own, stream, scores}, is_dual<Number> ? 2 : 1, Depth);
  static constexpr int rows = tiling.rows, cols = tiling.cols;
  static constexpr int down = tiling.down, across = tiling.across;
  static constexpr int warps = down * across;
  static constexpr int stages = tiling.stages;
  static constexpr int alignment = Format::alignment;  // of a team's tiles, in bytes
  static_assert(rows > 0, "no tiles of this depth fit the machine");
  /// Whether a fragment's numbers stay as the tensor cores have summed them, in a unit of their own (Fragment):
  /// products of eleven bits, and of bfloat16, need no sums besides.
  static constexpr bool direct = Machine<Space>::threads > 1 &&
                                 (std::is_same_v<Number_, Narrow> || is_brain<Element>)&&across ==
                                     1 &&
                                 down == 4 && cols % 32 == 0;
  // Warps that share the columns of a score tile; more than `across` would leave none a whole block.
  static constexpr int score_across = std::min(across, cols / tiling.least_cols);
};

}  // namespace theria::tile
