// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/vjp_impl.hpp"

namespace theria::sdpa {

#define THERIA_INSTANTIATE(SPACE) \
  template void vjp(const SPACE&, const Options&, const VjpArguments<Brain>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::sdpa
