// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/desk.hpp"
#include "kernels/episode/flat.hpp"
#include "kernels/episode/hvp.hpp"

namespace theria::episode {

/// One set of task n; `copy` has room for it where its tokens are no whole lines, `first` for x_0 in another type.
template <class On, class Scalar, class Input>
KOKKOS_INLINE_FUNCTION Samples<Scalar, Input> samples_of(const Set<Input>& set, std::int64_t n,
                                                         int copied_features, Input* copy,
                                                         Matrix<Scalar> first) {
  const auto count = static_cast<int>(set.x.extent[1]), tokens = static_cast<int>(set.x.extent[2]);
  const auto features = static_cast<int>(set.x.extent[3]);
  const std::int32_t* const label = set.labels.data + n * set.labels.stride[0];
  const Input* x = set.x.data + n * set.x.stride[0];
  if (copy != nullptr) {
    On::for_each_place(count * tokens, copied_features, [&](int row, int f) {
      copy[std::int64_t(row) * copied_features + f] =
          f < features ? x[std::int64_t(row) * features + f] : Input(0);
    });
    x = copy;
  }
  const int ld = copy != nullptr ? copied_features : features;
  if constexpr (std::is_same_v<Scalar, Input>) {
    return {x, count, tokens, features, ld, label, {x, tokens * ld}};
  } else {
    return {x, count, tokens, features, ld, label, first};
  }
}

/// scores(n) = the mean of one number a sample, in the order of the samples.
template <class On, class Scalar>
KOKKOS_INLINE_FUNCTION void report(const Array<Scalar, 1>& scores, std::int64_t n,
                                   const Scalar* value, int count) {
  if (scores.data == nullptr) return;
  On::once([&] {
    Scalar sum = 0;
    for (int b = 0; b < count; ++b) sum += value[b];
    scores(n) = sum / Scalar(count);
  });
}

/// What inner step k leaves for the sweep, which goes back to step `first`: it is made in the record, or at the desk and
/// copied.
template <class On, class Scalar, class Input>
struct Record {
  const Desk<Scalar, Input>& desk;
  const Shape& shape;
  int first;

  /// Where step k is made.
  KOKKOS_INLINE_FUNCTION decltype(auto) at(int k) const {
    if constexpr (On::copies_record) {
      return (desk.kept);
    } else {
      return k < first ? desk.kept : recorded(k);
    }
  }
  KOKKOS_INLINE_FUNCTION void leave(int k) const {
    if (k >= first) copy<true>(k);
  }
  KOKKOS_INLINE_FUNCTION void fetch(int k) const { copy<false>(k); }

 private:
  KOKKOS_INLINE_FUNCTION std::int64_t offset(int k) const {
    return static_cast<std::int64_t>((k - first) * (desk.record_bytes / sizeof(Scalar)));
  }
  Kept<Scalar> recorded(int k) const {
    Kept<Scalar> kept = desk.record;
    for (Matrix<Scalar>* m :
         {&kept.q, &kept.z_in, &kept.d_u_in, &kept.p, &kept.e, &kept.pi, &kept.d_logits, &kept.a_in,
          &kept.d_a_in, &kept.classifier, &kept.u, &kept.d_q, &kept.a, &kept.embedding})
      m->data += offset(k);
    return kept;
  }
  template <bool to_record>
  KOKKOS_INLINE_FUNCTION void copy(int k) const {
    if constexpr (On::copies_record) {
      const std::int64_t start = offset(k);
      if (desk.kept_is_one_record) {
        Scalar *const near = desk.kept.q.data, *const far = desk.record.q.data + start;
        On::copy_words(to_record ? far : near, to_record ? near : far,
                       static_cast<int>(desk.record_bytes / sizeof(Scalar)));
      } else {
        desk.kept.with(desk.record, shape, shape.support,
                       [&](Matrix<Scalar> near, Matrix<Scalar> far, int rows) {
                         far.data += start;
                         On::copy(to_record ? far : near, to_record ? near : far, rows, near.ld);
                       });
      }
      On::arrive();
    }
  }
};

/// One task: the inner loop θ_{k+1} = θ_k − α g(θ_k), the query gradient λ_K and the sweep
/// λ_k = λ_{k+1} − α H(θ_k) λ_{k+1}, each θ_k found again from the one after it.
template <class On, class Scalar, class Input>
KOKKOS_INLINE_FUNCTION void run_task(const Shape& shape, const Options& options,
                                     const Sets<Input>& sets, const Arguments<Scalar>& args,
                                     std::int64_t n, Desk<Scalar, Input>& desk) {
  const auto rate = static_cast<Scalar>(options.rate);
  const Work<Scalar>& work = desk.work;
  const Weights<Scalar>&adapting = desk.adapting, &theta = desk.theta, &lambda = desk.lambda;
  const Scores<Scalar>& scores = args.scores;
  const int first_swept = options.steps - options.swept;
  const Record<On, Scalar, Input> record{desk, shape, first_swept};
  const int features = desk.copied_features(shape);
  const auto support_of_n = samples_of<On>(sets.support, n, features, desk.x_support, desk.first);
  const auto query_of_n = samples_of<On>(sets.query, n, features, desk.x_query, desk.first);
  On::once([&] {
    desk.support = support_of_n;
    desk.query = query_of_n;
  });
  const Samples<Scalar, Input>&support = desk.support, &query = desk.query;
  load<On>(shape, args.theta.data, adapting);

  if (scores.query_loss_before.data != nullptr) {
    take_first<On>(shape, query, work, desk.first);
    evaluate<On>(shape, adapting, query, desk.kept, work);
    report<On>(scores.query_loss_before, n, work.loss, query.count);
    report<On>(scores.query_accuracy_before, n, work.right, query.count);
    On::arrive();
  }
  take_first<On>(shape, support, work, desk.first);
  for (int k = 0; k < options.steps; ++k) {
    const Kept<Scalar>& kept = record.at(k);
    evaluate<On>(shape, adapting, support, kept, work);
    if (k == 0) report<On>(scores.support_loss_before, n, work.loss, support.count);
    add_gradient<On>(shape, adapting, support, kept, work, -rate, adapting);
    record.leave(k);
  }
  if (options.steps == 0) {
    evaluate<On>(shape, adapting, support, desk.kept, work);
    report<On>(scores.support_loss_before, n, work.loss, support.count);
    On::arrive();
  }
  if (args.adapted.data != nullptr)
    unload<On>(shape, adapting, args.adapted.data + n * args.adapted.stride[0]);

  take_first<On>(shape, query, work, desk.first);
  evaluate<On>(shape, adapting, query, desk.kept, work);
  report<On>(scores.query_loss_after, n, work.loss, query.count);
  report<On>(scores.query_accuracy_after, n, work.right, query.count);
  if (args.meta_gradient.data == nullptr) return On::arrive();
  if (adapting.v.data != theta.v.data) {
    On::copy(theta.v, adapting.v, theta.rows, shape.width);
    On::arrive();
  }
  clear<On>(shape, lambda);
  add_gradient<On>(shape, theta, query, desk.kept, work, Scalar(1), lambda);
  take_first<On>(shape, support, work, desk.first);
  for (int k = options.steps - 1; k >= first_swept; --k) {
    const Kept<Scalar>& kept = record.at(k);
    record.fetch(k);
    undo_step<On>(shape, support, kept, work, rate, theta);
    add_hvp<On>(shape, theta, support, kept, work, -rate, lambda);
  }
  unload<On>(shape, lambda, args.meta_gradient.data + n * args.meta_gradient.stride[0]);
}

}  // namespace theria::episode
