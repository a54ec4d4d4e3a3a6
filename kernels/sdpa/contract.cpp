// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/contract.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "kernels/core/overlap.hpp"
#include "kernels/sdpa/dispatch.hpp"
#include "src/core/error.hpp"

namespace theria::sdpa {

double default_scale(std::int64_t d) { return 1.0 / std::sqrt(static_cast<double>(d)); }

namespace {

using Extents = std::vector<std::int64_t>;

std::string text(const Extents& extents) {
  std::string s = "(";
  for (std::size_t a = 0; a < extents.size(); ++a)
    s += (a == 0 ? "" : ",") + std::to_string(extents[a]);
  return s + ")";
}

/// Collects an operator's tensors and refuses what the contract does not allow.
class Contract {
 public:
  explicit Contract(std::string name) : m_name(std::move(name)) {}

  template <class T, int Rank>
  void required(const Array<T, Rank>& array, const std::string& name) const {
    // An empty tensor may come with a null pointer.
    const bool empty = std::any_of(&array.extent[0], &array.extent[0] + Rank,
                                   [](std::int64_t e) { return e == 0; });
    bool described = false;
    for (int axis = 0; axis < Rank; ++axis) described = described || array.extent[axis] > 0;
    if (array.data == nullptr && !(empty && described)) refuse(name + " is required");
  }

  template <class T, int Rank>
  void shaped(const Array<T, Rank>& array, const std::string& name, const Extents& wanted,
              const std::string& axes) const {
    if (array.data == nullptr) return;
    const Extents given(&array.extent[0], &array.extent[0] + Rank);
    if (given != wanted)
      refuse(name + " has extents " + text(given) + ", expected " + axes + " = " + text(wanted));
  }

  template <class T, int Rank>
  void input(const Array<T, Rank>& array, const std::string& name) {
    m_tensors.push_back({name, footprint(array), false});
  }

  template <class T, int Rank>
  void output(const Array<T, Rank>& array, const std::string& name) {
    m_tensors.push_back({name, footprint(array), true});
  }

  void no_overlap() const {
    for (std::size_t x = 0; x < m_tensors.size(); ++x) {
      const Tensor& out = m_tensors[x];
      if (!out.written) continue;
      if (overlaps_itself(out.memory)) refuse("output " + out.name + " overlaps itself");
      for (std::size_t y = 0; y < m_tensors.size(); ++y) {
        const Tensor& other = m_tensors[y];
        if (y == x || (other.written && y < x) || !overlap(out.memory, other.memory)) continue;
        refuse("output " + out.name + " overlaps " + (other.written ? "output " : "input ") +
               other.name + "; give it memory of its own");
      }
    }
  }

  [[noreturn]] void refuse(const std::string& why) const { throw UserError(m_name + ": " + why); }

 private:
  struct Tensor {
    std::string name;
    Footprint memory;
    bool written;
  };
  std::string m_name;
  std::vector<Tensor> m_tensors;
};

/// The extents that follow from q, k and v.
struct Extent {
  std::int64_t b, h, tq, tk, d, dv, bias_b, bias_h;
  Extents q() const { return {b, h, tq, d}; }
  Extents k() const { return {b, h, tk, d}; }
  Extents v() const { return {b, h, tk, dv}; }
  Extents o() const { return {b, h, tq, dv}; }
  Extents row() const { return {b, h, tq}; }
  Extents bias() const { return {bias_b, bias_h, tq, tk}; }
};

template <class Element>
Extent inputs(Contract& contract, const Options& options, const Inputs<Element>& in) {
  contract.required(in.q, "q");
  contract.required(in.k, "k");
  contract.required(in.v, "v");
  const auto& q = in.q.extent;
  const Extent e{.b = q[0],
                 .h = q[1],
                 .tq = q[2],
                 .tk = in.k.extent[2],
                 .d = q[3],
                 .dv = in.v.extent[3],
                 .bias_b = in.bias.extent[0],
                 .bias_h = in.bias.extent[1]};
  for (const auto& [name, value] : {std::pair{"D", e.d}, {"Dv", e.dv}})
    if (value < 1 || value > max_depth)
      contract.refuse(std::string(name) + " = " + std::to_string(value) + ", expected 1 to " +
                      std::to_string(max_depth));
  for (const auto& [name, value] : {std::pair{"B", e.b}, {"H", e.h}, {"Tq", e.tq}, {"Tk", e.tk}})
    if (value > max_extent)
      contract.refuse(std::string(name) + " = " + std::to_string(value) + ", expected at most " +
                      std::to_string(max_extent));
  contract.shaped(in.k, "k", e.k(), "(b,h,j,d)");
  contract.shaped(in.v, "v", e.v(), "(b,h,j,dv)");
  contract.shaped(in.key_lengths, "key_lengths", {e.b}, "(b)");
  if (in.bias) {
    if ((e.bias_b != 1 && e.bias_b != e.b) || (e.bias_h != 1 && e.bias_h != e.h) ||
        in.bias.extent[2] != e.tq || in.bias.extent[3] != e.tk)
      contract.refuse(
          "bias has extents " + text({e.bias_b, e.bias_h, in.bias.extent[2], in.bias.extent[3]}) +
          ", expected (b|1,h|1,i,j) = (" + std::to_string(e.b) + "|1," + std::to_string(e.h) +
          "|1," + std::to_string(e.tq) + "," + std::to_string(e.tk) + ")");
  }
  if (!std::isfinite(options.scale)) contract.refuse("the scale is not finite");
  contract.input(in.q, "q");
  contract.input(in.k, "k");
  contract.input(in.v, "v");
  contract.input(in.bias, "bias");
  contract.input(in.key_lengths, "key_lengths");
  return e;
}

template <class Element>
void tangents(Contract& contract, const Extent& e, const Inputs<Element>& in,
              const Tangents<Element>& dot) {
  contract.shaped(dot.q, "q_dot", e.q(), "(b,h,i,d)");
  contract.shaped(dot.k, "k_dot", e.k(), "(b,h,j,d)");
  contract.shaped(dot.v, "v_dot", e.v(), "(b,h,j,dv)");
  if (dot.bias && !in.bias) contract.refuse("bias_dot is given, bias is not");
  contract.shaped(dot.bias, "bias_dot", e.bias(), "the bias's extents");
  contract.input(dot.q, "q_dot");
  contract.input(dot.k, "k_dot");
  contract.input(dot.v, "v_dot");
  contract.input(dot.bias, "bias_dot");
}

template <class Element>
void output(Contract& contract, const Extent& e, const Output<Element>& out,
            const std::string& suffix) {
  contract.shaped(out.o, "o" + suffix, e.o(), "(b,h,i,dv)");
  contract.shaped(out.lse, "lse" + suffix, e.row(), "(b,h,i)");
  contract.output(out.o, "o" + suffix);
  contract.output(out.lse, "lse" + suffix);
}

template <class Element>
void cotangents(Contract& contract, const Extent& e, const Inputs<Element>& in,
                const Cotangents<Element>& d, const std::string& suffix) {
  contract.shaped(d.q, "d_q" + suffix, e.q(), "(b,h,i,d)");
  contract.shaped(d.k, "d_k" + suffix, e.k(), "(b,h,j,d)");
  contract.shaped(d.v, "d_v" + suffix, e.v(), "(b,h,j,dv)");
  if (d.bias && !in.bias) contract.refuse("d_bias" + suffix + " is wanted, bias is not given");
  contract.shaped(d.bias, "d_bias" + suffix, e.bias(), "the bias's extents");
  contract.output(d.q, "d_q" + suffix);
  contract.output(d.k, "d_k" + suffix);
  contract.output(d.v, "d_v" + suffix);
  contract.output(d.bias, "d_bias" + suffix);
}

template <class Element>
void cotangent_of_output(Contract& contract, const Extent& e, const Array<const Element, 4>& d_o,
                         const std::string& name) {
  contract.shaped(d_o, name, e.o(), "(b,h,i,dv)");
  contract.input(d_o, name);
}

}  // namespace

template <class Element>
void require(const Options& options, const ForwardArguments<Element>& args) {
  Contract contract("sdpa.forward");
  const Extent e = inputs(contract, options, args.in);
  output(contract, e, args.out, "");
  contract.no_overlap();
}

template <class Element>
void require(const Options& options, const VjpArguments<Element>& args) {
  Contract contract("sdpa.vjp");
  const Extent e = inputs(contract, options, args.in);
  contract.required(args.saved.o, "o");
  contract.required(args.saved.lse, "lse");
  contract.required(args.d_o, "d_o");
  contract.shaped(args.saved.o, "o", e.o(), "(b,h,i,dv)");
  contract.shaped(args.saved.lse, "lse", e.row(), "(b,h,i)");
  contract.input(args.saved.o, "o");
  contract.input(args.saved.lse, "lse");
  cotangent_of_output(contract, e, args.d_o, "d_o");
  cotangents(contract, e, args.in, args.d, "");
  contract.no_overlap();
}

template <class Element>
void require(const Options& options, const JvpArguments<Element>& args) {
  Contract contract("sdpa.jvp");
  const Extent e = inputs(contract, options, args.in);
  tangents(contract, e, args.in, args.dot);
  output(contract, e, args.out, "");
  output(contract, e, args.out_dot, "_dot");
  contract.no_overlap();
}

template <class Element>
void require(const Options& options, const HvpArguments<Element>& args) {
  Contract contract("sdpa.hvp");
  const Extent e = inputs(contract, options, args.in);
  contract.required(args.d_o, "d_o");
  cotangent_of_output(contract, e, args.d_o, "d_o");
  tangents(contract, e, args.in, args.dot);
  cotangent_of_output(contract, e, args.d_o_dot, "d_o_dot");
  cotangents(contract, e, args.in, args.d, "");
  cotangents(contract, e, args.in, args.d_dot, "_dot");
  contract.no_overlap();
}

template <class Element>
void require(const Options& options, const JvpVjpArguments<Element>& args) {
  Contract contract("sdpa.jvp_vjp");
  const Extent e = inputs(contract, options, args.in);
  contract.required(args.d_o_dot, "d_o_dot");
  tangents(contract, e, args.in, args.dot);
  cotangent_of_output(contract, e, args.d_o, "d_o");
  cotangent_of_output(contract, e, args.d_o_dot, "d_o_dot");
  cotangents(contract, e, args.in, args.d, "");
  cotangents(contract, e, args.in, args.d_dot, "_dot");
  contract.no_overlap();
}

#define THERIA_REQUIRE(ELEMENT)                                            \
  template void require(const Options&, const ForwardArguments<ELEMENT>&); \
  template void require(const Options&, const VjpArguments<ELEMENT>&);     \
  template void require(const Options&, const JvpArguments<ELEMENT>&);     \
  template void require(const Options&, const HvpArguments<ELEMENT>&);     \
  template void require(const Options&, const JvpVjpArguments<ELEMENT>&);
THERIA_REQUIRE(float)
THERIA_REQUIRE(double)
THERIA_REQUIRE(Narrow)
THERIA_REQUIRE(Brain)
#undef THERIA_REQUIRE

}  // namespace theria::sdpa
