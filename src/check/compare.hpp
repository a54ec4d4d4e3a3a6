// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/core/tensor.hpp"

namespace theria {

using TensorSet = std::map<std::string, Tensor>;

/// A tensor's values in double, whatever it stores.
std::vector<double> values_of(const Tensor& tensor);

/// max |x − reference| / max |reference|; equal infinities agree, NaN is an infinite error. Where
/// the reference is zero by structure (below a thousandth of `terms`, the size of the terms that
/// cancel in it), the error is taken against `terms`.
double relative_error(const Tensor& x, const Tensor& reference, double terms);

/// Σ x·y over the tensors that both sets name with the given suffixes, e.g. q_dot · d_q. Entries that
/// are not finite in `x` belong to keys that are never read, and count as zero.
double inner(const TensorSet& x, const std::string& x_suffix, const TensorSet& y,
             const std::string& y_prefix, const std::string& y_suffix = "");

/// Σ x·y of two tensors of one shape.
double dot(const Tensor& x, const Tensor& y);

/// The number of values whose bits differ.
std::size_t differing(const TensorSet& x, const TensorSet& y);

/// The largest |value|; infinite if one is NaN.
double largest(const Tensor& tensor);

}  // namespace theria
