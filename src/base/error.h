// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace sp {

// The public sp_code and sp_step numbers; abi/error.cc asserts that they agree.
enum class Code : int32_t {
  ok = 0,
  invalid = -1,
  no_memory = -2,
  system = -3,
  not_found = -4,
  access = -5,
  timed_out = -6,
  failed = -7,
  closed = -8,
  canceled = -9,
  interrupted = -10,
  lost = -11,
  unsupported = -12,
  busy = -13,
  abi = -14
};

enum class Step : int32_t {
  call,
  stdio,
  fork,
  session,
  group,
  fds,
  chdir,
  groups,
  gid,
  uid,
  umask,
  limits,
  preexec,
  exec,
  io,
  wait,
  signal
};

// Plain data with room for its texts, so that reporting a failure never needs memory.
struct Error {
  Code code = Code::ok;
  Step step = Step::call;
  int32_t sys_errno = 0;
  int32_t stage = 0;
  char path[232] = {};
  char message[256] = {};

  // Keeps the end of a long path, which says more than its beginning.
  void set_path(const char* text);
  void set_message(const char* format, ...) __attribute__((format(printf, 2, 3)));
};

// A failure that no system call reported.
Error make_error(Code code, Step step, const char* format, ...) __attribute__((format(printf, 3, 4)));

// SP_EINVAL: the sentence names the argument.
Error invalid(const char* format, ...) __attribute__((format(printf, 1, 2)));

// A failed system call: the code follows from `sys_errno`, whose text ends the sentence.
Error system_error(Step step, int sys_errno, const char* path, const char* format, ...)
    __attribute__((format(printf, 4, 5)));

Error out_of_memory();

// How many of the first `most` bytes of `text` to print with "%.*s", so that no UTF-8 character is cut.
int clipped(const char* text, int most);

// The code to branch on for an errno.
Code code_of(int sys_errno);

// The system's text for an errno, in `buffer` or in static memory.
const char* errno_text(int sys_errno, char* buffer, size_t size);

}  // namespace sp
