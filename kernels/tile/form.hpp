// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace theria::tile {

/// Which operand of a product is read transposed.
enum class Form {
  nn,  // C += A B      A (m,k)  B (k,n)
  nt,  // C += A Bᵀ     A (m,k)  B (n,k)
  tn,  // C += Aᵀ B     A (k,m)  B (k,n)
};

/// Which operand's tangent a product of dual tiles takes first. Scores and transposed scores are made in
/// the same order, so that on the host and in double they have the same bits: where Ṡ − μ cancels, as it does
/// whole in a row of one key, nothing is left of their rounding.
enum class First { left_tangent, right_tangent };

/// The two types of 16 bits that tensor cores multiply.
enum class Sixteen { half, brain };

/// The part of the tiles in use: rows and columns of C, length of the sum.
struct Extent {
  int m, n, k;
};

}  // namespace theria::tile
