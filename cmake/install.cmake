# What `cmake --install` and `cpack` put where:
#   bin/leaf, libexec/leaf/leaf-tensor   the two programs
#   lib/libleaf.so.1, include/leaf.h     the library for other programs, with what find_package(leaf) and pkg-config want
#   lib/leaf/                            LEAF's own libraries, which nobody else links
#   lib/python3/dist-packages/leaf.py    the same in Python
# All find each other by where they lie, so the whole may be moved.
include(GNUInstallDirs)
set(OWN_FOLDER ${CMAKE_INSTALL_LIBDIR}/leaf)
set(PROGRAM_FOLDER ${CMAKE_INSTALL_LIBEXECDIR}/leaf)

file(RELATIVE_PATH to_own_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_PREFIX}/${OWN_FOLDER})
file(RELATIVE_PATH to_own_from_program ${CMAKE_INSTALL_PREFIX}/${PROGRAM_FOLDER} ${CMAKE_INSTALL_PREFIX}/${OWN_FOLDER})
set_target_properties(leaf_plain PROPERTIES INSTALL_RPATH "$ORIGIN/${to_own_from_bin}")
set_target_properties(leaf_tensor PROPERTIES INSTALL_RPATH "$ORIGIN/${to_own_from_program}")
set_target_properties(leaf leaf_core ${LOADED_LIBRARIES} PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(leaf_interface PROPERTIES INSTALL_RPATH "$ORIGIN/leaf")

install(TARGETS leaf_plain RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS leaf_tensor RUNTIME DESTINATION ${PROGRAM_FOLDER})
install(TARGETS leaf leaf_core ${LOADED_LIBRARIES} LIBRARY DESTINATION ${OWN_FOLDER})
install(TARGETS leaf_interface LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES leaf/interface/leaf.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES python/leaf.py DESTINATION lib/python3/dist-packages)

# find_package(leaf) gives leaf::leaf; `pkg-config leaf`.
include(CMakePackageConfigHelpers)
set(CONFIG_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/leaf)
configure_package_config_file(cmake/leafConfig.cmake.in ${CMAKE_BINARY_DIR}/leafConfig.cmake INSTALL_DESTINATION ${CONFIG_FOLDER}
                              PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/leafConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(cmake/leaf.pc.in ${CMAKE_BINARY_DIR}/leaf.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/leafConfig.cmake ${CMAKE_BINARY_DIR}/leafConfigVersion.cmake DESTINATION ${CONFIG_FOLDER})
install(FILES ${CMAKE_BINARY_DIR}/leaf.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

# cpack: a package for the Debian that it is built on. dpkg-shlibdeps says what the libraries need.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_NAME leaf)
set(CPACK_PACKAGE_VENDOR "The LEAF authors")
set(CPACK_PACKAGE_CONTACT "The LEAF authors <leaf@localhost>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PACKAGE_DEPENDS libopenblas0-openmp)  # other BLAS multiply at a tenth of the speed, or quarrel about threads
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "python3-numpy, opencv-data")
set(CPACK_STRIP_FILES ON)
include(CPack)
