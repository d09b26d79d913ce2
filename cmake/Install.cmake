# SPDX-License-Identifier: MIT
#
# What `cmake --install` puts where: headers, both libraries, pkg-config file, CMake package.

include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

set(SP_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/libsubprocess")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/libsubprocess" "${PROJECT_BINARY_DIR}/include/libsubprocess"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")

# Two export sets, so that a user of the shared library needs no libuv development files.
install(TARGETS subprocess EXPORT libsubprocess-shared LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS subprocess-static EXPORT libsubprocess-static ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
foreach(kind shared static)
  install(EXPORT libsubprocess-${kind} NAMESPACE libsubprocess:: FILE libsubprocess-${kind}.cmake
    DESTINATION "${SP_CMAKE_DIR}")
endforeach()

configure_package_config_file(pkgconfig/libsubprocess-config.cmake.in
  "${PROJECT_BINARY_DIR}/pkgconfig/libsubprocess-config.cmake" INSTALL_DESTINATION "${SP_CMAKE_DIR}"
  NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change what a program sees.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/pkgconfig/libsubprocess-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/pkgconfig/libsubprocess-config.cmake"
  "${PROJECT_BINARY_DIR}/pkgconfig/libsubprocess-config-version.cmake"
  DESTINATION "${SP_CMAKE_DIR}")

# Written when it is installed, because only then the prefix is known (`cmake --install BUILD --prefix ELSEWHERE`).
install(CODE "
  set(SP_PC_SOURCE [==[${PROJECT_SOURCE_DIR}/pkgconfig/libsubprocess.pc.in]==])
  set(SP_PC_FILE [==[${PROJECT_BINARY_DIR}/pkgconfig/libsubprocess.pc]==])
  set(CMAKE_INSTALL_LIBDIR [==[${CMAKE_INSTALL_LIBDIR}]==])
  set(CMAKE_INSTALL_INCLUDEDIR [==[${CMAKE_INSTALL_INCLUDEDIR}]==])
  set(PROJECT_VERSION [==[${PROJECT_VERSION}]==])
  set(PROJECT_DESCRIPTION [==[${PROJECT_DESCRIPTION}]==])")
install(SCRIPT cmake/InstallPkgConfig.cmake)
