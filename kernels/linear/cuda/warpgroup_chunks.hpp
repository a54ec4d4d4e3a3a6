// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/operands.hpp"
#include "kernels/tile/cuda/warpgroup_tfloat.hpp"
#include "kernels/tile/cuda/words.hpp"
#include "kernels/tile/form.hpp"

namespace theria::linear::cuda {

/// What two warpgroups make of C at a time, and how they share it: each its own 64 rows, or both the same ones, each from
/// half of every chunk of the sum.
template <tile::Form form, bool halves_chunks_>
struct WarpgroupTile {
  static constexpr bool a_transposed = form == tile::Form::tn;
  static constexpr bool b_transposed = form == tile::Form::nt;
  static constexpr bool halves_chunks = halves_chunks_;
  static constexpr int threads = 256, rows = halves_chunks ? 64 : 128, cols = 128;
  static constexpr int chunk = 32, steps = halves_chunks ? 2 : 4;  // of 8 k, by one warpgroup

  /// A chunk of B in one of two planes: 8x8 matrices of 8 columns by 4 k, one behind the other along the columns; from
  /// those of one k to those of the next there are 4 numbers more, so that a warp's stores meet all banks.
  static constexpr int next_k = cols * 4 + 4, plane = 8 * next_k;
  /// Chunks of B that are on their way, each thread's numbers where it alone reads them.
  static constexpr int on_the_way = 3, each_of_b = chunk * cols / threads;

  KOKKOS_INLINE_FUNCTION static int warpgroup() { return tile::cuda::warp() / 4; }
  KOKKOS_INLINE_FUNCTION static int thread() {
    return tile::cuda::warp() * 32 + tile::cuda::lane();
  }
  /// The two rows of the tile that a thread has numbers of: those of a transposed A lie side by side.
  KOKKOS_INLINE_FUNCTION static int row(int half) {
    const int first = 16 * (tile::cuda::warp() % (rows / 16)), group = tile::cuda::lane() / 4;
    return first + (a_transposed ? 2 * group + half : group + 8 * half);
  }
};

/// The chunks of all terms, one after the other. Which of a chunk's 32 k is which of the tensor cores' is free, as long
/// as it is the same for both factors: step s, column j + 4 h of theirs is 16 (s / 2) + 4 j + 2 (s % 2) + h, so that
/// four k of a row of A are neighbours.
template <class Tile, class Part>
struct Chunks {
  const ProductOperands<float>& args;
  const ProductTile& at;
  int term = 0, left = 0;      // numbers of the sum from here on
  const char* base = nullptr;  // the team's, of this chunk
  unsigned step = 0;           // bytes from one k to the next

  KOKKOS_INLINE_FUNCTION Chunks(const ProductOperands<float>& all, const ProductTile& tile)
      : args(all), at(tile) {}

  /// Whether there is one here.
  KOKKOS_INLINE_FUNCTION bool is_one() const { return term < ProductOperands<float>::terms; }
  /// To the first chunk of this term, or of the next one that there is.
  KOKKOS_INLINE_FUNCTION void begin_term() {
    while (is_one() && !args.term[term].given()) ++term;
    if (!is_one()) return;
    left = args.term[term].length(Tile::a_transposed);
    static_cast<Part&>(*this).begin(args.term[term]);
  }
  KOKKOS_INLINE_FUNCTION void go_on() {
    if (!is_one()) return;
    left -= Tile::chunk;
    if (left > 0) {
      base += std::int64_t(Tile::chunk) * step;
    } else {
      ++term;
      begin_term();
    }
  }
  KOKKOS_INLINE_FUNCTION void begin_at(const float* first, std::int64_t next_k) {
    base = reinterpret_cast<const char*>(first);
    step = 4 * static_cast<unsigned>(next_k);
  }
  /// f.template operator()<whole>(): whether all k of this chunk are in the sum.
  template <class Function>
  KOKKOS_INLINE_FUNCTION void with_whole(const Function& f) const {
    if (left >= Tile::chunk) {
      f.template operator()<true>();
    } else if (is_one()) {
      f.template operator()<false>();
    }
  }
  KOKKOS_INLINE_FUNCTION const float* place(unsigned offset) const {
    return reinterpret_cast<const float*>(base + offset);
  }
};

/// This thread's numbers of A: rows past the last are the last again, since what comes of them is not stored.
template <class Tile>
struct PartOfA : Chunks<Tile, PartOfA<Tile>> {
  using Chunks<Tile, PartOfA>::Chunks;
  unsigned start[2];  // of its rows, in bytes
  float number[Tile::steps][4];

  KOKKOS_INLINE_FUNCTION void begin(const ProductTerm<float>& term) {
    const ProductTile& at = this->at;
    const std::int64_t next_row = term.a.stride[Tile::a_transposed ? 2 : 1];
    this->begin_at(&term.a(at.task, 0, 0) + at.i0 * next_row,
                   term.a.stride[Tile::a_transposed ? 1 : 2]);
    THERIA_UNROLL
    for (int half = 0; half < 2; ++half)
      start[half] = 4 * static_cast<unsigned>(next_row) * Kokkos::min(Tile::row(half), at.m - 1) +
                    first() * this->step;
  }
  KOKKOS_INLINE_FUNCTION void read() {
    this->with_whole([&]<bool whole>() {
      THERIA_UNROLL
      for (int half = 0; half < 2; ++half) {
        THERIA_UNROLL
        for (int pair = 0; pair < Tile::steps / 2; ++pair) {
          const int k = 16 * pair;
          float piece[4] = {};
          if constexpr (Tile::a_transposed) {
            THERIA_UNROLL
            for (int i = 0; i < 4; ++i)
              if (whole || first() + k + i < this->left)
                piece[i] = *this->place(start[half] + this->step * (k + i));
          } else if (whole || first() + k < this->left) {
            tile::cuda::read(piece, this->place(start[half]) + k);
          }
          THERIA_UNROLL
          for (int i = 0; i < 4; ++i) number[2 * pair + i / 2][2 * (i % 2) + half] = piece[i];
        }
      }
    });
  }
  KOKKOS_INLINE_FUNCTION void split(std::uint32_t (&to)[2][Tile::steps][4]) const {
    THERIA_UNROLL
    for (int e = 0; e < 4 * Tile::steps; ++e) {
      const tile::cuda::TwoTfloats x(number[e / 4][e % 4]);
      to[0][e / 4][e % 4] = x.word[0];
      to[1][e / 4][e % 4] = x.word[1];
    }
  }

 private:
  /// k of a chunk.
  KOKKOS_INLINE_FUNCTION static int first() {
    return (Tile::halves_chunks ? 16 * Tile::warpgroup() : 0) + 4 * (tile::cuda::lane() % 4);
  }
};

/// This thread's numbers of B: 16 columns of one k, where k lies side by side, else 16 k of one column. Columns past the
/// last are the last again.
template <class Tile>
struct PartOfB : Chunks<Tile, PartOfB<Tile>> {
  static constexpr int each = Tile::each_of_b;
  float* mine;               // in shared memory
  unsigned next_col, start;  // bytes
  int stage = 0;             // of those on the way, the one that is put next

  KOKKOS_INLINE_FUNCTION PartOfB(const ProductOperands<float>& all, const ProductTile& tile,
                                 float* shared)
      : Chunks<Tile, PartOfB>(all, tile), mine(shared + Tile::thread()) {}

  KOKKOS_INLINE_FUNCTION void begin(const ProductTerm<float>& term) {
    const ProductTile& at = this->at;
    const std::int64_t across = term.b.stride[Tile::b_transposed ? 1 : 2];
    this->begin_at(&term.b(at.task, 0, 0) + at.j0 * across,
                   term.b.stride[Tile::b_transposed ? 2 : 1]);
    next_col = 4 * static_cast<unsigned>(across);
    start = first() * this->step;
    if constexpr (!Tile::b_transposed)
      start += Kokkos::min(Tile::thread() % Tile::cols, at.n - 1) * next_col;
  }
  /// Begins to fetch this chunk to where the one was that was put last.
  KOKKOS_INLINE_FUNCTION void fetch() {
    float* const to = mine + stage * each * Tile::threads;
    const std::uint32_t address = tile::cuda::shared_address(to);
    this->with_whole([&]<bool whole>() {
      THERIA_UNROLL
      for (int i = 0; i < each; ++i) {
        const unsigned col = Kokkos::min(tile::cuda::warp() + 8 * i, this->at.n - 1);
        const unsigned offset = start + (Tile::b_transposed ? next_col * col : this->step * i);
        if (whole || first() + (Tile::b_transposed ? 0 : i) < this->left) {
          tile::cuda::copy<4, 0>(address + 4 * i * Tile::threads, this->place(offset));
        } else {
          to[i * Tile::threads] = 0;
        }
      }
    });
    tile::cuda::end_copies();
    stage = (stage + 1) % Tile::on_the_way;
  }
  /// The oldest of the chunks on their way, into both planes of shared memory.
  KOKKOS_INLINE_FUNCTION void put(std::uint32_t* to) const {
    tile::cuda::wait_for_copies_but<Tile::on_the_way - 1>();
    float number[each];
    THERIA_UNROLL
    for (int i = 0; i < each; ++i) number[i] = mine[(stage * each + i) * Tile::threads];
    if constexpr (Tile::b_transposed) {
      const int k = first();
      std::uint32_t* const column =
          to + (4 * (k / 16) + k % 4) * Tile::next_k + k / 4 % 4 + 4 * tile::cuda::warp();
      THERIA_UNROLL
      for (int i = 0; i < each; ++i) {
        const tile::cuda::TwoTfloats x(number[i]);
        column[32 * i] = x.word[0];
        column[32 * i + Tile::plane] = x.word[1];
      }
    } else {
      std::uint32_t* const column =
          to + first() / 4 * Tile::next_k + 4 * (Tile::thread() % Tile::cols);
      THERIA_UNROLL
      for (int word = 0; word < 4; ++word) {
        std::uint32_t large[4], small[4];
        THERIA_UNROLL
        for (int j = 0; j < 4; ++j) {
          const tile::cuda::TwoTfloats x(number[4 * j + word]);
          large[j] = x.word[0];
          small[j] = x.word[1];
        }
        tile::cuda::write(column + word * Tile::next_k, large);
        tile::cuda::write(column + word * Tile::next_k + Tile::plane, small);
      }
    }
  }

 private:
  /// k of a chunk.
  KOKKOS_INLINE_FUNCTION static int first() {
    return Tile::b_transposed ? tile::cuda::lane() : Tile::thread() / Tile::cols * 16;
  }
};

}  // namespace theria::linear::cuda
