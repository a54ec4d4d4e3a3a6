// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>

#include "src/deck/episode_limits.hpp"
#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// How far theria's numbers may be from JAX's, relative to the largest of a tensor. float64: the
/// sum of some thousand roundings a step, for at most 20 steps. float32: ten ulp, three times
/// that for a sweep through 20 steps (seen: 1e-6), five times through Adam, which divides by the root of a mean
/// square (seen: 2.8e-6).
template <class Scalar>
double bar_of(const Deck& deck) {
  if (sizeof(Scalar) == 8) return 1e-12;
  if (deck.inner.optimizer == InnerOptimizer::adam) return 1e-5;
  return deck.inner.steps > 5 ? 6e-6 : 2e-6;
}

template <class Space, class Scalar>
void check_case(const GoldenFile& file, const std::string& group, EngineKind kind) {
  INFO(group, " by ", word_of(kind));
  Deck deck = golden_deck(file, group);
  deck.meta.engine = kind;
  if (kind == EngineKind::episode && !episode_refusal(deck).empty()) return;
  const ParameterLayout layout = learned_layout(deck), adapts = parameter_layout(deck);
  const double bar = bar_of<Scalar>(deck);
  const auto theta =
      parameters_on<Space, Scalar>(golden_flat(file, group + "/parameters/initial", layout, 1));
  const auto episodes = golden_episodes<Space, Scalar>(file, group, deck);

  const auto engine = make_engine<Space, Scalar>(deck, deck.meta.tasks);
  const ViewOn<Scalar**, Space> theta_k("theria::test::adapted", deck.meta.tasks, adapts.size());
  engine->adapt(Space{}, theta, episodes, theta_k);
  const Vector adapted = host_values<Space>(Array<const Scalar, 2>(Array<Scalar, 2>(theta_k)));
  const Vector mean = mean_meta_gradient<Space, Scalar>(deck, theta, episodes, deck.meta.tasks);
  const Vector adapted_there = golden_flat(file, group + "/parameters/adapted", adapts, 3);
  const Vector mean_there = golden_flat(file, group + "/meta_gradient", layout, 1);
  const auto cut = [](const Vector& flat, const ParameterBlock& block, std::size_t size) {
    Vector part;
    for (std::size_t n = block.offset; n < flat.size(); n += size)
      part.insert(part.end(), flat.begin() + static_cast<std::ptrdiff_t>(n),
                  flat.begin() + static_cast<std::ptrdiff_t>(n + block.size()));
    return part;
  };
  for (const ParameterBlock& block : adapts.blocks()) {
    INFO(block.name);
    const auto part = [&](const Vector& flat) { return cut(flat, block, adapts.size()); };
    CHECK(allclose(part(adapted), part(adapted_there), bar));
  }
  for (const ParameterBlock& block : layout.blocks()) {
    INFO(block.name);
    const auto part = [&](const Vector& flat) { return cut(flat, block, layout.size()); };
    // The bias's gradient sums softmax − onehot over all sequences, which may nearly cancel.
    const double size = std::max(largest_finite(part(mean_there)), largest_finite(mean_there) / 10);
    CHECK(allclose(part(mean), part(mean_there), bar, size));
  }
  const auto& scores = engine->scores();
  using PerTask = ViewOn<Scalar*, Space>;
  std::map<std::string, PerTask> losses = {{"query_loss", scores.query_loss_after},
                                           {"query_loss_before", scores.query_loss_before},
                                           {"support_loss", scores.support_loss_before}};
  if (!is_regression(deck.task.kind)) {
    losses["query_accuracy"] = scores.query_accuracy_after;
    losses["query_accuracy_before"] = scores.query_accuracy_before;
  }
  for (const auto& [theirs, ours] : losses) {
    INFO(theirs);
    const auto values = host_values(ours);
    CHECK(allclose(Vector(values.begin(), values.end()), file.values(group + "/losses/" + theirs),
                   bar));
  }
}

TEST_CASE_TEMPLATE("meta-gradients: golden values of every mode, inner rule and model", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  const GoldenFile file("meta_gradient.h5");
  CHECK(file.groups().size() == 34);
  for (const std::string& group : file.groups())
    for (const EngineKind kind : every_engine)
      check_case<typename Place::Space, typename Place::Scalar>(file, group, kind);
}

}  // namespace theria::test
