// SPDX-License-Identifier: Apache-2.0
#include "kernels/cross_entropy/vjp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/cross_entropy/rows.hpp"

namespace theria::cross_entropy {

template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args) {
  const Logits<Scalar> logits{args.logits};
  const auto labels = args.labels;
  const auto d_logits = args.d_logits;
  Kokkos::parallel_for(
      "theria::cross_entropy::vjp",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0},
                                                    {labels.extent[0], labels.extent[1]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r) {
        const Row<Scalar> row(logits, n, r);
        for (std::int64_t c = 0; c < row.classes; ++c)
          d_logits(n, r, c) = row.d_logit(c, labels(n, r)) / Scalar(labels.extent[1]);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void vjp(const SPACE&, const VjpArguments<float>&); \
  template void vjp(const SPACE&, const VjpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::cross_entropy
