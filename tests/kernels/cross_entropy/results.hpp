// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "kernels/cross_entropy/forward.hpp"
#include "kernels/cross_entropy/hvp.hpp"
#include "kernels/cross_entropy/jvp.hpp"
#include "kernels/cross_entropy/vjp.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// Host values of one call of cross entropy's four rules: n tasks, r rows, c classes.
struct CrossEntropyCase {
  std::size_t n, r, c;
  Vector logits, labels, logits_dot;
};

/// loss, accuracy, loss_dot, d_logits (the VJP's), hvp_d_logits (the HVP's), d_logits_dot.
template <class Space, class Scalar>
std::map<std::string, Vector> cross_entropy_results(const CrossEntropyCase& c) {
  const Space space{};
  using T3 = DeviceTensor<Space, Scalar, 3>;
  using T1 = DeviceTensor<Space, Scalar, 1>;
  const std::array<std::size_t, 3> all{c.n, c.r, c.c};
  const T3 logits(all, c.logits), logits_dot(all, c.logits_dot), d(all), d_hvp(all), d_dot(all);
  const DeviceTensor<Space, std::int32_t, 2> labels({c.n, c.r}, c.labels);
  const T1 loss({c.n}), accuracy({c.n}), loss_dot({c.n});
  namespace ce = cross_entropy;
  ce::forward(space,
              ce::ForwardArguments<Scalar>{logits.in(), labels.in(), loss.out(), accuracy.out()});
  ce::jvp(space,
          ce::JvpArguments<Scalar>{logits.in(), labels.in(), logits_dot.in(), loss_dot.out()});
  ce::vjp(space, ce::VjpArguments<Scalar>{logits.in(), labels.in(), d.out()});
  ce::hvp(space, ce::HvpArguments<Scalar>{logits.in(), labels.in(), logits_dot.in(), d_hvp.out(),
                                          d_dot.out()});
  return {{"loss", loss.values()},          {"accuracy", accuracy.values()},
          {"loss_dot", loss_dot.values()},  {"d_logits", d.values()},
          {"hvp_d_logits", d_hvp.values()}, {"d_logits_dot", d_dot.values()}};
}

}  // namespace theria::test
