// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/cuda/warpgroup.hpp"

/// Hopper's products of a warpgroup in tfloat32: floats of which the tensor cores read the upper 19 bits.
namespace theria::tile::cuda {

/// A float as the sum of two that tensor cores read whole, but for 2^-22 of it at most; of less than 2^-114 more is
/// lost, and an infinity becomes NaN, as what rounds to one does.
struct TwoTfloats {
  std::uint32_t word[2];  // the large and the small one

  KOKKOS_INLINE_FUNCTION explicit TwoTfloats(float x) {
    const auto bits = Kokkos::bit_cast<std::uint32_t>(x);
    word[0] = (bits + 0x1000u) & 0xffffe000u;
    word[1] = Kokkos::bit_cast<std::uint32_t>(x - Kokkos::bit_cast<float>(word[0])) & 0xffffe000u;
  }
};

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#define THERIA_WARPGROUP_SUM(how, c)                                                      \
  how(c[0]), how(c[1]), how(c[2]), how(c[3]), how(c[4]), how(c[5]), how(c[6]), how(c[7]), \
      how(c[8]), how(c[9]), how(c[10]), how(c[11]), how(c[12]), how(c[13]), how(c[14]),   \
      how(c[15]), how(c[16]), how(c[17]), how(c[18]), how(c[19]), how(c[20]), how(c[21]), \
      how(c[22]), how(c[23]), how(c[24]), how(c[25]), how(c[26]), how(c[27]), how(c[28]), \
      how(c[29]), how(c[30]), how(c[31])
#define THERIA_WARPGROUP_PRODUCT(add)                                                              \
  "{.reg .pred p; setp.ne.b32 p, " add                                                             \
  ", 0;\n"                                                                                         \
  "wgmma.mma_async.sync.aligned.m64n64k8.f32.tf32.tf32 "                                           \
  "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,%16,%17,%18,%19,%20,%21,%22,%23,%24,%25" \
  ",%26,%27,%28,%29,%30,%31}, {%32,%33,%34,%35}, %36, p, 1, 1;}\n"
#endif

/// c (64,64) = a b, or += a b where it `adds`: a (64,8), of which each warp holds 16 rows, lane l the numbers (l/4,
/// l%4), eight rows below, four columns to the right, and both; b (8,64) in shared memory, its columns contiguous.
/// c is blocks of 8 columns as mma_half has them.
template <bool adds>
KOKKOS_INLINE_FUNCTION void multiply_warpgroup_tfloat([[maybe_unused]] float (&c)[32],
                                                      [[maybe_unused]] const std::uint32_t (&a)[4],
                                                      [[maybe_unused]] std::uint64_t b) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  if constexpr (adds) {
    asm volatile(THERIA_WARPGROUP_PRODUCT("1")
                 : THERIA_WARPGROUP_SUM("+f", c)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
  } else {
    asm volatile(THERIA_WARPGROUP_PRODUCT("0")
                 : THERIA_WARPGROUP_SUM("=f", c)
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
  }
#endif
}

#undef THERIA_WARPGROUP_SUM
#undef THERIA_WARPGROUP_PRODUCT

}  // namespace theria::tile::cuda
