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

/// The same of a swizzled factor (StoredOperand), its rows `row_bytes` of 128 or 64; from a row in the direction of the sum, or
/// across, to the eighth after it is one piece.
KOKKOS_INLINE_FUNCTION std::uint64_t describe_swizzled(std::uint32_t address, int row_bytes) {
  return describe(address, 16, 8 * row_bytes) | std::uint64_t(row_bytes == 128 ? 1 : 2) << 62;
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
#define THERIA_SUM_OF_16(c)                                                                       \
  "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3]), "+f"(c[4]), "+f"(c[5]), "+f"(c[6]), "+f"(c[7]), \
      "+f"(c[8]), "+f"(c[9]), "+f"(c[10]), "+f"(c[11]), "+f"(c[12]), "+f"(c[13]), "+f"(c[14]),    \
      "+f"(c[15])
#define THERIA_SUM_OF_32(c)                                                                      \
  THERIA_SUM_OF_16(c), "+f"(c[16]), "+f"(c[17]), "+f"(c[18]), "+f"(c[19]), "+f"(c[20]),          \
      "+f"(c[21]), "+f"(c[22]), "+f"(c[23]), "+f"(c[24]), "+f"(c[25]), "+f"(c[26]), "+f"(c[27]), \
      "+f"(c[28]), "+f"(c[29]), "+f"(c[30]), "+f"(c[31])
#define THERIA_NAMES_OF_16 "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15"
#define THERIA_NAMES_OF_32 \
  THERIA_NAMES_OF_16 ",%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define THERIA_WARPGROUP_PRODUCT(cols, type, names, left, right, add, rest)               \
  "{.reg .pred p; setp.ne.b32 p, " add                                                    \
  ", 0;\n"                                                                                \
  "wgmma.mma_async.sync.aligned.m64n" cols "k16.f32." type "." type " {" names "}, " left \
  ", " right ", p, 1, 1, " rest ";}\n"
#define THERIA_FROM_REGISTERS(type)                                                            \
  if constexpr (count == 16) {                                                                 \
    asm volatile(THERIA_WARPGROUP_PRODUCT("32", type, THERIA_NAMES_OF_16, "{%16,%17,%18,%19}", \
                                          "%20", "%21", "%22")                                 \
                 : THERIA_SUM_OF_16(c)                                                         \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(int(add)),          \
                   "n"(transposed ? 0 : 1));                                                   \
  } else {                                                                                     \
    asm volatile(THERIA_WARPGROUP_PRODUCT("64", type, THERIA_NAMES_OF_32, "{%32,%33,%34,%35}", \
                                          "%36", "%37", "%38")                                 \
                 : THERIA_SUM_OF_32(c)                                                         \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(int(add)),          \
                   "n"(transposed ? 0 : 1));                                                   \
  }
#define THERIA_FROM_SHARED_MEMORY(type)                                                         \
  if constexpr (count == 16) {                                                                  \
    asm volatile(                                                                               \
        THERIA_WARPGROUP_PRODUCT("32", type, THERIA_NAMES_OF_16, "%16", "%17", "%18", "0, %19") \
        : THERIA_SUM_OF_16(c)                                                                   \
        : "l"(a), "l"(b), "r"(int(add)), "n"(transposed ? 0 : 1));                              \
  } else {                                                                                      \
    asm volatile(                                                                               \
        THERIA_WARPGROUP_PRODUCT("64", type, THERIA_NAMES_OF_32, "%32", "%33", "%34", "0, %35") \
        : THERIA_SUM_OF_32(c)                                                                   \
        : "l"(a), "l"(b), "r"(int(add)), "n"(transposed ? 0 : 1));                              \
  }
#endif

/// c (64,n) += a b, or = a b, n = 2·count, 32 or 64: a (64,16) in shared memory, its rows contiguous, or of which each warp
/// holds 16 rows as mma_half takes them; b (16,n) in shared memory, its rows contiguous or, `transposed`, its columns. c is
/// blocks of 8 columns as mma_half has them.
template <Sixteen type, bool transposed, int count>
KOKKOS_INLINE_FUNCTION void multiply_warpgroup([[maybe_unused]] float (&c)[count],
                                               [[maybe_unused]] const std::uint32_t (&a)[4],
                                               [[maybe_unused]] std::uint64_t b,
                                               [[maybe_unused]] bool add) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  if constexpr (type == Sixteen::half) {
    THERIA_FROM_REGISTERS("f16")
  } else {
    THERIA_FROM_REGISTERS("bf16")
  }
#endif
}
template <Sixteen type, bool transposed, int count>
KOKKOS_INLINE_FUNCTION void multiply_warpgroup([[maybe_unused]] float (&c)[count],
                                               [[maybe_unused]] std::uint64_t a,
                                               [[maybe_unused]] std::uint64_t b,
                                               [[maybe_unused]] bool add) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  if constexpr (type == Sixteen::half) {
    THERIA_FROM_SHARED_MEMORY("f16")
  } else {
    THERIA_FROM_SHARED_MEMORY("bf16")
  }
#endif
}

/// Ends a chain.
KOKKOS_INLINE_FUNCTION void end_products() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
#endif
}

/// Waits until no more than `pending` chains are on their way; the oldest has `c` then. Further parts of one chain are
/// waited for again, which tells the compiler.
template <int pending, int count>
KOKKOS_INLINE_FUNCTION void wait_for_products([[maybe_unused]] float (&c)[count]) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  if constexpr (count == 16) {
    asm volatile("wgmma.wait_group.sync.aligned %16;"
                 : THERIA_SUM_OF_16(c)
                 : "n"(pending)
                 : "memory");
  } else {
    asm volatile("wgmma.wait_group.sync.aligned %32;"
                 : THERIA_SUM_OF_32(c)
                 : "n"(pending)
                 : "memory");
  }
#endif
}

#undef THERIA_FROM_REGISTERS
#undef THERIA_FROM_SHARED_MEMORY
#undef THERIA_WARPGROUP_PRODUCT
#undef THERIA_NAMES_OF_32
#undef THERIA_NAMES_OF_16
#undef THERIA_SUM_OF_32
#undef THERIA_SUM_OF_16

}  // namespace theria::tile::cuda
