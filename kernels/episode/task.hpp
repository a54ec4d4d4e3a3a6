// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/flat.hpp"
#include "kernels/episode/hvp.hpp"

namespace theria::episode {

/// Everything that a team keeps for the task it is at.
template <class Scalar>
struct Desk {
  Weights<Scalar> theta, lambda;
  Kept<Scalar> support, query;  // of what is not swept
  Work<Scalar> work;
  char* record;                     // the Kept of every swept step, one after the other
  std::size_t record_bytes, bytes;  // of one of them, and of all

  Desk(char* start, const Shape& shape, const Options& options)
      : Desk(Carver(start), start, shape, options) {}

  /// What the inner step k leaves behind.
  Kept<Scalar> step(const Shape& shape, const Options& options, int k) const {
    const int index = k - (options.steps - options.swept);
    if (index < 0) return support;
    Carver carve(record + index * record_bytes);
    return Kept<Scalar>(carve, shape, shape.support);
  }

 private:
  Desk(Carver carve, char* start, const Shape& shape, const Options& options)
      : theta(carve, shape),
        lambda(carve, shape),
        support(carve, shape, shape.support),
        query(carve, shape, shape.query),
        work(carve, shape),
        record(start == nullptr ? nullptr : start + carve.bytes()) {
    Carver one(start);
    Kept<Scalar>(one, shape, shape.support);
    record_bytes = one.bytes();
    bytes = carve.bytes() + record_bytes * static_cast<std::size_t>(options.swept);
  }
};

/// One set of task n; `copy` has room for it where its tokens are no whole rows.
template <class On, class Scalar>
Samples<Scalar> samples_of(const Set<Scalar>& set, std::int64_t n, int features, Scalar* copy) {
  const auto count = static_cast<int>(set.x.extent[1]), tokens = static_cast<int>(set.x.extent[2]);
  const auto given = static_cast<int>(set.x.extent[3]);
  const Scalar* x = set.x.data + n * set.x.stride[0];
  if (copy != nullptr) {
    for (int row = 0; row < count * tokens; ++row)
      On::for_each(features, [&](int f) {
        copy[std::int64_t(row) * features + f] =
            f < given ? x[std::int64_t(row) * given + f] : Scalar(0);
      });
    x = copy;
  }
  return {x, count, tokens, features, set.labels.data + n * set.labels.stride[0]};
}

/// The mean of one number a sample, in the order of the samples.
template <class Scalar>
Scalar mean(const Scalar* value, int count) {
  Scalar sum = 0;
  for (int b = 0; b < count; ++b) sum += value[b];
  return sum / Scalar(count);
}

template <class Scalar>
void report(const Array<Scalar, 1>& scores, std::int64_t n, const Scalar* value, int count) {
  if (scores.data != nullptr) scores(n) = mean(value, count);
}

/// One task: the inner loop θ_{k+1} = θ_k − α g(θ_k), the query gradient λ_K and the sweep
/// λ_k = λ_{k+1} − α H(θ_k) λ_{k+1}, each θ_k found again from the one after it.
template <class On, class Scalar>
void run_task(const Shape& shape, const Options& options, const Arguments<Scalar>& args,
              std::int64_t n, const Desk<Scalar>& desk) {
  const auto rate = static_cast<Scalar>(options.rate);
  const Work<Scalar>& work = desk.work;
  const Scores<Scalar>& scores = args.scores;
  const int features = work.d_z_in.ld;
  const Samples<Scalar> support = samples_of<On>(args.support, n, features, work.x_support);
  const Samples<Scalar> query = samples_of<On>(args.query, n, features, work.x_query);
  load<On>(shape, args.theta.data, desk.theta);

  if (scores.query_loss_before.data != nullptr) {
    evaluate<On>(shape, desk.theta, query, desk.query, work);
    report(scores.query_loss_before, n, work.loss, query.count);
    report(scores.query_accuracy_before, n, work.right, query.count);
  }
  for (int k = 0; k < options.steps; ++k) {
    const Kept<Scalar> kept = desk.step(shape, options, k);
    evaluate<On>(shape, desk.theta, support, kept, work);
    if (k == 0) report(scores.support_loss_before, n, work.loss, support.count);
    add_gradient<On>(shape, desk.theta, support, kept, work, -rate, desk.theta);
  }
  if (options.steps == 0) {
    evaluate<On>(shape, desk.theta, support, desk.support, work);
    report(scores.support_loss_before, n, work.loss, support.count);
  }
  if (args.adapted.data != nullptr)
    unload<On>(shape, desk.theta, args.adapted.data + n * args.adapted.stride[0]);

  evaluate<On>(shape, desk.theta, query, desk.query, work);
  report(scores.query_loss_after, n, work.loss, query.count);
  report(scores.query_accuracy_after, n, work.right, query.count);
  if (args.meta_gradient.data == nullptr) return;
  On::for_each(static_cast<int>(desk.lambda.numbers), [&](int i) { desk.lambda.start[i] = 0; });
  add_gradient<On>(shape, desk.theta, query, desk.query, work, Scalar(1), desk.lambda);
  for (int k = options.steps - 1; k >= options.steps - options.swept; --k) {
    const Kept<Scalar> kept = desk.step(shape, options, k);
    undo_step<On>(shape, support, kept, work, rate, desk.theta);
    add_hvp<On>(shape, desk.theta, support, kept, work, -rate, desk.lambda);
  }
  unload<On>(shape, desk.lambda, args.meta_gradient.data + n * args.meta_gradient.stride[0]);
}

}  // namespace theria::episode
