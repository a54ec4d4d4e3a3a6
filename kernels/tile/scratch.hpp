// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/core/dual.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

/// A Rows x Cols array in team scratch, row-major.
template <class Space, class Scalar, int Rows, int Cols>
struct ScratchTile {
  static constexpr int rows = Rows, cols = Cols;
  static constexpr int ld = Cols + Machine<Space>::padding;
  static constexpr std::size_t bytes = sizeof(Scalar) * Rows * ld;
  using Number = Scalar;

  Scalar* data;

  KOKKOS_INLINE_FUNCTION explicit ScratchTile(char*& arena)
      : data(reinterpret_cast<Scalar*>(arena)) {
    arena += bytes;
  }
  KOKKOS_INLINE_FUNCTION Scalar get(int i, int j) const { return data[i * ld + j]; }
  KOKKOS_INLINE_FUNCTION void set(int i, int j, Scalar x) const { data[i * ld + j] = x; }
};

/// The same of dual numbers: a tile of values and a tile of tangents.
template <class Space, class Scalar, int Rows, int Cols>
struct ScratchTile<Space, Dual<Scalar>, Rows, Cols> {
  using Part = ScratchTile<Space, Scalar, Rows, Cols>;
  static constexpr int rows = Rows, cols = Cols;
  static constexpr std::size_t bytes = 2 * Part::bytes;
  using Number = Dual<Scalar>;

  Part value, tangent;

  KOKKOS_INLINE_FUNCTION explicit ScratchTile(char*& arena) : value(arena), tangent(arena) {}
  KOKKOS_INLINE_FUNCTION Number get(int i, int j) const {
    return {value.get(i, j), tangent.get(i, j)};
  }
  KOKKOS_INLINE_FUNCTION void set(int i, int j, Number x) const {
    value.set(i, j, x.value);
    tangent.set(i, j, x.tangent);
  }
};

/// One number for each of Rows rows, in team scratch.
template <class Number, int Rows>
struct ScratchRows {
  static constexpr std::size_t bytes = sizeof(Number) * Rows;

  Number* data;

  KOKKOS_INLINE_FUNCTION explicit ScratchRows(char*& arena)
      : data(reinterpret_cast<Number*>(arena)) {
    arena += bytes;
  }
  KOKKOS_INLINE_FUNCTION Number& operator()(int i) const { return data[i]; }
};

/// Team scratch is cut at this alignment; finding it may cost as many bytes.
inline constexpr std::size_t scratch_alignment = 64;

/// Scratch to ask for when a kernel cuts `bytes` from its arena.
constexpr std::size_t scratch_request(std::size_t bytes) { return bytes + scratch_alignment; }

/// Start of the team's scratch, of which `request` bytes were asked for; every tile of a kernel is
/// cut from it in declaration order.
template <class Space>
KOKKOS_INLINE_FUNCTION char* arena_of(const Member<Space>& team, std::size_t request) {
  constexpr int level = Machine<Space>::scratch_level;  // Kokkos takes it by reference
  const auto bytes = static_cast<ptrdiff_t>(request - scratch_alignment);
  return static_cast<char*>(
      team.team_scratch(level).get_shmem_aligned(bytes, static_cast<ptrdiff_t>(scratch_alignment)));
}

}  // namespace theria::tile
