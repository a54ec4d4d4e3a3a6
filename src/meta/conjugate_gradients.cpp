// SPDX-License-Identifier: Apache-2.0
#include "src/meta/conjugate_gradients.hpp"

#include <algorithm>
#include <cmath>

#include "src/meta/for_each_number.hpp"

namespace theria {
namespace {

/// y += sign factor x, a factor a task.
template <class Space, class Scalar>
void add_scaled(const Space& space, const ViewOn<Scalar*, Space>& factor, Scalar sign,
                const Array<const Scalar, 2>& x, const Array<Scalar, 2>& y) {
  for_each_number(
      "theria::meta::cg::add_scaled", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) += sign * factor(n) * x(n, p); });
}
/// p = r + beta p.
template <class Space, class Scalar>
void turn_direction(const Space& space, const ViewOn<Scalar*, Space>& beta,
                    const Array<const Scalar, 2>& r, const Array<Scalar, 2>& p) {
  for_each_number(
      "theria::meta::cg::turn_direction", space, p.extent[0], p.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t i) { p(n, i) = r(n, i) + beta(n) * p(n, i); });
}

/// x = 0, r = p = b.
template <class Space, class Scalar>
void start(const Space& space, const Array<const Scalar, 2>& b, const Array<Scalar, 2>& x,
           const Array<Scalar, 2>& r, const Array<Scalar, 2>& p) {
  for_each_number(
      "theria::meta::cg::start", space, x.extent[0], x.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t i) {
        x(n, i) = 0;
        r(n, i) = p(n, i) = b(n, i);
      });
}

template <class Space, class Scalar>
void upload(const Space& space, const std::vector<double>& values,
            const ViewOn<Scalar*, Space>& view) {
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t n = 0; n < values.size(); ++n) host(n) = static_cast<Scalar>(values[n]);
  Kokkos::deep_copy(space, view, host);
  space.fence("theria::meta::cg::upload");
}

}  // namespace

template <class Space, class Scalar>
ConjugateGradients<Space, Scalar>::ConjugateGradients(int tasks, std::size_t size)
    : m_factor("theria::meta::cg::factor", tasks),
      m_parts("theria::meta::cg::parts", tasks, parts) {
  for (auto* vector : {&m_r, &m_p, &m_a_p})
    *vector = ViewOn<Scalar**, Space>(
        Kokkos::view_alloc("theria::meta::cg::vector", Kokkos::WithoutInitializing), tasks, size);
}

template <class Space, class Scalar>
std::size_t ConjugateGradients<Space, Scalar>::bytes(int tasks, std::size_t size) {
  return tasks * ((3 * size + 1) * sizeof(Scalar) + parts * sizeof(double));
}

template <class Space, class Scalar>
std::vector<double> ConjugateGradients<Space, Scalar>::dots(const Space& space,
                                                            const ConstVectors& a,
                                                            const ConstVectors& b) {
  const std::int64_t tasks = a.extent[0], size = a.extent[1];
  const auto sums = m_parts;
  for_each_number(
      "theria::meta::cg::dots", space, tasks, parts,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t part) {
        double sum = 0;
        for (std::int64_t i = part * size / parts; i < (part + 1) * size / parts; ++i)
          sum += static_cast<double>(a(n, i)) * static_cast<double>(b(n, i));
        sums(n, part) = sum;
      });
  const auto host = Kokkos::create_mirror_view(m_parts);
  Kokkos::deep_copy(space, host, m_parts);
  space.fence("theria::meta::cg::dots");
  std::vector<double> all(static_cast<std::size_t>(tasks), 0);
  for (std::int64_t n = 0; n < tasks; ++n)
    for (int part = 0; part < parts; ++part) all[n] += host(n, part);
  return all;
}

template <class Space, class Scalar>
Certificate ConjugateGradients<Space, Scalar>::solve(const Space& space, const Apply& apply,
                                                     const ConstVectors& b, const Vectors& x,
                                                     double tolerance, int most) {
  const auto tasks = static_cast<std::size_t>(b.extent[0]);
  const auto cut = [&](const ViewOn<Scalar**, Space>& all) {
    return Vectors(Kokkos::subview(all, std::pair(std::size_t(0), tasks), Kokkos::ALL));
  };
  const Vectors r = cut(m_r), p = cut(m_p), a_p = cut(m_a_p);
  start<Space, Scalar>(space, b, x, r, p);
  const std::vector<double> b_b = dots(space, b, b);
  std::vector<double> r_r = b_b, factor(tasks);
  Certificate c{.iterations = std::vector<int>(tasks, 0),
                .residual = {},
                .symmetry_defect = {},
                .stationarity = {},
                .positive = std::vector<int>(tasks, 1),
                .converged = {}};
  // The recursion's residual drifts from the true one, which is judged: half the tolerance leaves room.
  const double enough = tolerance * tolerance / 4;
  std::vector<char> done(tasks);
  for (std::size_t n = 0; n < tasks; ++n)
    done[n] = !std::isfinite(b_b[n]) || b_b[n] == 0;  // b = 0 has the solution 0
  for (int i = 0; i < most && std::find(done.begin(), done.end(), 0) != done.end(); ++i) {
    apply(p, a_p);
    const std::vector<double> p_a_p = dots(space, p, a_p);
    for (std::size_t n = 0; n < tasks; ++n) {
      factor[n] = 0;
      if (done[n]) continue;
      ++c.iterations[n];
      if (p_a_p[n] > 0) {
        factor[n] = r_r[n] / p_a_p[n];
        continue;
      }
      c.positive[n] = 0;  // NaN is not
      done[n] = 1;
      if (i == 0) factor[n] = 1;  // nothing is solved yet: b itself
    }
    upload<Space, Scalar>(space, factor, m_factor);
    add_scaled<Space, Scalar>(space, m_factor, 1, p, x);
    add_scaled<Space, Scalar>(space, m_factor, -1, a_p, r);
    const std::vector<double> before = r_r;
    r_r = dots(space, r, r);
    for (std::size_t n = 0; n < tasks; ++n) {
      factor[n] = done[n] ? 0 : r_r[n] / before[n];
      if (!(r_r[n] > enough * b_b[n])) done[n] = 1;
    }
    upload<Space, Scalar>(space, factor, m_factor);
    turn_direction<Space, Scalar>(space, m_factor, r, p);
  }

  // r is free now.
  apply(x, a_p);
  apply(b, r);
  const std::vector<double> b_a_x = dots(space, b, a_p), x_a_b = dots(space, x, r),
                            a_x = dots(space, a_p, a_p);
  upload<Space, Scalar>(space, std::vector<double>(tasks, 1), m_factor);
  add_scaled<Space, Scalar>(space, m_factor, -1, b, a_p);
  const std::vector<double> left = dots(space, a_p, a_p);
  for (std::size_t n = 0; n < tasks; ++n) {
    const double size = std::sqrt(b_b[n] * a_x[n]);
    c.symmetry_defect.push_back(size == 0 ? 0 : std::abs(b_a_x[n] - x_a_b[n]) / size);
    c.residual.push_back(b_b[n] == 0 ? 0 : std::sqrt(left[n] / b_b[n]));
    c.converged.push_back(c.positive[n] && c.residual[n] <= tolerance ? 1 : 0);
  }
  return c;
}

#define THERIA_INSTANTIATE(SPACE)                  \
  template class ConjugateGradients<SPACE, float>; \
  template class ConjugateGradients<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria
