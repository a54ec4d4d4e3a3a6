# SPDX-License-Identifier: Apache-2.0
# Link theria_warnings privately. nvcc hands its host compiler the same list; -Wpedantic is left out
# there because the code that nvcc generates trips over it in every file.

add_library(theria_warnings INTERFACE)
set(warnings -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wunused
             -Wdouble-promotion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlaps in std::string + std::string that aren't there (its bug 105651).
  list(APPEND warnings -Wno-restrict)
endif()
if(THERIA_WERROR)
  list(APPEND warnings -Werror)
endif()
list(JOIN warnings "," warnings_of_nvcc)
target_compile_options(theria_warnings INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:${warnings};-Wpedantic>"
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=${warnings_of_nvcc}>")
