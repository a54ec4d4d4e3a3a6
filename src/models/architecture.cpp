// SPDX-License-Identifier: Apache-2.0
#include "src/models/architecture.hpp"

#include "src/models/layers/attention.hpp"
#include "src/models/layers/gelu.hpp"
#include "src/models/layers/layer_norm.hpp"
#include "src/models/layers/linear.hpp"
#include "src/models/layers/positions.hpp"
#include "src/models/layers/readout.hpp"
#include "src/models/layers/recomputed.hpp"
#include "src/models/layers/residual.hpp"

namespace theria {
namespace {

/// What softmax attention is computed on, where that is less than float32.
std::optional<Storage> narrow(const Deck& deck) {
  switch (deck.precision) {
    case Precision::tfloat32:
      return Storage::float32;
    case Precision::bfloat16:
      return Storage::bfloat16_in_float;
    case Precision::float16:
      return Storage::float16_in_float;
    default:
      return std::nullopt;
  }
}

bool reads_tokens(const Deck& deck) {
  return deck.model.kind == ModelKind::tiny_attention || deck.model.kind == ModelKind::transformer;
}

template <class Space, class Scalar>
typename AttentionLayer<Space, Scalar>::Form attention_form(const Deck& deck) {
  const bool tiny = deck.model.kind == ModelKind::tiny_attention;
  return {.tokens = deck.task.tokens,
          .width = deck.model.width,
          .heads = tiny ? 1 : deck.model.heads,
          .causal = !tiny && deck.model.causal,
          .first_token = tiny,
          .linear = deck.model.attention == AttentionKind::linear,
          .narrow = narrow(deck)};
}

/// Layers of one deck, put one behind the other.
template <class Space, class Scalar>
class Builder {
 public:
  Builder(const Deck& deck, ParameterLayout& layout) : m_deck(deck), m_layout(layout) {}

  Sequence<Space, Scalar> tiny_attention() {
    Sequence<Space, Scalar> all;
    if (m_deck.task.features != width())
      all.template add<LinearLayer>(m_layout, m_deck.task.features, width(), "embedding");
    all.template add<AttentionLayer>(m_layout, attention_form<Space, Scalar>(m_deck));
    m_layout.start_head();
    all.template add<LinearLayer>(m_layout, width(), outputs(m_deck), "classifier_weight",
                                  "classifier_bias");
    return all;
  }

  Sequence<Space, Scalar> transformer() {
    Sequence<Space, Scalar> all;
    all.template add<LinearLayer>(m_layout, m_deck.task.features, width(), "embedding");
    all.template add<PositionsLayer>(m_layout, m_deck.task.tokens, width(), "positions");
    const auto shared = std::make_shared<typename RecomputedLayer<Space, Scalar>::Shared>();
    for (int block = 0; block < m_deck.model.layers; ++block) {
      const std::string prefix = "block" + std::to_string(block) + "_";
      if (m_deck.meta.activations == Activations::keep || m_deck.model.layers == 1) {
        add_block(all, prefix);
      } else {
        Sequence<Space, Scalar> one;
        add_block(one, prefix);
        all.template add<RecomputedLayer>(std::move(one), shared);
      }
    }
    all.template add<LayerNormLayer>(m_layout, width(), "norm_");
    all.template add<ReadoutLayer>(m_deck.task.tokens, m_deck.model.readout);
    add_head(all, width());
    return all;
  }

  Sequence<Space, Scalar> mlp() {
    Sequence<Space, Scalar> all;
    std::int64_t in = m_deck.task.tokens * m_deck.task.features;
    for (int layer = 0; layer < m_deck.model.layers; ++layer) {
      const std::string prefix = "layer" + std::to_string(layer) + "_";
      all.template add<LinearLayer>(m_layout, in, width(), prefix + "weight", prefix + "bias");
      all.template add<GeluLayer>();
      in = width();
    }
    add_head(all, in);
    return all;
  }

  Sequence<Space, Scalar> linear() {
    Sequence<Space, Scalar> all;
    m_layout.start_head();
    all.template add<LinearLayer>(m_layout, m_deck.task.tokens * m_deck.task.features,
                                  outputs(m_deck), "weight");
    return all;
  }

 private:
  std::int64_t width() const { return m_deck.model.width; }

  void add_block(Sequence<Space, Scalar>& to, const std::string& prefix) {
    to.template add<ResidualLayer>(attention_branch(prefix));
    to.template add<ResidualLayer>(mlp_branch(prefix));
  }

  Sequence<Space, Scalar> attention_branch(const std::string& prefix) {
    Sequence<Space, Scalar> branch;
    branch.template add<LayerNormLayer>(m_layout, width(), prefix + "norm1_");
    branch.template add<AttentionLayer>(m_layout, attention_form<Space, Scalar>(m_deck), prefix);
    branch.template add<LinearLayer>(m_layout, width(), width(), prefix + "o_proj");
    return branch;
  }

  Sequence<Space, Scalar> mlp_branch(const std::string& prefix) {
    const std::int64_t hidden = 4 * width();
    Sequence<Space, Scalar> branch;
    branch.template add<LayerNormLayer>(m_layout, width(), prefix + "norm2_");
    branch.template add<LinearLayer>(m_layout, width(), hidden, prefix + "up_weight",
                                     prefix + "up_bias");
    branch.template add<GeluLayer>();
    branch.template add<LinearLayer>(m_layout, hidden, width(), prefix + "down_weight",
                                     prefix + "down_bias");
    return branch;
  }

  void add_head(Sequence<Space, Scalar>& all, std::int64_t in) {
    m_layout.start_head();
    all.template add<LinearLayer>(m_layout, in, outputs(m_deck), "head_weight", "head_bias");
  }

  const Deck& m_deck;
  ParameterLayout& m_layout;
};

}  // namespace

template <class Space, class Scalar>
Sequence<Space, Scalar> make_layers(const Deck& deck, ParameterLayout& layout) {
  Builder<Space, Scalar> builder(deck, layout);
  switch (deck.model.kind) {
    case ModelKind::transformer:
      return builder.transformer();
    case ModelKind::mlp:
      return builder.mlp();
    case ModelKind::linear:
      return builder.linear();
    case ModelKind::tiny_attention:
      break;
  }
  return builder.tiny_attention();
}

Extents input_extents(const Deck& deck, int sequences) {
  const std::int64_t tokens = deck.task.tokens, features = deck.task.features;
  if (reads_tokens(deck)) return {sequences * tokens, features};
  return {sequences, tokens * features};
}

int outputs(const Deck& deck) { return is_regression(deck.task.kind) ? 1 : deck.task.classes; }

template <class Scalar>
std::size_t operator_workspace_bytes(const Deck& deck, int tasks, int sequences) {
  if (!reads_tokens(deck)) return 0;
  const Extents in{std::int64_t{sequences} * deck.task.tokens, deck.model.width};
  return AttentionLayer<OpenMP, Scalar>::workspace_bytes(attention_form<OpenMP, Scalar>(deck),
                                                         tasks, in, deck.backend == Backend::cuda);
}

template std::size_t operator_workspace_bytes<float>(const Deck&, int, int);
template std::size_t operator_workspace_bytes<double>(const Deck&, int, int);

#define THERIA_INSTANTIATE(SPACE)                                                           \
  template Sequence<SPACE, float> make_layers<SPACE, float>(const Deck&, ParameterLayout&); \
  template Sequence<SPACE, double> make_layers<SPACE, double>(const Deck&, ParameterLayout&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria
