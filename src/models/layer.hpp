// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/core/workspace.hpp"
#include "src/models/batch.hpp"
#include "src/models/kept.hpp"
#include "src/models/scratch.hpp"

namespace theria {

/// Rows and columns of one task's activations.
struct Extents {
  std::int64_t rows, columns;
  std::size_t numbers() const { return static_cast<std::size_t>(rows * columns); }
};

/// What goes forward through a layer: values, or their tangents.
template <class Scalar>
struct Passing {
  Parameters<Scalar> theta{};  // (n,P), of the whole model
  Array<const Scalar, 3> x{};  // (n,r,c), dense; tangents: not given where zero
  Array<Scalar, 3> y{};        // (n,r,c), dense
};

/// What comes back through it: cotangents, or their tangents. What is not given is not computed.
template <class Scalar>
struct Returning {
  Array<const Scalar, 3> y{};
  Array<Scalar, 3> x{};
  Array<Scalar, 2> theta{};  // (n,P), of the whole model
};

/// Where a rule works: its queue, and device memory that it may use until it returns.
template <class Space, class Scalar>
struct Work {
  const Space& space;
  Scratch<Space, Scalar>& scratch;
  Workspace<Space>& workspace;
};

/// y = f(x; θ) for every task at once, each with parameters of its own, and its four rules. A model is a list of
/// layers, and its loss, gradient and Hessian-vector product are loops over the list. What lies between x and y is
/// kept in buffers of the layer's own: vjp() and hvp() come after forward() and jvp() at the same point.
template <class Space, class Scalar>
class Layer {
 public:
  using In = Passing<Scalar>;
  using Out = Returning<Scalar>;
  using At = Work<Space, Scalar>;

  virtual ~Layer() = default;

  /// Of y, given those of x.
  virtual Extents out(const Extents& in) const = 0;

  /// Takes the buffers, for up to `tasks` tasks with x of up to these extents.
  virtual void allocate(Memory<Space, Scalar>& /*memory*/, int /*tasks*/, const Extents& /*in*/) {}
  /// Numbers in these buffers, of one task.
  virtual std::size_t kept(const Extents& /*in*/) const { return 0; }
  /// Most numbers that a rule takes from the scratch, of one task.
  virtual std::size_t scratch(const Extents& /*in*/) const { return 0; }

  /// y = f(x; θ), overwritten.
  virtual void forward(const At& at, const In& value) = 0;
  /// d.x = ∂(d.y·y)/∂x and d.theta = ∂(d.y·y)/∂θ, overwritten; of θ the layer's own part.
  virtual void vjp(const At& at, const In& value, const Out& d) = 0;
  /// forward(), and dot.y, the derivative of y along (dot.x, dot.theta), overwritten.
  virtual void jvp(const At& at, const In& value, const In& dot) = 0;
  /// d.x as vjp(), and the derivative of all that vjp() gives along (dot.x, dot.theta, d_dot.y): d_dot.x and
  /// d_dot.theta, overwritten.
  virtual void hvp(const At& at, const In& value, const In& dot, const Out& d,
                   const Out& d_dot) = 0;
};

/// One layer's matrix (out,in) of every task, within flat parameters (n,P).
template <class T>
Array<T, 3> matrix_of(const Array<T, 2>& theta, std::size_t offset, std::int64_t out,
                      std::int64_t in) {
  Array<T, 3> w;
  if (theta.data == nullptr) return w;
  w.data = theta.data + offset;
  w.extent = {theta.extent[0], out, in};
  w.stride = {theta.stride[0], in, 1};
  return w;
}

/// One layer's vector (size) of every task, within flat parameters (n,P).
template <class T>
Array<T, 2> vector_of(const Array<T, 2>& theta, std::size_t offset, std::int64_t size) {
  Array<T, 2> b;
  if (theta.data == nullptr) return b;
  b.data = theta.data + offset;
  b.extent = {theta.extent[0], size};
  b.stride = {theta.stride[0], 1};
  return b;
}

}  // namespace theria
