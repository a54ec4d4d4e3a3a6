// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/cuda/instructions.hpp"

/// Hopper's products of a warpgroup, four warps with 16 rows each: PTX that only code for sm_90a may hold.
namespace theria::tile::cuda {

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
inline constexpr bool has_warpgroups = true;
#else
inline constexpr bool has_warpgroups = false;
#endif

/// What this thread copied to shared memory can be read by the products of others after a barrier.
KOKKOS_INLINE_FUNCTION void publish_to_products() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

/// How a product finds the 8x8 matrices of a factor of 16-bit numbers in shared memory: `along` bytes from
/// one to the next in the direction of the sum, `across` in the other.
KOKKOS_INLINE_FUNCTION std::uint64_t describe(std::uint32_t address, int along, int across) {
  return std::uint64_t(address >> 4 & 0x3fff) | std::uint64_t(along >> 4) << 16 |
         std::uint64_t(across >> 4) << 32;
}

/// A word of a factor in registers is final: nothing that makes it comes after the beginning of a chain.
KOKKOS_INLINE_FUNCTION void settle([[maybe_unused]] std::uint32_t word) {
  KOKKOS_IF_ON_DEVICE((asm volatile("" ::"r"(word));))
}
/// Begins a chain of products: what is in the registers of its sums and factors is final.
KOKKOS_INLINE_FUNCTION void begin_products() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#endif
}

#ifdef __CUDA_ARCH_FEAT_SM90_ALL
#define THERIA_WARPGROUP_SUM(c)                                                                   \
  "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]), "+f"(c[6]), "+f"(c[7]), \
      "+f"(c[8]), "+f"(c[9]), "+f"(c[10]), "+f"(c[11]), "+f"(c[12]), "+f"(c[13]), "+f"(c[14]),    \
      "+f"(c[15])
#define THERIA_WARPGROUP_PRODUCT(left, right, add, rest)                                         \
  "{.reg .pred p; setp.ne.b32 p, " add                                                           \
  ", 0;\n"                                                                                       \
  "wgmma.mma_async.sync.aligned.m64n32k16.f32.f16.f16 "                                          \
  "{%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15}, " left ", " right ", p, 1, 1, " rest \
  ";}\n"
#endif

/// c (64,32) += a b, or = a b: a (64,16) in shared memory, its rows contiguous, or of which each warp holds 16 rows
/// as mma_half takes them; b (16,32) in shared memory, its rows contiguous or, `transposed`, its columns. c is
/// blocks of 8 columns as mma_half has them.
template <bool transposed>
KOKKOS_INLINE_FUNCTION void multiply_warpgroup([[maybe_unused]] float (&c)[16],
                                               [[maybe_unused]] const std::uint32_t (&a)[4],
                                               [[maybe_unused]] std::uint64_t b,
                                               [[maybe_unused]] bool add) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile(THERIA_WARPGROUP_PRODUCT("{%16,%17,%18,%19}", "%20", "%21", "%22")
               : THERIA_WARPGROUP_SUM(c)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(int(add)),
                 "n"(transposed ? 0 : 1));
#endif
}
template <bool transposed>
KOKKOS_INLINE_FUNCTION void multiply_warpgroup([[maybe_unused]] float (&c)[16],
                                               [[maybe_unused]] std::uint64_t a,
                                               [[maybe_unused]] std::uint64_t b,
                                               [[maybe_unused]] bool add) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile(THERIA_WARPGROUP_PRODUCT("%16", "%17", "%18", "0, %19")
               : THERIA_WARPGROUP_SUM(c)
               : "l"(a), "l"(b), "r"(int(add)), "n"(transposed ? 0 : 1));
#endif
}

/// Ends a chain.
KOKKOS_INLINE_FUNCTION void end_products() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}

/// Waits until no more than `pending` chains are on their way; the oldest has `c` then.
template <int pending>
KOKKOS_INLINE_FUNCTION void wait_for_products([[maybe_unused]] float (&c)[16]) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("wgmma.wait_group.sync.aligned %16;"
               : THERIA_WARPGROUP_SUM(c)
               : "n"(pending)
               : "memory");
#endif
}

#undef THERIA_WARPGROUP_SUM
#undef THERIA_WARPGROUP_PRODUCT

}  // namespace theria::tile::cuda
