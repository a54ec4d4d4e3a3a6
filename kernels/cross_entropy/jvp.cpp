// SPDX-License-Identifier: Apache-2.0
#include "kernels/cross_entropy/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/cross_entropy/rows.hpp"

namespace theria::cross_entropy {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args) {
  const Logits<Dual<Scalar>> logits{args.logits, args.logits_dot};
  const auto labels = args.labels;
  const auto loss_dot = args.loss_dot;
  Kokkos::parallel_for(
      "theria::cross_entropy::jvp", Kokkos::RangePolicy<Space>(space, 0, labels.extent[0]),
      KOKKOS_LAMBDA(std::int64_t n) {
        const std::int64_t rows = labels.extent[1];
        Scalar total = 0;
        for (std::int64_t r = 0; r < rows; ++r)
          total += Row<Dual<Scalar>>(logits, n, r).loss(labels(n, r)).tangent;
        loss_dot(n) = total / Scalar(rows);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void jvp(const SPACE&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::cross_entropy
