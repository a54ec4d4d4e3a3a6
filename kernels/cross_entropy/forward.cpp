// SPDX-License-Identifier: Apache-2.0
#include "kernels/cross_entropy/forward.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/cross_entropy/rows.hpp"

namespace theria::cross_entropy {

template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args) {
  const Logits<Scalar> logits{args.logits};
  const auto labels = args.labels;
  const auto loss = args.loss, accuracy = args.accuracy;
  Kokkos::parallel_for(
      "theria::cross_entropy::forward", Kokkos::RangePolicy<Space>(space, 0, labels.extent[0]),
      KOKKOS_LAMBDA(std::int64_t n) {
        const std::int64_t rows = labels.extent[1];
        Scalar total = 0;
        std::int64_t right = 0;
        for (std::int64_t r = 0; r < rows; ++r) {
          const Row<Scalar> row(logits, n, r);
          total += row.loss(labels(n, r));
          right += row.largest == labels(n, r) ? 1 : 0;
        }
        loss(n) = total / Scalar(rows);
        if (accuracy.data != nullptr) accuracy(n) = Scalar(right) / Scalar(rows);
      });
}

#define THERIA_INSTANTIATE(SPACE)                                      \
  template void forward(const SPACE&, const ForwardArguments<float>&); \
  template void forward(const SPACE&, const ForwardArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::cross_entropy
