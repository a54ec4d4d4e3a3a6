// SPDX-License-Identifier: Apache-2.0
#include "src/check/reference_sdpa.hpp"

#include "kernels/sdpa/reference/hvp.hpp"
#include "src/apply/marshal.hpp"

namespace theria {

template <class Scalar>
std::map<std::string, Tensor> reference_sdpa(const SdpaCall& call) {
  namespace reference = sdpa::reference;
  const sdpa::Options options = options_of(call);
  Marshal<OpenMP, Scalar> data(call);
  const auto in = data.inputs();
  switch (call.operation) {
    case SdpaOperator::forward:
      reference::forward(options, sdpa::ForwardArguments<Scalar>{in, data.output("")});
      break;
    case SdpaOperator::vjp:
      reference::vjp(
          options, sdpa::VjpArguments<Scalar>{
                       .in = in, .saved = {}, .d_o = data.input("d_o"), .d = data.cotangents("")});
      break;
    case SdpaOperator::jvp:
      reference::jvp(options, sdpa::JvpArguments<Scalar>{in, data.tangents(), data.output(""),
                                                         data.output("_dot")});
      break;
    case SdpaOperator::hvp:
      reference::hvp(options, sdpa::HvpArguments<Scalar>{.in = in,
                                                         .d_o = data.input("d_o"),
                                                         .dot = data.tangents(),
                                                         .d_o_dot = data.input("d_o_dot"),
                                                         .d = data.cotangents(""),
                                                         .d_dot = data.cotangents("_dot")});
      break;
    case SdpaOperator::jvp_vjp:
      reference::hvp(options, sdpa::HvpArguments<Scalar>{.in = in,
                                                         .d_o = data.input("d_o_dot"),
                                                         .dot = data.tangents(),
                                                         .d_o_dot = data.input("d_o"),
                                                         .d = data.cotangents("_dot"),
                                                         .d_dot = data.cotangents("")});
      break;
  }
  return data.results({});
}

template std::map<std::string, Tensor> reference_sdpa<float>(const SdpaCall&);
template std::map<std::string, Tensor> reference_sdpa<double>(const SdpaCall&);
template std::map<std::string, Tensor> reference_sdpa<long double>(const SdpaCall&);

}  // namespace theria
