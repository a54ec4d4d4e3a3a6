// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/apply/sdpa_call.hpp"

namespace theria {

/// Which axes a case's bias is broadcast on.
enum class BiasKind { none, full, over_batch, over_heads, over_both };

/// How a case's numbers are drawn; all from N(0,1) otherwise.
enum class Draw {
  normal,
  sharp,       // q three times larger: |S| up to about 100
  large,       // q thirty times larger: |S| in the hundreds
  mean_three,  // k, k̇, v of mean 3 and a bias tangent of mean 100: a large row-constant part of Ṡ
  outliers,    // N(0,1) + N(0,100)·Bernoulli(0.001), as in the FlashAttention-3 paper
};

/// One row of the contract table: a shape, its masks, its numbers.
struct SdpaCase {
  std::size_t b, h, tq, tk, d, dv;
  bool causal = false;
  bool key_lengths = false;  // ragged, the first 0; what lies beyond is NaN
  BiasKind bias = BiasKind::none;
  bool masking_bias = false;  // some entries −∞
  Draw draw = Draw::normal;

  std::string text() const;
};

/// The shapes and masks that every operator is held to: 1, tile − 1, tile, tile + 1, ragged and empty
/// sizes, every padded class of D, every mask alone and all together.
const std::vector<SdpaCase>& sdpa_cases();

/// The case's inputs, tangents and cotangents in double, rounded to `precision`; drawn from a seed
/// that follows from the case alone.
SdpaCall make_call(const SdpaCase& c, SdpaOperator operation, Precision precision);

/// The largest |S| that a query and a key of the call can give, by Cauchy–Schwarz, bias included.
double score_bound(const SdpaCall& call);

}  // namespace theria
