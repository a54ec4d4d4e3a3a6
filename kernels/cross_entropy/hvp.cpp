// SPDX-License-Identifier: Apache-2.0
#include "kernels/cross_entropy/hvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/cross_entropy/rows.hpp"

namespace theria::cross_entropy {

template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args) {
  const Logits<Dual<Scalar>> logits{args.logits, args.logits_dot};
  const auto labels = args.labels;
  const auto d_logits = args.d_logits, d_logits_dot = args.d_logits_dot;
  Kokkos::parallel_for(
      "theria::cross_entropy::hvp",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0},
                                                    {labels.extent[0], labels.extent[1]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r) {
        const Row<Dual<Scalar>> row(logits, n, r);
        for (std::int64_t c = 0; c < row.classes; ++c) {
          const Dual<Scalar> d = row.d_logit(c, labels(n, r));
          d_logits(n, r, c) = d.value / Scalar(labels.extent[1]);
          d_logits_dot(n, r, c) = d.tangent / Scalar(labels.extent[1]);
        }
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void hvp(const SPACE&, const HvpArguments<float>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::cross_entropy
