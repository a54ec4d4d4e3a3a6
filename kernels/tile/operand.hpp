// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/tile/machine.hpp"
#include "kernels/tile/reduce.hpp"
#include "kernels/tile/scratch.hpp"
#include "kernels/tile/source.hpp"

namespace theria::tile {

/// What an operand is to its team: loaded once, loaded tile by tile, or made of a fragment of scores.
enum class Role { own, stream, scores };

/// An operand of R x C Numbers in team scratch.
template <class Plan, class Number, int R, int C, Role role>
struct Operand;

/// How large the numbers of a score tile can be.
enum class Range {
  unit,    // at most 1, as probabilities are, or little more: below 3.99
  scaled,  // at most 2^15, which a format takes as it is
  any,     // found out
};

#ifdef KOKKOS_ENABLE_CUDA
/// For each row of a fragment the power of two that fits its numbers to the format.
template <class Plan, class Team, class Fragment>
KOKKOS_INLINE_FUNCTION Rows<Plan, float> row_scales(const Team& team, float* exchange,
                                                    const Fragment& x, Range range) {
  Rows<Plan, float> scale;
  if (range != Range::any) {
    scale.fill(range == Range::unit ? 0x1p14f : 1.f);
  } else {
    scale = row_max<typename Fragment::Places, Plan>(
        team, exchange, 0, 0, [&](Place at) { return Kokkos::fabs(x.element[at.n]); }, 0.f);
    THERIA_UNROLL
    for (int r = 0; r < 2; ++r) scale(r) = power_of_two_for(scale(r));
  }
  return scale;
}
#endif

/// On the host: numbers as they are; a stream by rows, the others by columns.
template <class Plan, class Scalar, int R, int C, Role role, class Space = typename Plan::Space>
struct StoredOperand {
  using Element = typename Plan::Element;
  using Format = typename Plan::Format;
  static constexpr int rows = R, cols = C;
  static constexpr std::size_t bytes = sizeof(Scalar) * R * C;
  static constexpr int widest = 16;  // numbers of a host's vector, at most

  Scalar* data;

  KOKKOS_INLINE_FUNCTION explicit StoredOperand(char*& arena)
      : data(reinterpret_cast<Scalar*>(arena)) {
    arena += bytes;
  }

  /// Rows from window.first on: those that exist and are valid, and zeros for the others, up to the end of
  /// the tensor and of the vector that it ends in.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void load(const Team&, const Source<Space, Element>& from,
                                   const Window& window) {
    const auto& array = from.array;
    const bool given = array.data != nullptr;
    const auto within = [&](std::int64_t row) {
      return static_cast<int>(row < 0 ? 0 : row > R ? R : row);
    };
    const int begin = within(window.valid_from - window.first);
    const int end = given ? within(window.valid_to - window.first) : begin;
    const int rows_here = given ? within(array.extent[2] - window.first) : R;
    const int cols_here = given ? static_cast<int>(array.extent[3]) : 0;
    const std::int64_t next_row = array.stride[2], next_col = array.stride[3];
    const std::int64_t start = from.start + window.first * next_row;
    array.with_memory([&](const auto& memory) {
      const auto read = [&](int i, int d) {
        return Format::rounded(memory[start + i * next_row + d * next_col]);
      };
      if constexpr (role == Role::own) {
        const int lanes = (rows_here + widest - 1) / widest * widest;
        for (int d = 0; d < C; ++d) {
          Scalar* const to = data + d * R;
          const int valid_end = d < cols_here ? end : 0,
                    valid_begin = begin < valid_end ? begin : valid_end;
          for (int i = 0; i < valid_begin; ++i) to[i] = Scalar(0);
          for (int i = valid_begin; i < valid_end; ++i) to[i] = read(i, d);
          for (int i = valid_end; i < lanes; ++i) to[i] = Scalar(0);
        }
      } else {
        for (int i = 0; i < rows_here; ++i) {
          Scalar* const to = data + i * C;
          const int valid = i >= begin && i < end ? cols_here : 0;
          for (int d = 0; d < valid; ++d) to[d] = read(i, d);
          for (int d = valid; d < C; ++d) to[d] = Scalar(0);
        }
      }
    });
  }

  KOKKOS_INLINE_FUNCTION void take_factor(Scalar) {}

  /// Overwrites the first m rows and n columns.
  template <class Team, class Fragment>
  KOKKOS_INLINE_FUNCTION void store(const Team&, const Fragment& x, Range, int m, int n) {
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < m; ++i) data[j * R + i] = Format::rounded(x.element[j * R + i]);
  }
};

#ifdef KOKKOS_ENABLE_CUDA
/// On CUDA: in the format of the tensor cores, in shared memory. Of scaled numbers what was loaded has one 1/scale for
/// 64 rows, what was stored from a fragment one a row.
template <class Plan, class Scalar, int R, int C, Role role>
struct StoredOperand<Plan, Scalar, R, C, role, Cuda> {
  using Element = typename Plan::Element;
  using Format = typename Plan::Format;
  using Stored = typename Format::Stored;
  static constexpr int rows = R, cols = C, pitch = Format::pitch(C);
  static constexpr std::size_t plane = Format::numbers(R, C);
  static constexpr bool of_scores = role == Role::scores;
  static constexpr std::size_t row_bytes =
      Format::scaled && of_scores ? sizeof(float) * R * (1 + Plan::score_across) : 0;
  static constexpr std::size_t bytes = operand_bytes<Format>(R, C) + row_bytes;

  /// Swizzled, columns come 64 at a time, or 32, a row of them one piece, and pieces of eight numbers change places in it, other
  /// ones in every row of 128 bytes: what is copied row by row and read by 8x8 matrices meets all banks both times.
  static constexpr bool swizzled = Format::swizzled && !of_scores;
  static constexpr int wide = C < 64 ? 32 : 64;

  /// Where element (row, col) of a plane is.
  KOKKOS_INLINE_FUNCTION static constexpr int place(int row, int col) {
    if constexpr (swizzled) {
      const int turn = wide == 64 ? row % 8 : row / 2 % 4;
      return col / wide * (R * wide) + row * wide + (col % wide / 8 ^ turn) * 8 + col % 8;
    } else if constexpr (sizeof(Stored) == 2) {
      return row / 8 * 8 * C + col / 8 * 64 + row % 8 * 8 + col % 8;
    } else {
      return row * pitch + col;
    }
  }

  Stored* data;
  float* row_inverse;  // one a row, then room for the warps' maxima
  Scalar inverse;

  KOKKOS_INLINE_FUNCTION explicit StoredOperand(char*& arena)
      : data(reinterpret_cast<Stored*>(arena)),
        row_inverse(reinterpret_cast<float*>(arena + operand_bytes<Format>(R, C))),
        inverse(1) {
    arena += bytes;
  }

  /// Asynchronous: complete after `arrive`.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void load(const Team&, const Source<Cuda, Element>& from,
                                   const Window& window) {
    if constexpr (is_brain<Element>) {
      load_pieces(from, window);
    } else {
      load_packed(from, window);
    }
  }
  /// Products with what was loaded get this factor, where they have one at all.
  KOKKOS_INLINE_FUNCTION void take_factor(Scalar factor) {
    if constexpr (Format::takes_factor) inverse *= factor;
  }

  template <class Team, class Fragment>
  KOKKOS_INLINE_FUNCTION void store(const Team& team, const Fragment& x, Range range, int, int) {
    using Places = typename Fragment::Places;
    Rows<Plan, float> scale;
    scale.fill(1);
    if constexpr (Format::scaled) {
      scale = row_scales<Plan>(team, row_inverse + R, x, range);
      for_each_owned_row<Plan>(0, [&](int r, int i) { row_inverse[i] = 1.f / scale(r); });
    }
    THERIA_UNROLL
    for (int n = 0; n < Places::size; n += 2) {
      Stored* const to = address(n, Places::row_of(n / 2 % 2), Places::first_col());
      if constexpr (sizeof(Stored) == 2) {
        const float s = scale(n / 2 % 2);
        std::uint32_t word[Format::planes];
        cuda::split<Format::sixteen>(s * x.element[n], s * x.element[n + 1], word);
        THERIA_UNROLL
        for (int p = 0; p < Format::planes; ++p)
          *reinterpret_cast<std::uint32_t*>(to + p * plane) = word[p];
      } else {
        to[0] = x.element[n];
        to[1] = x.element[n + 1];
      }
    }
  }

 private:
  KOKKOS_INLINE_FUNCTION void load_packed(const Source<Cuda, Element>& from, const Window& window) {
    const int thread = cuda::warp() * 32 + cuda::lane();
    const Stored* const start = from.data + window.first * std::int64_t(pitch);
    THERIA_UNROLL
    for (int p = 0; p < Format::planes; ++p)
      cuda::copy_all<int(plane * sizeof(Stored)), 32 * Plan::warps>(
          cuda::shared_address(data + p * plane), start + p * from.plane(), thread);
    if constexpr (Format::scaled) inverse = from.inverse[window.first / scale_rows];
  }
  /// Eight numbers a thread at a time, neighbouring threads' side by side: whole lines of memory at once.
  KOKKOS_INLINE_FUNCTION void load_pieces(const Source<Cuda, Element>& from, const Window& window) {
    constexpr int pieces = C / 8, threads = 32 * Plan::warps, next = threads / pieces;
    const int thread = cuda::warp() * 32 + cuda::lane();
    const int col = thread % pieces * 8, my_row = thread / pieces;
    const std::uint32_t to = cuda::shared_address(data + place(my_row, col));
    const int first = window.first + my_row, valid = first - window.valid_from;
    const int count = col < from.cols ? window.valid_to - window.valid_from : 0;
    inverse = 1;
    THERIA_UNROLL
    for (int row = 0; row < R; row += next) {
      const bool there = static_cast<unsigned>(valid + row) < static_cast<unsigned>(count);
      // Rows that are a multiple of eight apart are turned alike.
      const std::uint32_t here = next % 8 == 0
                                     ? to + 2 * row * wide
                                     : cuda::shared_address(data + place(my_row + row, col));
      if (R % next == 0 || my_row + row < R)
        cuda::copy_or_clear(here, from.data + col + std::int64_t(first + row) * from.next_row,
                            there);
    }
  }
  KOKKOS_INLINE_FUNCTION Stored* address(int n, int row, int first_col) const {
    return data + place(row, first_col + n / 4 * 8 + cuda::lane() % 4 * 2);
  }
};
/// Scores whose rows a warp has whole stay in its registers: what the matrix instructions give as a
/// result is laid out as they take a left operand.
template <class Plan, class Scalar, int R, int C>
requires(
    sizeof(Scalar) == 4 &&
    !Plan::tiling.scores_in_scratch) struct StoredOperand<Plan, Scalar, R, C, Role::scores, Cuda> {
  using Format = typename Plan::Format;
  static constexpr int rows = R, cols = C;
  static constexpr bool of_scores = true;
  static constexpr std::size_t bytes = 0;

  std::uint32_t word[C / 16][Format::planes][4];
  Rows<Plan, float> row_inverse;

  KOKKOS_INLINE_FUNCTION explicit StoredOperand(char*&) {}

  template <class Team, class Fragment>
  KOKKOS_INLINE_FUNCTION void store(const Team& team, const Fragment& x, Range range, int, int) {
    Rows<Plan, float> scale;
    scale.fill(1);
    if constexpr (Format::scaled) {
      scale = row_scales<Plan>(team, static_cast<float*>(nullptr), x, range);
      THERIA_UNROLL
      for (int r = 0; r < 2; ++r) row_inverse(r) = 1.f / scale(r);
    }
    THERIA_UNROLL
    for (int n = 0; n < Fragment::Places::size; n += 2) {
      const float s = scale(n / 2 % 2);
      std::uint32_t part[Format::planes];
      cuda::split<Format::sixteen>(s * x.element[n], s * x.element[n + 1], part);
      THERIA_UNROLL
      for (int p = 0; p < Format::planes; ++p) word[n / 8][p][n / 2 % 4] = part[p];
    }
  }
};
#endif

template <class Plan, std::floating_point Scalar, int R, int C, Role role>
struct Operand<Plan, Scalar, R, C, role> : StoredOperand<Plan, Scalar, R, C, role> {
  using StoredOperand<Plan, Scalar, R, C, role>::StoredOperand;
};

/// An operand with its tangent.
template <class Plan, class Scalar, int R, int C, Role role>
struct Operand<Plan, Dual<Scalar>, R, C, role> {
  using Part = StoredOperand<Plan, Scalar, R, C, role>;
  static constexpr int rows = R, cols = C;
  static constexpr std::size_t bytes = 2 * Part::bytes;

  Part value, tangent;

  KOKKOS_INLINE_FUNCTION explicit Operand(char*& arena) : value(arena), tangent(arena) {}

  template <class Team>
  KOKKOS_INLINE_FUNCTION void load(
      const Team& team, const Source<typename Plan::Space, Dual<typename Plan::Element>>& from,
      const Window& window) {
    value.load(team, from.value, window);
    tangent.load(team, from.tangent, window);
  }
  KOKKOS_INLINE_FUNCTION void take_factor(Scalar factor) {
    value.take_factor(factor);
    tangent.take_factor(factor);
  }
  template <class Team, class Fragment>
  KOKKOS_INLINE_FUNCTION void store(const Team& team, const Fragment& x, Range range, int m,
                                    int n) {
    value.store(team, x.value, range, m, n);
    tangent.store(team, x.tangent, Range::any, m, n);
  }
};

/// Whether it is known of C = A op(B), of values, that no number of it, on CUDA of this warp's, is as large as `most`: by the
/// scales of operands that have some, else by the squares of the numbers.
template <class C, class A, class B>
KOKKOS_INLINE_FUNCTION bool are_below(float most, const C& c, const A& a, const B& b) {
  if constexpr (requires { a.value; }) {
    return are_below(most, c.value, a.value, b.value);
  } else if constexpr (A::Format::scaled) {
    return Kokkos::fabs(a.inverse * b.inverse) * (0x1p30f * A::cols) < most;
  } else if constexpr (A::Format::takes_factor) {
    float squares[2] = {0, 0};
    THERIA_UNROLL
    for (int e = 0; e < C::Places::size; ++e)
      squares[e % 2] = Kokkos::fma(c.element[e], c.element[e], squares[e % 2]);
    const float unit = c.get_unit();
    return !cuda::any_lane(!((squares[0] + squares[1]) * (unit * unit) < most * most));
  } else {
    return false;
  }
}

/// What a team owns, rows x depth.
template <class Plan>
using Own = Operand<Plan, typename Plan::Number, Plan::rows, Plan::depth, Role::own>;

/// What passes by, cols x depth: Plan::stages tiles. Of two one is on its way while the other is computed
/// with.
template <class Plan>
struct Stream {
  using Number = typename Plan::Number;
  using Tile = Operand<Plan, Number, Plan::cols, Plan::depth, Role::stream>;
  using Element = typename Plan::Element;
  using From =
      Source<typename Plan::Space, std::conditional_t<is_dual<Number>, Dual<Element>, Element>>;
  static constexpr std::size_t bytes = Plan::stages * Tile::bytes;

  char* tiles;
  Tile loaded;  // what was loaded last, complete after `arrive`

  KOKKOS_INLINE_FUNCTION explicit Stream(char*& arena) : tiles(arena), loaded(tile(0)) {
    arena += bytes;
  }

  /// The slot of the rows from `first` on.
  KOKKOS_INLINE_FUNCTION static int slot(int first) { return first / Plan::cols % Plan::stages; }

  /// Starts to load the tile of `window` into its slot.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void load(const Team& team, const From& from, const Window& window) {
    loaded = tile(slot(window.first));
    loaded.load(team, from, window);
  }

 private:
  KOKKOS_INLINE_FUNCTION Tile tile(int slot) const {
    char* start = tiles + slot * Tile::bytes;
    return Tile(start);
  }
};

/// What a team makes, rows x cols.
template <class Plan>
using ScoreOperand = Operand<Plan, typename Plan::Number, Plan::rows, Plan::cols, Role::scores>;

}  // namespace theria::tile
