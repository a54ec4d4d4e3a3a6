// SPDX-License-Identifier: Apache-2.0
#include "src/meta/kept_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "src/core/error.hpp"
#include "src/meta/inner_rule.hpp"
#include "src/meta/modes.hpp"

namespace theria {

int places(const Segments& segments) {
  const int kept = segments.kept();
  return std::max(1, kept + (segments.steps > kept ? 1 : 0));
}

template <class Scalar>
std::size_t kept_bytes(const Deck& deck, std::size_t size, int tasks, const Segments& segments) {
  const std::size_t vectors = static_cast<std::size_t>(places(segments)) + segments.stored();
  return vectors * size * tasks * sizeof(Scalar) +
         InnerRule<OpenMP, Scalar>::bytes(deck, size, tasks, segments.kept(), segments.stored());
}

template <class Scalar>
Segments segments_of(const Deck& deck, std::size_t size, int tasks) {
  Segments segments{deck.inner.steps, most_swept_steps(deck), std::max(1, most_swept_steps(deck))};
  if (deck.meta.store == Store::all || segments.swept == 0) return segments;
  if (deck.meta.store == Store::sqrt) {
    segments.length = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(segments.swept))));
    return segments;
  }
  const std::size_t budget = static_cast<std::size_t>(deck.meta.budget) << 20;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (; segments.length > 0; --segments.length) {
    const std::size_t bytes = kept_bytes<Scalar>(deck, size, tasks, segments);
    if (bytes <= budget) return segments;
    least = std::min(least, bytes);
  }
  throw UserError("\"meta.budget\" is " + std::to_string(deck.meta.budget) +
                  " MiB, but what is kept of " + std::to_string(deck.inner.steps) +
                  " inner steps of " + std::to_string(tasks) + " tasks takes " +
                  std::to_string((least >> 20) + 1) +
                  " at least; give as much, or a smaller \"meta.batch\"");
}

template std::size_t kept_bytes<float>(const Deck&, std::size_t, int, const Segments&);
template std::size_t kept_bytes<double>(const Deck&, std::size_t, int, const Segments&);
template Segments segments_of<float>(const Deck&, std::size_t, int);
template Segments segments_of<double>(const Deck&, std::size_t, int);

}  // namespace theria
