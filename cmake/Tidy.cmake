# SPDX-License-Identifier: Apache-2.0
# clang-tidy beside each compilation (.clang-tidy says which checks).

if(THERIA_TIDY)
  find_program(THERIA_CLANG_TIDY NAMES clang-tidy REQUIRED)
  # clang-tidy reads our files as clang, which has no omp.h of its own here: lend it g++'s, alone, since
  # the rest of g++'s folder would hide clang's own headers.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=include/omp.h
                  OUTPUT_VARIABLE omp_header OUTPUT_STRIP_TRAILING_WHITESPACE)
  file(READ ${omp_header} omp_text)
  string(REPLACE ", __malloc__ (omp_free)" "" omp_text "${omp_text}")
  string(REPLACE "__malloc__ (omp_free)" "__malloc__" omp_text "${omp_text}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/omp/omp.h CONTENT "${omp_text}" @ONLY)
  set(CMAKE_CXX_CLANG_TIDY ${THERIA_CLANG_TIDY} --quiet --extra-arg=-isystem${PROJECT_BINARY_DIR}/omp
                           --extra-arg=-Wno-unknown-warning-option)
endif()
