// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

#include "kernels/sdpa/forward.hpp"
#include "kernels/sdpa/hvp.hpp"
#include "kernels/sdpa/jvp.hpp"
#include "kernels/sdpa/jvp_vjp.hpp"
#include "kernels/sdpa/vjp.hpp"
#include "src/apply/marshal.hpp"

namespace theria::test {

/// The arguments of all five operators, to be bent by a test before one of them runs.
template <class Scalar>
struct BoundCall {
  sdpa::Options options;
  sdpa::Inputs<Scalar> in;
  sdpa::Tangents<Scalar> dot;
  Array<const Scalar, 4> d_o, d_o_dot;
  sdpa::Output<Scalar> out, out_dot;
  sdpa::Output<const Scalar> saved;
  sdpa::Cotangents<Scalar> d, d_dot;
};

/// All of a call's tensors, with every result wanted.
template <class Space, class Scalar, class Stored>
BoundCall<Scalar> bind(const SdpaCall& call, Marshal<Space, Scalar, Stored>& data) {
  BoundCall<Scalar> bound{.options = options_of(call),
                          .in = data.inputs(),
                          .dot = data.tangents(),
                          .d_o = data.input("d_o"),
                          .d_o_dot = data.input("d_o_dot"),
                          .out = data.output(""),
                          .out_dot = data.output("_dot"),
                          .saved = {},
                          .d = data.cotangents(""),
                          .d_dot = data.cotangents("_dot")};
  bound.saved = {.o = bound.out.o, .lse = bound.out.lse};
  return bound;
}

/// One operator; the VJP takes `saved` as it is.
template <class Space, class Scalar>
void run(SdpaOperator operation, const BoundCall<Scalar>& c, Workspace<Space>& workspace) {
  const Space space{};
  switch (operation) {
    case SdpaOperator::forward:
      sdpa::forward(space, c.options, sdpa::ForwardArguments<Scalar>{c.in, c.out}, workspace);
      break;
    case SdpaOperator::vjp:
      sdpa::vjp(space, c.options, sdpa::VjpArguments<Scalar>{c.in, c.saved, c.d_o, c.d}, workspace);
      break;
    case SdpaOperator::jvp:
      sdpa::jvp(space, c.options, sdpa::JvpArguments<Scalar>{c.in, c.dot, c.out, c.out_dot},
                workspace);
      break;
    case SdpaOperator::hvp:
      sdpa::hvp(space, c.options,
                sdpa::HvpArguments<Scalar>{c.in, c.d_o, c.dot, c.d_o_dot, c.d, c.d_dot}, workspace);
      break;
    case SdpaOperator::jvp_vjp:
      sdpa::jvp_vjp(space, c.options,
                    sdpa::JvpVjpArguments<Scalar>{c.in, c.dot, c.d_o, c.d_o_dot, c.d, c.d_dot},
                    workspace);
      break;
  }
  space.fence("theria::test");
}

constexpr SdpaOperator every_operator[] = {SdpaOperator::forward, SdpaOperator::vjp,
                                           SdpaOperator::jvp, SdpaOperator::hvp,
                                           SdpaOperator::jvp_vjp};

}  // namespace theria::test
