# SPDX-License-Identifier: Apache-2.0
# nvcc takes ten seconds for Kokkos' headers and g++ three, whatever the source behind them. The sources of a folder
# are therefore compiled as one, by a file that includes them. Who works on theria may prefer each by itself, so that what
# is edited is compiled alone (-DTHERIA_UNITS=OFF, and the presets openmp-debug and tidy).
#
# theria_unit(out name files...) sets `out` to what to compile in place of the files.

function(theria_unit out name)
  if(NOT THERIA_UNITS OR NOT ARGN)
    set(${out} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  set(text "")
  foreach(file IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH file)
    string(APPEND text "#include \"${file}\"\n#undef THERIA_INSTANTIATE\n")
  endforeach()
  set(unit ${PROJECT_BINARY_DIR}/units/${name}.cpp)
  file(CONFIGURE OUTPUT ${unit} CONTENT "${text}" @ONLY)
  set(${out} ${unit} PARENT_SCOPE)
endfunction()
