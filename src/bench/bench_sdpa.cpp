// SPDX-License-Identifier: Apache-2.0
#include "src/bench/bench_sdpa.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>

#include "kernels/core/spaces.hpp"
#include "kernels/random/normal.hpp"
#include "kernels/random/philox.hpp"
#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/forward.hpp"
#include "kernels/sdpa/jvp.hpp"
#include "kernels/sdpa/jvp_vjp.hpp"
#include "kernels/sdpa/vjp.hpp"
#include "src/check/compare.hpp"
#include "src/check/reference_sdpa.hpp"

namespace theria {
namespace {

/// Products of one operator: what the derivative needs, and what the kernels do.
struct Products {
  int useful, executed;
};
template <class Space, class Element>
Products products_of(const SdpaBenchCase& what) {
  const bool once =
      sdpa::takes_whole_heads<Space, Element>(what.shape[0] * what.shape[1], what.shape[3]);
  switch (what.operation) {
    case SdpaOperator::forward:
      return {2, 2};
    case SdpaOperator::vjp:
      return {5, once ? 5 : 7};
    case SdpaOperator::jvp:
      return {6, 6};
    default:
      return {15, once ? 21 : 27};
  }
}

/// double stays as it is; everything else goes through float.
template <class Stored>
KOKKOS_INLINE_FUNCTION Stored stored_as(double x) {
  if constexpr (sizeof(Stored) == 8) {
    return x;
  } else {
    return Stored(static_cast<float>(x));
  }
}

/// Numbers from N(0, 1), the same on every backend; `part` tells the tensors of a case apart.
template <class Space, class Stored>
void draw(const Space& space, const ViewOn<Stored*, Space>& data, std::uint64_t part) {
  const random::Stream stream{
      .seed = 0, .purpose = random::Purpose::bench, .task = 0, .part = part};
  const auto count = static_cast<std::int64_t>(data.size());
  Kokkos::parallel_for(
      "theria::bench::draw", Kokkos::RangePolicy<Space>(space, 0, (count + 3) / 4),
      KOKKOS_LAMBDA(std::int64_t n) {
        const auto block = stream.block(static_cast<std::uint64_t>(n));
        for (int w = 0; w < 4; ++w)
          if (4 * n + w < count)
            data(4 * n + w) =
                stored_as<Stored>(random::normal_quantile(random::uniform(block.word[w])));
      });
}

/// The tensors of one case, on the device. Stored is what is in memory of Elements.
template <class Space, class Element, class Stored>
class Bench {
 public:
  explicit Bench(const SdpaBenchCase& what) : m_what(what) {
    const auto [b, h, tq, tk, d] = what.shape;
    const auto is = [&](SdpaOperator o) { return what.operation == o; };
    const bool reverse = !is(SdpaOperator::forward) && !is(SdpaOperator::jvp);
    const bool tangents = !is(SdpaOperator::forward) && !is(SdpaOperator::vjp);
    make("q", tq, true);
    make("k", tk, true);
    make("v", tk, true);
    if (reverse) make("d_o", tq, true);
    if (tangents) {
      make("q_dot", tq, true);
      make("k_dot", tk, true);
      make("v_dot", tk, true);
      if (reverse) make("d_o_dot", tq, true);
    }
    if (!reverse || is(SdpaOperator::vjp)) {
      make("o", tq, false);
      make("lse", tq, false);
      if (tangents) {
        make("o_dot", tq, false);
        make("lse_dot", tq, false);
      }
    }
    if (reverse)
      for (const std::string suffix : {"", "_dot"})
        if (suffix.empty() || tangents) {
          make("d_q" + suffix, tq, false);
          make("d_k" + suffix, tk, false);
          make("d_v" + suffix, tk, false);
        }
    if (is(SdpaOperator::vjp)) {
      Workspace<Space> own;
      sdpa::forward(m_space, options(), sdpa::ForwardArguments<Element>{inputs(), output("")}, own);
      m_space.fence("theria::bench::saved");
    }
  }

  void call() {
    switch (m_what.operation) {
      case SdpaOperator::forward:
        return sdpa::forward(m_space, options(),
                             sdpa::ForwardArguments<Element>{inputs(), output("")}, m_workspace);
      case SdpaOperator::vjp:
        return sdpa::vjp(m_space, options(),
                         sdpa::VjpArguments<Element>{.in = inputs(),
                                                     .saved = {tensor("o"), row("lse")},
                                                     .d_o = tensor("d_o"),
                                                     .d = cotangents("")},
                         m_workspace);
      case SdpaOperator::jvp:
        return sdpa::jvp(
            m_space, options(),
            sdpa::JvpArguments<Element>{inputs(), tangents(), output(""), output("_dot")},
            m_workspace);
      case SdpaOperator::hvp:
        return sdpa::hvp(m_space, options(),
                         sdpa::HvpArguments<Element>{.in = inputs(),
                                                     .d_o = tensor("d_o"),
                                                     .dot = tangents(),
                                                     .d_o_dot = tensor("d_o_dot"),
                                                     .d = cotangents(""),
                                                     .d_dot = cotangents("_dot")},
                         m_workspace);
      case SdpaOperator::jvp_vjp:
        return sdpa::jvp_vjp(m_space, options(),
                             sdpa::JvpVjpArguments<Element>{.in = inputs(),
                                                            .dot = tangents(),
                                                            .d_o = tensor("d_o"),
                                                            .d_o_dot = tensor("d_o_dot"),
                                                            .d = cotangents(""),
                                                            .d_dot = cotangents("_dot")},
                             m_workspace);
    }
  }
  void wait() const { m_space.fence("theria::bench"); }

  std::size_t argument_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [name, part] : m_parts) bytes += part.data.size() * sizeof(Stored);
    for (const auto& [name, part] : m_rows) bytes += part.data.size() * sizeof(Scalar);
    return bytes;
  }
  std::size_t extra_bytes() const { return m_workspace.bytes(); }

  /// The worst relative error of the results, over the first and the last head.
  std::optional<double> error() const {
    const std::int64_t heads = m_what.shape[0] * m_what.shape[1];
    const bool in_double = sizeof(Scalar) == 8;
    if (in_double && m_what.shape[2] * m_what.shape[3] > (std::int64_t(1) << 22)) return {};
    double worst = 0;
    for (const std::int64_t head : {std::int64_t(0), heads - 1}) {
      SdpaCall call{.operation = m_what.operation,
                    .precision = Precision::float64,
                    .backend = m_what.backend,
                    .causal = m_what.causal,
                    .scale = options().scale,
                    .inputs = {},
                    .key_lengths = std::nullopt};
      TensorSet results;
      for (const auto& [name, part] : m_parts)
        (part.input ? call.inputs : results)[name] = head_of(part, head);
      for (const auto& [name, part] : m_rows) results[name] = head_of(part, head);
      const TensorSet exact = in_double ? reference_sdpa<long double>(call) : apply_sdpa(call);
      for (const auto& [name, tensor] : exact)
        if (results.count(name) != 0 && !is_saved(name))
          worst = std::max(worst, relative_error(results.at(name), tensor, 0));
    }
    return worst;
  }

 private:
  using Scalar = ScalarOf<Element>;
  template <class T>
  struct Part {
    ViewOn<T*, Space> data;
    std::int64_t rows, cols;  // cols = 0: one number a row
    bool input;
  };

  bool is_saved(const std::string& name) const {
    return m_what.operation == SdpaOperator::vjp && (name == "o" || name == "lse");
  }

  sdpa::Options options() const {
    return {.scale = sdpa::default_scale(m_what.shape[4]), .causal = m_what.causal};
  }

  void make(const std::string& name, std::int64_t rows, bool input) {
    if (name.starts_with("lse")) {
      m_rows[name] = allocate<Scalar>(name, rows, 0, false);
    } else {
      m_parts[name] = allocate<Stored>(name, rows, m_what.shape[4], input);
      if (input) draw<Space, Stored>(m_space, m_parts[name].data, m_parts.size() + m_rows.size());
    }
  }

  /// Poisoned, so that what a kernel fails to write is seen.
  template <class T>
  Part<T> allocate(const std::string& name, std::int64_t rows, std::int64_t cols,
                   bool input) const {
    const ViewOn<T*, Space> data(
        Kokkos::view_alloc("theria::bench::" + name, Kokkos::WithoutInitializing),
        static_cast<std::size_t>(m_what.shape[0] * m_what.shape[1] * rows *
                                 std::max<std::int64_t>(cols, 1)));
    if (!input) Kokkos::deep_copy(m_space, data, T(Kokkos::Experimental::quiet_NaN_v<Scalar>));
    return {data, rows, cols, input};
  }

  Array<Element, 4> tensor(const std::string& name) const {
    const auto& p = m_parts.at(name);
    return dense_array(p.data.data(), m_what.shape[0], m_what.shape[1], p.rows, p.cols);
  }
  Array<Scalar, 3> row(const std::string& name) const {
    const auto& p = m_rows.at(name);
    return dense_array(p.data.data(), m_what.shape[0], m_what.shape[1], p.rows);
  }
  sdpa::Inputs<Element> inputs() const { return {tensor("q"), tensor("k"), tensor("v"), {}, {}}; }
  sdpa::Tangents<Element> tangents() const {
    return {tensor("q_dot"), tensor("k_dot"), tensor("v_dot"), {}};
  }
  sdpa::Output<Element> output(const std::string& suffix) const {
    return {tensor("o" + suffix), row("lse" + suffix)};
  }
  sdpa::Cotangents<Element> cotangents(const std::string& suffix) const {
    return {tensor("d_q" + suffix), tensor("d_k" + suffix), tensor("d_v" + suffix), {}};
  }

  /// One head as a tensor (1,1,rows,cols) in double, a row statistic as (1,1,rows).
  template <class T>
  static Tensor head_of(const Part<T>& part, std::int64_t head) {
    const std::int64_t size = part.rows * std::max<std::int64_t>(part.cols, 1);
    const auto slice = Kokkos::subview(
        part.data, Kokkos::pair<std::int64_t, std::int64_t>(head * size, (head + 1) * size));
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), slice);
    std::vector<double> values(static_cast<std::size_t>(size));
    for (std::size_t n = 0; n < values.size(); ++n) values[n] = static_cast<Scalar>(host(n));
    std::vector<std::size_t> shape{1, 1, static_cast<std::size_t>(part.rows)};
    if (part.cols > 0) shape.push_back(static_cast<std::size_t>(part.cols));
    return {shape, values};
  }

  SdpaBenchCase m_what;
  Space m_space{};
  Workspace<Space> m_workspace;
  std::map<std::string, Part<Stored>> m_parts;
  std::map<std::string, Part<Scalar>> m_rows;
};

/// Pairs of a query and a key it sees, in one head.
double visible_pairs(const SdpaBenchCase& what) {
  const std::int64_t tq = what.shape[2], tk = what.shape[3];
  if (!what.causal) return static_cast<double>(tq) * static_cast<double>(tk);
  double pairs = 0;
  for (std::int64_t i = 0; i < tq; ++i)
    pairs += static_cast<double>(std::clamp<std::int64_t>(i + tk - tq + 1, 0, tk));
  return pairs;
}

template <class Space, class Element, class Stored = Element>
SdpaBenchResult bench_on(const SdpaBenchCase& what, double seconds) {
  Bench<Space, Element, Stored> bench(what);
  const Timing ms = time_calls([&] { bench.call(); }, [&] { bench.wait(); }, seconds);
  const Products products = products_of<Space, Element>(what);
  const double heads = static_cast<double>(what.shape[0] * what.shape[1]);
  const double operations =
      products.useful * 2 * heads * visible_pairs(what) * static_cast<double>(what.shape[4]);
  return {.ms = ms,
          .tflops = operations / ms.median * 1e-9,
          .useful = products.useful,
          .executed = products.executed,
          .argument_bytes = bench.argument_bytes(),
          .extra_bytes = bench.extra_bytes(),
          .error = bench.error()};
}

template <class Space>
SdpaBenchResult bench_in(const SdpaBenchCase& what, double seconds) {
  switch (what.precision) {
    case Precision::float64:
      return bench_on<Space, double>(what, seconds);
    case Precision::float32:
      return bench_on<Space, float>(what, seconds);
    case Precision::tfloat32:
      return bench_on<Space, Narrow, float>(what, seconds);
    case Precision::bfloat16:
      return bench_on<Space, Brain, BFloat16>(what, seconds);
    case Precision::float16:
      return bench_on<Space, Narrow, Float16>(what, seconds);
  }
  throw std::logic_error("bench_sdpa: unknown precision");
}

std::size_t bytes_of(Precision precision) {
  switch (precision) {
    case Precision::float64:
      return 8;
    case Precision::float32:
    case Precision::tfloat32:
      return 4;
    default:
      return 2;
  }
}

}  // namespace

const std::vector<NamedShape>& bench_shapes() {
  static const std::vector<NamedShape> shapes = {
      {"small", {4, 4, 128, 128, 64}},    {"medium", {8, 8, 256, 256, 64}},
      {"large", {2, 16, 1024, 1024, 64}}, {"x2k", {4, 16, 2048, 2048, 64}},
      {"x4k", {2, 16, 4096, 4096, 128}},
  };
  return shapes;
}

double argument_bytes(const SdpaBenchCase& what) {
  // Tensors of the shape of q or o, and of that of k or v.
  struct Tensors {
    double queries, keys;
  };
  const auto [queries, keys] = [&]() -> Tensors {
    switch (what.operation) {
      case SdpaOperator::forward:
        return {2, 2};
      case SdpaOperator::vjp:
      case SdpaOperator::jvp:
        return {4, 4};
      default:
        return {6, 8};
    }
  }();
  const auto size = [&](int axis) { return static_cast<double>(what.shape[axis]); };
  return size(0) * size(1) * size(4) * (queries * size(2) + keys * size(3)) *
         static_cast<double>(bytes_of(what.precision));
}

SdpaBenchResult bench_sdpa(const SdpaBenchCase& what, double seconds) {
#ifdef KOKKOS_ENABLE_CUDA
  if (what.backend == Backend::cuda) return bench_in<Cuda>(what, seconds);
#endif
  return bench_in<OpenMP>(what, seconds);
}

}  // namespace theria
