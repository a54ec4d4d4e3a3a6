// SPDX-License-Identifier: Apache-2.0
#include "src/driver/trouble.hpp"

#include <cmath>
#include <cstdio>

#include "src/core/error.hpp"
#include "src/io/precision.hpp"

namespace theria {
namespace {

std::string words(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", rate);
  return text;
}

std::string adaptation(const Deck& deck) {
  return std::to_string(deck.inner.steps) + " inner steps of rate " + words(deck.inner.rate);
}

}  // namespace

void diverged(const Deck& deck, Split split, std::int64_t task, double loss) {
  const std::string what = std::isnan(loss)      ? "its query loss is not a number"
                           : std::isfinite(loss) ? "its meta-gradient is not finite"
                                                 : "its query loss is infinite";
  throw RunError(std::string(split == Split::training ? "training" : "held-out") + " task " +
                 std::to_string(task) + " diverged: " + what + " after " + adaptation(deck) +
                 "; a smaller inner.rate or outer.rate may help, meta.diverged: exclude goes on "
                 "without it");
}

void all_diverged(const Deck& deck, int step) {
  throw RunError("all " + std::to_string(deck.meta.tasks) + " tasks of outer step " +
                 std::to_string(step + 1) + " diverged after " + adaptation(deck) +
                 "; a smaller inner.rate or outer.rate may help");
}

void check_solved(const Deck& deck, std::int64_t first, const Certificate& certificate,
                  const std::vector<std::int32_t>& finite) {
  if (deck.meta.unconverged == Unconverged::keep) return;
  for (std::size_t n = 0; n < certificate.residual.size(); ++n) {
    if (certificate.converged[n] || (!finite.empty() && !finite[n])) continue;
    const std::string task = "training task " + std::to_string(first + std::int64_t(n)) + ": ";
    const std::string count = std::to_string(certificate.iterations[n]) + " products";
    if (!std::isfinite(certificate.residual[n]))
      throw RunError(task + "its query gradient, or a product with its Hessian, overflowed " +
                     std::string(word_of(parameter_precision(deck.precision))) + " after " +
                     adaptation(deck) + "; a smaller inner.rate may help");
    if (!certificate.positive[n])
      throw RunError(
          task +
          "I + H/rho is not positive definite at the adapted parameters (seen by conjugate "
          "gradients after " +
          count +
          "), so they are no minimum; a larger inner.proximal or more inner.steps may "
          "help, meta.unconverged: keep goes on");
    throw RunError(task + "conjugate gradients left a residual of " +
                   words(certificate.residual[n]) + " after " + count + ", meta.tolerance is " +
                   words(deck.meta.tolerance) +
                   "; a larger meta.tolerance, more meta.iterations, or float64 may help, "
                   "meta.unconverged: keep goes on");
  }
}

template <class Scalar>
void check_finite(const std::vector<Scalar>& values, const std::string& what, const Deck& deck) {
  for (const Scalar x : values)
    if (!std::isfinite(x))
      throw RunError(what + " overflowed " +
                     std::string(word_of(parameter_precision(deck.precision))) + " after " +
                     adaptation(deck) + "; a smaller inner.rate or outer.rate may help");
}

template void check_finite(const std::vector<float>&, const std::string&, const Deck&);
template void check_finite(const std::vector<double>&, const std::string&, const Deck&);

}  // namespace theria
