// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/hvp_impl.hpp"

namespace theria::sdpa {

#define THERIA_INSTANTIATE(SPACE)                                                                 \
  template void hvp(const SPACE&, const Options&, const HvpArguments<Brain>&, Workspace<SPACE>&); \
  template void jvp_vjp(const SPACE&, const Options&, const JvpVjpArguments<Brain>&,              \
                        Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::sdpa
