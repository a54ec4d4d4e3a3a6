# SPDX-License-Identifier: Apache-2.0
# Address, leak and undefined-behaviour sanitizers for every target of ours; a finding ends the program.
# Kokkos itself is built without them: its allocations are seen all the same.

add_library(theria_sanitizers INTERFACE)
if(THERIA_SANITIZE)
  set(flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(theria_sanitizers INTERFACE ${flags})
  target_link_options(theria_sanitizers INTERFACE ${flags})
endif()
