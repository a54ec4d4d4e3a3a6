// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/core/narrow.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/specials.hpp"

namespace theria::test {

namespace {

/// What `bits` of a type with `exponent` bits of exponent and `mantissa` bits of mantissa mean, by the
/// definition of IEEE 754.
double meaning(std::uint16_t bits, int exponent, int mantissa) {
  const int biased = bits >> mantissa & ((1 << exponent) - 1), bias = (1 << (exponent - 1)) - 1;
  const double fraction = std::ldexp(double(bits & ((1 << mantissa) - 1)), -mantissa);
  const double sign = bits >> 15 ? -1 : 1;
  if (biased == (1 << exponent) - 1)
    return fraction == 0 ? sign * double(infinity) : std::numeric_limits<double>::quiet_NaN();
  if (biased == 0) return sign * std::ldexp(fraction, 1 - bias);
  return sign * std::ldexp(1 + fraction, biased - bias);
}

template <class T>
std::uint16_t bits_of(float x) {
  return T(x).bits;
}

/// For devices as well, as with_memory is.
struct WriteAt {
  std::int64_t at;
  float x;
  template <class Memory>
  KOKKOS_INLINE_FUNCTION void operator()(const Memory& memory) const {
    put(memory, at, x);
  }
};

/// What memory of that kind keeps of each x: written there and read again.
template <class Space, class Element, class Word>
std::vector<float> kept(const std::vector<float>& x, Storage storage) {
  const auto count = static_cast<std::int64_t>(x.size());
  const ViewOn<Word*, Space> memory("theria::test::memory", x.size());
  const ViewOn<float*, Space> given("theria::test::given", x.size()),
      out("theria::test::out", x.size());
  set_values(given, x);
  Array<Element, 1> array{Array<Word, 1>(memory), storage};
  Kokkos::parallel_for(
      "theria::test::kept", Kokkos::RangePolicy<Space>(0, count), KOKKOS_LAMBDA(std::int64_t i) {
        array.with_memory(WriteAt{array.offset(i), given(i)});
        out(i) = array(i);
      });
  return host_values(out);
}

}  // namespace

TEST_CASE_TEMPLATE("sixteen bits: all numbers mean what IEEE 754 says and come back", T, Float16,
                   BFloat16) {
  const bool half = std::is_same_v<T, Float16>;
  for (int bits = 0; bits < 65536; ++bits) {
    T x;
    x.bits = static_cast<std::uint16_t>(bits);
    const double expected = meaning(x.bits, half ? 5 : 8, half ? 10 : 7);
    const auto given = static_cast<float>(x);
    if (std::isnan(expected)) {
      CHECK(std::isnan(given));
      CHECK(std::isnan(static_cast<float>(T(given))));
    } else {
      CHECK(double(given) == expected);
      CHECK(bits_of<T>(given) == x.bits);
    }
  }
}

TEST_CASE_TEMPLATE("sixteen bits: between two numbers the nearest, at the middle the even one", T,
                   Float16, BFloat16) {
  const bool half = std::is_same_v<T, Float16>;
  const int last = half ? 0x7bff : 0x7f7f;
  for (int bits = 0; bits < last; ++bits) {
    T low, high;
    low.bits = static_cast<std::uint16_t>(bits);
    high.bits = static_cast<std::uint16_t>(bits + 1);
    const float a = low, b = high;
    const auto middle = static_cast<float>((double(a) + double(b)) / 2);  // exact
    const std::uint16_t even = bits % 2 == 0 ? low.bits : high.bits;
    CHECK(bits_of<T>(middle) == even);
    CHECK(bits_of<T>(std::nextafter(middle, a)) == low.bits);
    CHECK(bits_of<T>(std::nextafter(middle, b)) == high.bits);
    CHECK(bits_of<T>(-std::nextafter(middle, b)) == (high.bits | 0x8000));
  }
}

TEST_CASE_TEMPLATE("narrow: every device rounds as the types do", Space, THERIA_TEST_SPACES) {
  // The middles between neighbours of either type, and what is just beside them.
  std::vector<float> x;
  for (int bits = 0; bits < 0x7f80; ++bits)
    for (const bool half : {false, true}) {
      Float16 f;
      BFloat16 b;
      f.bits = b.bits = static_cast<std::uint16_t>(bits);
      const float at = half ? float(f) : float(b);
      f.bits = b.bits = static_cast<std::uint16_t>(bits + 1);
      const float next = half ? float(f) : float(b);
      const auto middle = static_cast<float>((double(at) + double(next)) / 2);
      for (const float y : {at, middle, std::nextafter(middle, at), std::nextafter(middle, next)})
        if (std::isfinite(y)) x.insert(x.end(), {y, -y});
    }
  std::vector<float> as_bfloat16, as_float16;
  for (const float y : x) {
    as_bfloat16.push_back(BFloat16(y));
    as_float16.push_back(Float16(y));
  }
  CHECK(same_bits(kept<Space, Narrow, float>(x, Storage::float32), x));
  CHECK(same_bits(kept<Space, Brain, BFloat16>(x, Storage::bfloat16), as_bfloat16));
  CHECK(same_bits(kept<Space, Narrow, Float16>(x, Storage::float16), as_float16));
  CHECK(same_bits(kept<Space, Brain, float>(x, Storage::bfloat16_in_float), as_bfloat16));
  CHECK(same_bits(kept<Space, Narrow, float>(x, Storage::float16_in_float), as_float16));
}

TEST_CASE("sixteen bits: what is too large is infinite, never the largest number") {
  CHECK(float(Float16(65519.f)) == 65504);
  CHECK(float(Float16(65520.f)) == infinity);
  CHECK(float(Float16(-1e30f)) == -infinity);
  CHECK(float(BFloat16(std::numeric_limits<float>::max())) == infinity);
}

TEST_CASE("narrow: eleven bits of a float, ties to even") {
  CHECK(rounded_to<11>(1 + 0x1p-10f) == 1 + 0x1p-10f);
  CHECK(rounded_to<11>(1 + 0x1p-11f) == 1);
  CHECK(rounded_to<11>(1 + 0x3p-11f) == 1 + 0x1p-9f);
  CHECK(rounded_to<11>(-1 - 0x1.8p-11f) == -1 - 0x1p-10f);
  CHECK(rounded_to<11>(infinity) == infinity);
  CHECK(std::isnan(rounded_to<11>(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("narrow: memory of another kind is refused") {
  std::vector<float> floats(6);
  std::vector<BFloat16> brains(6);
  const auto in_floats = dense_array(floats.data(), 2, 3);
  CHECK_THROWS_AS((Array<Narrow, 2>(in_floats, Storage::bfloat16_in_float)), std::logic_error);
  CHECK_THROWS_AS((Array<Brain, 2>(in_floats, Storage::float32)), std::logic_error);
  CHECK_THROWS_AS((Array<Brain, 2>(in_floats, Storage::bfloat16)), std::logic_error);
  CHECK_THROWS_AS((Array<Brain, 2>(dense_array(brains.data(), 2, 3), Storage::float16)),
                  std::logic_error);
}

TEST_CASE("narrow: an array reads and writes what its memory holds") {
  std::vector<Float16> halves(6);
  std::vector<float> floats(6);
  const Array<Narrow, 2> as_half = dense_array(halves.data(), 2, 3),
                         as_float = dense_array(floats.data(), 2, 3),
                         in_float{dense_array(floats.data(), 2, 3), Storage::float16_in_float};
  const float x = 1 + 0x1p-12f;
  const auto write = [&](const Array<Narrow, 2>& array) {
    array.with_memory(WriteAt{array.offset(1, 2), x});
  };
  write(as_half);
  CHECK(float(halves[5]) == 1);
  CHECK(as_half(1, 2) == 1);
  write(as_float);
  CHECK(as_float(1, 2) == x);
  CHECK(in_float(1, 2) == 1);
  write(in_float);
  CHECK(floats[5] == 1);
}

}  // namespace theria::test
