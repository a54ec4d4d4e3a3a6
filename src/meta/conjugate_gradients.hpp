// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"
#include "src/meta/certificate.hpp"

namespace theria {

/// Conjugate gradients (Hestenes and Stiefel 1952) on a system a task, all tasks at once: A_n x_n = b_n with A_n
/// symmetric and positive definite. A task that is done, or whose p·A p isn't positive, stands still while the others
/// go on. Sums over a vector are taken in double, in an order that depends on its length alone.
template <class Space, class Scalar>
class ConjugateGradients {
 public:
  using Vectors = Array<Scalar, 2>;  // (n,P)
  using ConstVectors = Array<const Scalar, 2>;
  /// Writes A x.
  using Apply = std::function<void(const ConstVectors& x, const Vectors& a_x)>;

  ConjugateGradients(int tasks, std::size_t size);

  static std::size_t bytes(int tasks, std::size_t size);

  /// x overwritten, from 0 until ‖r‖ ≤ tolerance ‖b‖ / 2, at most `most` products, or b where the first shows that A is
  /// not positive definite; all of the certificate but its stationarity. Two products more are for the
  /// certificate.
  Certificate solve(const Space& space, const Apply& apply, const ConstVectors& b, const Vectors& x,
                    double tolerance, int most);

  /// a_n · b_n
  std::vector<double> dots(const Space& space, const ConstVectors& a, const ConstVectors& b);

 private:
  static constexpr int parts = 64;  // of a sum, each one after the other

  ViewOn<Scalar**, Space> m_r, m_p, m_a_p;  // (n,P)
  ViewOn<Scalar*, Space> m_factor;          // (n)
  ViewOn<double**, Space> m_parts;          // (n,parts)
};

}  // namespace theria
