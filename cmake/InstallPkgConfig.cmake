# SPDX-License-Identifier: MIT
#
# Writes the pkg-config file for the prefix of this installation; Install.cmake sets the variables. Directories that a
# packager gave relative to the prefix stay so.

foreach(kind LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${kind}}")
    set(SP_PC_${kind} "${CMAKE_INSTALL_${kind}}")
  else()
    set(SP_PC_${kind} "\${prefix}/${CMAKE_INSTALL_${kind}}")
  endif()
endforeach()
configure_file("${SP_PC_SOURCE}" "${SP_PC_FILE}" @ONLY)

cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" OUTPUT_VARIABLE directory)
file(INSTALL "${SP_PC_FILE}" DESTINATION "${directory}/pkgconfig")
