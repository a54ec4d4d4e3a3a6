// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <cstdint>

#include "kernels/tile/form.hpp"

/// A loop over registers: a thread's arrays stay in registers only where indices are constants. And a loop that stays
/// one: what a team executes has to stay in the instruction caches.
#ifdef __CUDA_ARCH__
#define THERIA_NO_UNROLL _Pragma("unroll 1")
#define THERIA_UNROLL _Pragma("unroll")
#define THERIA_UNROLL_2 _Pragma("unroll 2")
#define THERIA_UNROLL_4 _Pragma("unroll 4")
#else
#define THERIA_NO_UNROLL
#define THERIA_UNROLL
#define THERIA_UNROLL_2
#define THERIA_UNROLL_4
#endif

/// The PTX that the tile algebra is made of, one function an instruction; with Hopper's in warpgroup.hpp and
/// warpgroup_tfloat.hpp and the conversions of core/sixteen_bits.hpp the only assembly in theria. On the host pass of
/// nvcc each is an empty shell.
namespace theria::tile::cuda {

KOKKOS_INLINE_FUNCTION int lane() {
  KOKKOS_IF_ON_DEVICE((return static_cast<int>(threadIdx.x);))
  KOKKOS_IF_ON_HOST((return 0;))
}
KOKKOS_INLINE_FUNCTION int warp() {
  KOKKOS_IF_ON_DEVICE((return static_cast<int>(threadIdx.y);))
  KOKKOS_IF_ON_HOST((return 0;))
}

KOKKOS_INLINE_FUNCTION void sync_team() { KOKKOS_IF_ON_DEVICE((__syncthreads();)) }
KOKKOS_INLINE_FUNCTION void sync_warp() { KOKKOS_IF_ON_DEVICE((__syncwarp();)) }

KOKKOS_INLINE_FUNCTION bool any_lane(bool x) {
  KOKKOS_IF_ON_DEVICE((x = __any_sync(0xffffffffu, x);))
  return x;
}

template <class T>
KOKKOS_INLINE_FUNCTION T shuffle_xor(T x, [[maybe_unused]] int mask) {
  KOKKOS_IF_ON_DEVICE((x = __shfl_xor_sync(0xffffffffu, x, mask);))
  return x;
}

KOKKOS_INLINE_FUNCTION std::uint32_t shared_address([[maybe_unused]] const void* p) {
  std::uint32_t address = 0;
  KOKKOS_IF_ON_DEVICE((address = static_cast<std::uint32_t>(__cvta_generic_to_shared(p));))
  return address;
}

/// 4, 8 or 16 bytes from device memory to shared memory, asynchronously; both `offset` further than said and aligned
/// to as many.
template <int bytes, int offset>
KOKKOS_INLINE_FUNCTION void copy([[maybe_unused]] std::uint32_t to,
                                 [[maybe_unused]] const void* from) {
  KOKKOS_IF_ON_DEVICE((
      if constexpr (bytes == 16) {
        asm volatile("cp.async.cg.shared.global [%0+%2], [%1+%2], 16;" ::"r"(to), "l"(from),
                     "n"(offset)
                     : "memory");
      } else {
        asm volatile("cp.async.ca.shared.global [%0+%2], [%1+%2], %3;" ::"r"(to), "l"(from),
                     "n"(offset), "n"(bytes)
                     : "memory");
      }))
}
/// 16 bytes, or zeros where there are none; `from` is then not read.
KOKKOS_INLINE_FUNCTION void copy_or_clear([[maybe_unused]] std::uint32_t to,
                                          [[maybe_unused]] const void* from,
                                          [[maybe_unused]] bool there) {
  KOKKOS_IF_ON_DEVICE((asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to),
                                    "l"(from), "r"(there ? 16 : 0)
                                    : "memory");))
}
/// `bytes`, a multiple of 16, by so many threads.
template <int bytes, int threads, int done = 0>
KOKKOS_INLINE_FUNCTION void copy_all(std::uint32_t to, const void* from, int thread) {
  const std::uint32_t mine = to + 16 * thread;
  const void* const there = static_cast<const char*>(from) + 16 * thread;
  if constexpr (done + 16 * threads <= bytes) {
    copy<16, done>(mine, there);
    copy_all<bytes, threads, done + 16 * threads>(to, from, thread);
  } else if constexpr (done < bytes) {
    if (done + 16 * thread < bytes) copy<16, done>(mine, there);
  }
}
KOKKOS_INLINE_FUNCTION void wait_for_copies() {
  KOKKOS_IF_ON_DEVICE((asm volatile("cp.async.wait_all;" ::: "memory");))
}
/// Ends a group of copies, and waits until no more than `groups` are on their way.
KOKKOS_INLINE_FUNCTION void end_copies() {
  KOKKOS_IF_ON_DEVICE((asm volatile("cp.async.commit_group;" ::: "memory");))
}
template <int groups>
KOKKOS_INLINE_FUNCTION void wait_for_copies_but() {
  KOKKOS_IF_ON_DEVICE((asm volatile("cp.async.wait_group %0;" ::"n"(groups) : "memory");))
}

/// Four 8x8 matrices of 16-bit numbers; lane l names row l % 8 of matrix l / 8. Volatile, so that it
/// stays between the barriers it stands between; they order it against stores.
KOKKOS_INLINE_FUNCTION void load_matrices([[maybe_unused]] std::uint32_t (&r)[4],
                                          [[maybe_unused]] std::uint32_t address) {
  KOKKOS_IF_ON_DEVICE((asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                                    : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                                    : "r"(address));))
}
KOKKOS_INLINE_FUNCTION void load_matrices_transposed([[maybe_unused]] std::uint32_t (&r)[4],
                                                     [[maybe_unused]] std::uint32_t address) {
  KOKKOS_IF_ON_DEVICE(
      (asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                    : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                    : "r"(address));))
}

/// c += a b on one 16x8 block, or c = a b where it `begins` a sum, so that no zeros have to be put into c first: a (16,16),
/// b (16,8), two numbers a word.
template <Sixteen type, bool begins>
KOKKOS_INLINE_FUNCTION void mma_half([[maybe_unused]] float (&c)[4],
                                     [[maybe_unused]] const std::uint32_t (&a)[4],
                                     [[maybe_unused]] std::uint32_t b0,
                                     [[maybe_unused]] std::uint32_t b1) {
#ifdef __CUDA_ARCH__
#define THERIA_MMA(type, c)                              \
  "mma.sync.aligned.m16n8k16.row.col.f32." type "." type \
  ".f32 {%0,%1,%2,%3}, "                                 \
  "{%4,%5,%6,%7}, {%8,%9}, " c ";"
#define THERIA_FACTORS "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1)
#define THERIA_SUM(how) how(c[0]), how(c[1]), how(c[2]), how(c[3])
#define THERIA_MULTIPLY(type)                                                                 \
  if constexpr (begins) {                                                                     \
    asm(THERIA_MMA(type, "{%10,%10,%10,%10}") : THERIA_SUM("=f") : THERIA_FACTORS, "f"(0.f)); \
  } else {                                                                                    \
    asm(THERIA_MMA(type, "{%0,%1,%2,%3}") : THERIA_SUM("+f") : THERIA_FACTORS);               \
  }
  if constexpr (type == Sixteen::half) {
    THERIA_MULTIPLY("f16")
  } else {
    THERIA_MULTIPLY("bf16")
  }
#undef THERIA_MULTIPLY
#undef THERIA_SUM
#undef THERIA_FACTORS
#undef THERIA_MMA
#endif
}

/// c += a b on one 16x8 block: a (16,8), b (8,8). Lane 4g + t holds a(g,t) a(g+8,t) a(g,t+4)
/// a(g+8,t+4), b(t,g) b(t+4,g), c(g,2t) c(g,2t+1) c(g+8,2t) c(g+8,2t+1).
KOKKOS_INLINE_FUNCTION void mma_double([[maybe_unused]] double (&c)[4],
                                       [[maybe_unused]] const double (&a)[4],
                                       [[maybe_unused]] const double (&b)[2]) {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm("mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+d"(c[0]), "+d"(c[1]), "+d"(c[2]), "+d"(c[3])
      : "d"(a[0]), "d"(a[1]), "d"(a[2]), "d"(a[3]), "d"(b[0]), "d"(b[1]));
#elif defined(__CUDA_ARCH__)
  // Before Hopper there is only the 8x8x4 shape, which has the same layout in each quarter.
  for (int half = 0; half < 2; ++half)
    for (int k = 0; k < 2; ++k)
      asm("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, {%0,%1};"
          : "+d"(c[2 * half]), "+d"(c[2 * half + 1])
          : "d"(a[half + 2 * k]), "d"(b[k]));
#endif
}

/// Two floats rounded to the nearest, the first in the low half.
template <Sixteen type>
KOKKOS_INLINE_FUNCTION std::uint32_t round_to_halves([[maybe_unused]] float x,
                                                     [[maybe_unused]] float y) {
  std::uint32_t word = 0;
  if constexpr (type == Sixteen::half) {
    KOKKOS_IF_ON_DEVICE((asm("cvt.rn.f16x2.f32 %0, %2, %1;" : "=r"(word) : "f"(x), "f"(y));))
  } else {
    KOKKOS_IF_ON_DEVICE((asm("cvt.rn.bf16x2.f32 %0, %2, %1;" : "=r"(word) : "f"(x), "f"(y));))
  }
  return word;
}
KOKKOS_INLINE_FUNCTION void halves_to_floats([[maybe_unused]] std::uint32_t word, float& x,
                                             float& y) {
  x = y = 0;
  KOKKOS_IF_ON_DEVICE((asm("{.reg .b16 l, h; mov.b32 {l, h}, %2; cvt.f32.f16 %0, l; "
                           "cvt.f32.f16 %1, h;}"
                           : "=f"(x), "=f"(y)
                           : "r"(word));))
}

/// Two floats as numbers of 16 bits, and with two planes what halves leave of them as halves.
template <Sixteen type, int planes>
KOKKOS_INLINE_FUNCTION void split(float x, float y, std::uint32_t (&word)[planes]) {
  word[0] = round_to_halves<type>(x, y);
  if constexpr (planes == 2) {
    float hi_x, hi_y;
    halves_to_floats(word[0], hi_x, hi_y);
    word[1] = round_to_halves<type>(x - hi_x, y - hi_y);
  }
}

/// 2^x; relative error below 2^-22.
KOKKOS_INLINE_FUNCTION float exp2_fast([[maybe_unused]] float x) {
  float y = 0;
  KOKKOS_IF_ON_DEVICE((asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));))
  return y;
}

}  // namespace theria::tile::cuda
