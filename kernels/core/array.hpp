// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <type_traits>

namespace theria {

template <class View, int Rank>
concept ViewOfRank = (Kokkos::is_view_v<View> && View::rank() == Rank);

template <class U, class T>
concept WritableFormOf = std::is_same_v<const U, T> && !std::is_same_v<U, T>;

/// Σ index·stride.
template <class Array, class... Index>
KOKKOS_INLINE_FUNCTION std::int64_t offset_in(const Array& array, Index... index) {
  const std::int64_t at[] = {static_cast<std::int64_t>(index)...};
  std::int64_t offset = 0;
  for (std::size_t axis = 0; axis < sizeof...(Index); ++axis)
    offset += at[axis] * array.stride[axis];
  return offset;
}

/// What a kernel takes of a tensor: pointer, extents and strides (in elements), nothing owned.
/// Plain data, so that it travels to a device by value. A null `data` means "not given".
template <class T, int Rank>
struct Array {
  T* data = nullptr;
  Kokkos::Array<std::int64_t, Rank> extent{};
  Kokkos::Array<std::int64_t, Rank> stride{};

  Array() = default;

  /// Any Kokkos::View of this rank, whatever its layout.
  template <ViewOfRank<Rank> View>
  Array(const View& view) : data(view.data()) {
    for (int axis = 0; axis < Rank; ++axis) {
      extent[axis] = static_cast<std::int64_t>(view.extent(axis));
      stride[axis] = static_cast<std::int64_t>(view.stride(axis));
    }
  }

  /// Read-only access to what may be written.
  template <WritableFormOf<T> U>
  Array(const Array<U, Rank>& other)
      : data(other.data), extent(other.extent), stride(other.stride) {}

  explicit operator bool() const { return data != nullptr; }

  template <class... Index>
  KOKKOS_INLINE_FUNCTION T& operator()(Index... index) const {
    return data[offset(index...)];
  }
  /// Where an element is, in elements from `data`.
  template <class... Index>
  KOKKOS_INLINE_FUNCTION std::int64_t offset(Index... index) const {
    return offset_in(*this, index...);
  }
  /// f(memory) with what is in memory, of which memory[i] is a number and put() writes one: loops inside f know
  /// its type.
  template <class Function>
  KOKKOS_INLINE_FUNCTION void with_memory(const Function& f) const {
    f(data);
  }
};

/// memory[at] = x, rounded to what memory holds.
template <class T, class Scalar>
KOKKOS_INLINE_FUNCTION void put(T* memory, std::int64_t at, Scalar x) {
  memory[at] = T(x);
}

/// A dense row-major array over `data`.
template <class T, class... Extent>
Array<T, static_cast<int>(sizeof...(Extent))> dense_array(T* data, Extent... extents) {
  constexpr int rank = static_cast<int>(sizeof...(Extent));
  Array<T, rank> array;
  array.data = data;
  array.extent = {static_cast<std::int64_t>(extents)...};
  std::int64_t stride = 1;
  for (int axis = rank - 1; axis >= 0; --axis) {
    array.stride[axis] = stride;
    stride *= array.extent[axis];
  }
  return array;
}

}  // namespace theria
