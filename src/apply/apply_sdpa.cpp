// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/forward.hpp"
#include "kernels/sdpa/jvp.hpp"
#include "kernels/sdpa/jvp_vjp.hpp"
#include "kernels/sdpa/vjp.hpp"
#include "src/apply/marshal.hpp"
#include "src/apply/sdpa_call.hpp"

namespace theria {
namespace {

template <class Space, class Element, class Stored = Element>
std::map<std::string, Tensor> apply_on(const SdpaCall& call) {
  const Space space{};
  const sdpa::Options options = options_of(call);
  Marshal<Space, Element, Stored> data(call);
  Workspace<Space> workspace;
  std::vector<std::string> not_wanted;
  switch (call.operation) {
    case SdpaOperator::forward:
      sdpa::forward(space, options,
                    sdpa::ForwardArguments<Element>{.in = data.inputs(), .out = data.output("")},
                    workspace);
      break;
    case SdpaOperator::vjp: {
      const sdpa::Output<Element> saved = data.output("");
      not_wanted = {"o", "lse"};
      sdpa::forward(space, options,
                    sdpa::ForwardArguments<Element>{.in = data.inputs(), .out = saved}, workspace);
      sdpa::vjp(space, options,
                sdpa::VjpArguments<Element>{.in = data.inputs(),
                                            .saved = {.o = saved.o, .lse = saved.lse},
                                            .d_o = data.input("d_o"),
                                            .d = data.cotangents("")},
                workspace);
      break;
    }
    case SdpaOperator::jvp:
      sdpa::jvp(space, options,
                sdpa::JvpArguments<Element>{.in = data.inputs(),
                                            .dot = data.tangents(),
                                            .out = data.output(""),
                                            .out_dot = data.output("_dot")},
                workspace);
      break;
    case SdpaOperator::hvp:
      sdpa::hvp(space, options,
                sdpa::HvpArguments<Element>{.in = data.inputs(),
                                            .d_o = data.input("d_o"),
                                            .dot = data.tangents(),
                                            .d_o_dot = data.input("d_o_dot"),
                                            .d = data.cotangents(""),
                                            .d_dot = data.cotangents("_dot")},
                workspace);
      break;
    case SdpaOperator::jvp_vjp:
      sdpa::jvp_vjp(space, options,
                    sdpa::JvpVjpArguments<Element>{.in = data.inputs(),
                                                   .dot = data.tangents(),
                                                   .d_o = data.input("d_o"),
                                                   .d_o_dot = data.input("d_o_dot"),
                                                   .d = data.cotangents(""),
                                                   .d_dot = data.cotangents("_dot")},
                    workspace);
      break;
  }
  space.fence("theria::apply");
  return data.results(not_wanted);
}

template <class Space>
std::map<std::string, Tensor> apply_in(const SdpaCall& call) {
  switch (call.precision) {
    case Precision::float64:
      return apply_on<Space, double>(call);
    case Precision::float32:
      return apply_on<Space, float>(call);
    case Precision::tfloat32:
      return apply_on<Space, Narrow, float>(call);
    case Precision::bfloat16:
      return apply_on<Space, Brain, BFloat16>(call);
    case Precision::float16:
      return apply_on<Space, Narrow, Float16>(call);
  }
  throw std::logic_error("apply_sdpa: unknown precision");
}

}  // namespace

std::map<std::string, Tensor> apply_sdpa(const SdpaCall& call) {
#ifdef KOKKOS_ENABLE_CUDA
  if (call.backend == Backend::cuda) return apply_in<Cuda>(call);
#endif
  return apply_in<OpenMP>(call);
}

}  // namespace theria
