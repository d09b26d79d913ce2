# SPDX-License-Identifier: MIT
#
# How tests, their helper programs and the examples are built. A folder below tests/ or examples/ lists its programs with
# these functions and needs nothing else; every target name below is made by the function, so short names are fine.
#
#   sp_add_c_test(NAME [SOURCES ...] [LIBS ...] [LABELS ...] [TIMEOUT S] [ENVIRONMENT K=V ...] [ARGS ...] [SERIAL])
#       A cmocka program linked with the shared library, run by ctest as NAME. SOURCES (.c, or .cc for C++17) defaults to
#       NAME.c. TIMEOUT defaults to 300 seconds, must do under valgrind on a busy machine too, and doubles under
#       sanitizers. SERIAL: no other test runs beside it. Exit status 77 means skipped.
#   sp_add_unit_test(NAME ...)
#       The same, but linked with the static library and with src/ on the include path, to test what is not exported.
#       SOURCES defaults to NAME.cc.
#   sp_add_script_test(NAME COMMAND ... [LABELS ...] [TIMEOUT S] [ENVIRONMENT K=V ...] [SERIAL])
#       Any other command, with the same environment. No ';' in it: write a script.
#   sp_add_c_program(NAME [SOURCES ...] [LIBS ...])
#       A program linked with the shared library that no test runs by itself: a script drives it from SP_PROGRAMS_DIR.
#   sp_add_child(NAME [SOURCES ...] [LIBS ...])
#       A helper program for children, in SP_CHILDREN_DIR. Never linked with the library, never built with a sanitizer.
#   sp_add_preload(NAME [SOURCES ...] [LIBS ...])
#       A shared object for LD_PRELOAD: SP_PROGRAMS_DIR/NAME.so. Never built with a sanitizer.
#   sp_add_example(NAME [SOURCES ...] [LIBS ...])
#       A program linked with the shared library, in SP_EXAMPLES_DIR. SOURCES (.c, or .cc) defaults to NAME.c.
#   sp_add_bench(NAME [SOURCES ...] [LIBS ...])
#       The same for measurements, in bench/bin of the build.
#
# Every test finds in its environment:
#   SP_CHILDREN_DIR  SP_EXAMPLES_DIR  SP_PROGRAMS_DIR   where the programs above are built
#   SP_LIBRARY  SP_SOURCE_DIR  SP_BINARY_DIR            the shared library, the top of the source and of the build
#   SP_SANITIZE                                         "", "address,undefined" or "thread"
#   SP_TEST_LAUNCHER                                    if the caller of ctest sets it: a command put in front of the test
#                                                       program (`SP_TEST_LAUNCHER="valgrind -q" ctest ...`)
#
# Labels that say where a test cannot run: native-only (plain builds only: not under sanitizers, not under valgrind),
# no-asan, no-tsan, no-valgrind. A test that does not depend on how the library was compiled is native-only too.

include_guard(GLOBAL)

set(SP_CHILDREN_DIR "${PROJECT_BINARY_DIR}/tests/children/bin")
set(SP_PROGRAMS_DIR "${PROJECT_BINARY_DIR}/tests/programs")
set(SP_EXAMPLES_DIR "${PROJECT_BINARY_DIR}/examples/bin")

# Programs of the project, other than the library: its warnings, C99 and C++17 without extensions.
function(sp_add_program target output_name directory)
  add_executable(${target} ${ARGN})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME "${output_name}" RUNTIME_OUTPUT_DIRECTORY "${directory}")
  target_link_libraries(${target} PRIVATE sp_warnings)
  # Programs may use assert() to check; a release build must not drop it.
  target_compile_options(${target} PRIVATE -UNDEBUG)
endfunction()

# Parses the arguments of the functions below into arg_*; SOURCES falls back to `default_source`.
macro(sp_parse default_source)
  cmake_parse_arguments(arg "SERIAL" "TIMEOUT" "SOURCES;LIBS;LABELS;ENVIRONMENT;ARGS;COMMAND" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    set(arg_SOURCES "${default_source}")
  endif()
endmacro()

# Registers `ARGN` as the test `name`, with the arg_* of the caller.
function(sp_register_test name)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(SP_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 2")
  endif()
  add_test(NAME ${name} COMMAND ${ARGN})
  string(REPLACE ";" "," sanitizers "${SP_SANITIZE}")
  set(environment
    "SP_CHILDREN_DIR=${SP_CHILDREN_DIR}"
    "SP_EXAMPLES_DIR=${SP_EXAMPLES_DIR}"
    "SP_PROGRAMS_DIR=${SP_PROGRAMS_DIR}"
    "SP_LIBRARY=$<TARGET_FILE:subprocess>"
    "SP_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "SP_BINARY_DIR=${PROJECT_BINARY_DIR}"
    "SP_SANITIZE=${sanitizers}")
  set_tests_properties(${name} PROPERTIES
    TIMEOUT ${arg_TIMEOUT}
    SKIP_RETURN_CODE 77
    LABELS "${arg_LABELS}"
    RUN_SERIAL "${arg_SERIAL}"
    ENVIRONMENT "${environment};${SP_SANITIZER_ENVIRONMENT};${arg_ENVIRONMENT}")
endfunction()

# A test program of the name `name`, linked with `library` and cmocka, and the test that runs it.
function(sp_register_program name library)
  sp_add_program(test_${name} ${name} "${PROJECT_BINARY_DIR}/tests/bin" ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${library} PkgConfig::cmocka ${arg_LIBS})
  sp_register_test(${name} "${PROJECT_SOURCE_DIR}/cmake/launch.sh" $<TARGET_FILE:test_${name}> ${arg_ARGS})
endfunction()

function(sp_add_c_test name)
  sp_parse(${name}.c ${ARGN})
  sp_register_program(${name} subprocess)
endfunction()

function(sp_add_unit_test name)
  sp_parse(${name}.cc ${ARGN})
  sp_register_program(${name} subprocess-static)
  target_include_directories(test_${name} PRIVATE "${PROJECT_SOURCE_DIR}/src")
endfunction()

function(sp_add_script_test name)
  sp_parse("" ${ARGN})
  sp_register_test(${name} ${arg_COMMAND})
endfunction()

function(sp_add_c_program name)
  sp_parse(${name}.c ${ARGN})
  sp_add_program(program_${name} ${name} "${SP_PROGRAMS_DIR}" ${arg_SOURCES})
  target_link_libraries(program_${name} PRIVATE subprocess ${arg_LIBS})
endfunction()

function(sp_add_child name)
  sp_parse(${name}.c ${ARGN})
  sp_add_program(child_${name} ${name} "${SP_CHILDREN_DIR}" ${arg_SOURCES})
  target_link_libraries(child_${name} PRIVATE ${arg_LIBS})
endfunction()

function(sp_add_preload name)
  sp_parse(${name}.c ${ARGN})
  add_library(preload_${name} MODULE ${arg_SOURCES})
  set_target_properties(preload_${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY "${SP_PROGRAMS_DIR}")
  target_link_libraries(preload_${name} PRIVATE sp_warnings ${arg_LIBS})
endfunction()

function(sp_add_example name)
  sp_parse(${name}.c ${ARGN})
  sp_add_program(example_${name} ${name} "${SP_EXAMPLES_DIR}" ${arg_SOURCES})
  target_link_libraries(example_${name} PRIVATE subprocess ${arg_LIBS})
endfunction()

function(sp_add_bench name)
  sp_parse(${name}.c ${ARGN})
  sp_add_program(bench_${name} ${name} "${PROJECT_BINARY_DIR}/bench/bin" ${arg_SOURCES})
  target_link_libraries(bench_${name} PRIVATE subprocess ${arg_LIBS})
endfunction()
