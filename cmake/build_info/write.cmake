# SPDX-License-Identifier: Apache-2.0
# Run by the build: `cmake -Dgit=... -Dsource=... -Doutput=... -P write.cmake`. configure_file leaves the
# output's time alone where nothing changed, so an unchanged checkout compiles nothing.

set(git_hash unknown)
set(git_dirty false)
if(git)
  # A checkout that another user owns is refused by git unless it is called safe.
  set(git ${git} -c safe.directory=${source} -C ${source})
  execute_process(COMMAND ${git} rev-parse --verify --quiet HEAD
                  OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  execute_process(COMMAND ${git} rev-parse --show-toplevel
                  OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  # Unpacked below some other repository, its hash would not be ours.
  file(REAL_PATH ${source} here)
  if(NOT failed AND top STREQUAL here)
    set(git_hash ${head})
    execute_process(COMMAND ${git} status --porcelain --untracked-files=no
                    OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      set(git_dirty true)
    endif()
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/build_info.cpp.in ${output} @ONLY)
