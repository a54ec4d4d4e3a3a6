# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: the program, the library with its headers, decks, the Python reader, the licence.
include(CMakePackageConfigHelpers)

install(TARGETS theria EXPORT theriaTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET theria_cli)
  install(TARGETS theria_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
# Include paths are rooted at the repository, so its two source folders keep their names.
foreach(folder kernels src)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/theria
          FILES_MATCHING PATTERN *.hpp PATTERN cli EXCLUDE)
endforeach()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/theria)
install(EXPORT theriaTargets NAMESPACE theria:: DESTINATION ${package_folder})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/theriaConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/theriaConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/theriaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/theriaConfig.cmake ${PROJECT_BINARY_DIR}/theriaConfigVersion.cmake
        DESTINATION ${package_folder})

set(data_folder ${CMAKE_INSTALL_DATADIR}/theria)
foreach(folder inputs postprocess)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${data_folder} OPTIONAL
          PATTERN test EXCLUDE PATTERN tests EXCLUDE PATTERN __pycache__ EXCLUDE)
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${data_folder})
