# SPDX-License-Identifier: MIT
#
# The language levels, the warnings and the sanitizers, as targets to link with.

include_guard(GLOBAL)

set(CMAKE_C_STANDARD 99)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(sp_warnings INTERFACE)
target_compile_options(sp_warnings INTERFACE -Wall -Wextra -Wconversion $<$<BOOL:${SP_WERROR}>:-Werror>)

# Linked by the library's own targets and, through them, by every program that uses the library: an instrumented shared
# library needs the sanitizer's runtime in the program.
add_library(sp_sanitizer INTERFACE)
set(SP_SANITIZER_ENVIRONMENT "")
if(SP_SANITIZE)
  string(REPLACE ";" "," sanitizers "${SP_SANITIZE}")
  target_compile_options(sp_sanitizer INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(sp_sanitizer INTERFACE -fsanitize=${sanitizers})
  # die_after_fork=0: a host with threads that forks is a case the tests have.
  set(SP_SANITIZER_ENVIRONMENT
      "ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"
      "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"
      "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:die_after_fork=0")
endif()
