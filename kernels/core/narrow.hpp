// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "kernels/core/array.hpp"
#include "kernels/core/sixteen_bits.hpp"

namespace theria {

/// What a Narrow is in memory. `…_in_float` are the numbers of the 16-bit types, each in a float: they are
/// rounded as they are read and written.
enum class Storage : int { float32, bfloat16, float16, bfloat16_in_float, float16_in_float };

/// A number of at most 11 significant bits in products, and of a type known at run time in memory: tf32
/// (a float there) or binary16. Arithmetic on it is in float. A tag that says what an Array holds.
struct Narrow {};
/// The same of a bfloat16, 8 bits, with a float's range.
struct Brain {};

template <class T>
inline constexpr bool is_brain = std::is_same_v<std::remove_const_t<T>, Brain>;
template <class T>
inline constexpr bool is_narrow = is_brain<T> || std::is_same_v<std::remove_const_t<T>, Narrow>;

KOKKOS_INLINE_FUNCTION constexpr std::int64_t bytes_of(Storage storage) {
  return storage == Storage::bfloat16 || storage == Storage::float16 ? 2 : 4;
}

/// A number of type T that a float holds.
template <class T>
struct InFloat {
  float value;

  KOKKOS_INLINE_FUNCTION explicit InFloat(float x) : value(T(x)) {}
  KOKKOS_INLINE_FUNCTION operator float() const { return T(value); }
};

/// Narrow numbers or Brains (Element) in memory, each a Word: a float, or 16 bits. Which type a float stands for is asked at
/// each of them, since a text for each type would be longer than it is fast.
template <class Element, class Word>
struct NarrowWords {
  using Sixteen = std::conditional_t<is_brain<Element>, BFloat16, Float16>;
  Word* data;
  Storage storage;

  KOKKOS_INLINE_FUNCTION float operator[](std::int64_t at) const {
    if constexpr (sizeof(Word) == 4) {
      return rounded(data[at]);
    } else if constexpr (is_brain<Element>) {
      return float_of_bfloat16(data[at]);
    } else {
      return float_of_float16(data[at]);
    }
  }
  KOKKOS_INLINE_FUNCTION float rounded(float x) const {
    return storage == Storage::float32 ? x : float(Sixteen(x));
  }
};

template <class Element, class Word>
KOKKOS_INLINE_FUNCTION void put(const NarrowWords<Element, Word>& memory, std::int64_t at,
                                float x) {
  if constexpr (sizeof(Word) == 2) {
    using Sixteen = typename NarrowWords<Element, Word>::Sixteen;
    memory.data[at] = Sixteen(x).bits;
  } else {
    memory.data[at] = memory.rounded(x);
  }
}

/// f(memory) with the Elements at `data` by what one takes; const as Pointer, a pointer to void, is.
template <class Element, class Pointer, class Function>
KOKKOS_INLINE_FUNCTION void with_words_of(Pointer data, Storage storage, const Function& f) {
  constexpr bool constant = std::is_const_v<std::remove_pointer_t<Pointer>>;
  const auto as = [&]<class Word>() {
    using Stored = std::conditional_t<constant, const Word, Word>;
    f(NarrowWords<Element, Stored>{static_cast<Stored*>(data), storage});
  };
  if (bytes_of(storage) == 2) {
    as.template operator()<std::uint16_t>();
  } else {
    as.template operator()<float>();
  }
}

/// f(pointer) with the type that memory holds Elements in; const as Pointer, a pointer to void, is.
template <class Element, class Pointer, class Function>
KOKKOS_INLINE_FUNCTION void with_types_of(Pointer data, Storage storage, const Function& f) {
  constexpr bool constant = std::is_const_v<std::remove_pointer_t<Pointer>>;
  using Sixteen = std::conditional_t<is_brain<Element>, BFloat16, Float16>;
  const auto as = [&]<class T>() {
    f(static_cast<std::conditional_t<constant, const T*, T*>>(data));
  };
  if (bytes_of(storage) == 2) return as.template operator()<Sixteen>();
  if constexpr (!is_brain<Element>)
    if (storage == Storage::float32) return as.template operator()<float>();
  as.template operator()<InFloat<Sixteen>>();
}

/// Whether memory of type T holds Elements as they are.
template <class T, class Element>
inline constexpr bool holds_elements =
    is_brain<Element> ? std::is_same_v<T, BFloat16>
                      : std::is_same_v<T, float> || std::is_same_v<T, Float16>;
template <class T, class Element>
concept HolderOf = holds_elements<std::remove_const_t<T>, Element>;
template <class T>
inline constexpr Storage storage_of =
    std::is_same_v<std::remove_const_t<T>, float>      ? Storage::float32
    : std::is_same_v<std::remove_const_t<T>, BFloat16> ? Storage::bfloat16
                                                       : Storage::float16;

/// A tensor of Narrow numbers, made of one of float (tf32) or Float16, or of Brains, made of one of BFloat16.
template <class T, int Rank>
requires is_narrow<T>
struct Array<T, Rank> {
  using Element = std::remove_const_t<T>;
  using Pointer = std::conditional_t<std::is_const_v<T>, const void*, void*>;
  Pointer data = nullptr;
  Kokkos::Array<std::int64_t, Rank> extent{};
  Kokkos::Array<std::int64_t, Rank> stride{};
  Storage storage = is_brain<T> ? Storage::bfloat16 : Storage::float32;

  Array() = default;

  template <HolderOf<T> U>
  requires(std::is_const_v<T> || !std::is_const_v<U>) Array(const Array<U, Rank>& other)
      : data(other.data), extent(other.extent), stride(other.stride), storage(storage_of<U>) {}
  /// Memory of that kind; of floats, those that hold numbers of a narrower type. Throws std::logic_error where Elements or memory
  /// are of another.
  template <class U>
  requires(std::is_const_v<T> || !std::is_const_v<U>)
      Array(const Array<U, Rank>& other, Storage kind)
      : data(other.data), extent(other.extent), stride(other.stride), storage(kind) {
    const bool of_brains = kind == Storage::bfloat16 || kind == Storage::bfloat16_in_float;
    if (of_brains != is_brain<T> || bytes_of(kind) != std::int64_t(sizeof(U)))
      throw std::logic_error("Array: memory of another kind");
  }
  /// Read-only access to what may be written.
  template <std::same_as<Element> U>
  requires std::is_const_v<T> Array(const Array<U, Rank>& other)
      : data(other.data), extent(other.extent), stride(other.stride), storage(other.storage) {}

  explicit operator bool() const { return data != nullptr; }

  template <class... Index>
  KOKKOS_INLINE_FUNCTION float operator()(Index... index) const {
    const std::int64_t at = offset(index...);
    float x = 0;
    with_memory([&](const auto& memory) { x = memory[at]; });
    return x;
  }
  template <class... Index>
  KOKKOS_INLINE_FUNCTION std::int64_t offset(Index... index) const {
    return offset_in(*this, index...);
  }
  /// On the host by type, so that loops over memory are vectors.
  template <class Function>
  KOKKOS_INLINE_FUNCTION void with_memory(const Function& f) const {
    KOKKOS_IF_ON_HOST((with_types_of<Element>(data, storage, f);))
    KOKKOS_IF_ON_DEVICE((with_words_of<Element>(data, storage, f);))
  }
};

}  // namespace theria
