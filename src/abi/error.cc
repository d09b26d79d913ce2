// SPDX-License-Identifier: MIT
#include <cstring>
#include <iterator>

#include "abi/guard.h"

namespace sp::abi {

static_assert(static_cast<int>(Code::abi) == SP_EABI && static_cast<int>(Code::invalid) == SP_EINVAL &&
              static_cast<int>(Code::timed_out) == SP_ETIMEDOUT && static_cast<int>(Code::lost) == SP_ELOST);
static_assert(static_cast<int>(Step::exec) == SP_AT_EXEC && static_cast<int>(Step::signal) == SP_AT_SIGNAL &&
              static_cast<int>(Step::chdir) == SP_AT_CHDIR);
static_assert(sizeof(Error::path) == sizeof(sp_error::path) && sizeof(Error::message) == sizeof(sp_error::message));

void report(const Error& error, sp_error* into) {
  if (into == nullptr) return;
  into->code = static_cast<int32_t>(error.code);
  into->step = static_cast<int32_t>(error.step);
  into->sys_errno = error.sys_errno;
  into->stage = error.stage;
  std::memcpy(into->path, error.path, sizeof into->path);
  std::memcpy(into->message, error.message, sizeof into->message);
}

}  // namespace sp::abi

extern "C" {

const char* sp_code_name(int code) {
  static constexpr const char* kNames[] = {"SP_OK",           "SP_EINVAL",    "SP_ENOMEM",    "SP_ESYS",
                                           "SP_ENOTFOUND",    "SP_EACCESS",   "SP_ETIMEDOUT", "SP_EFAILED",
                                           "SP_ECLOSED",      "SP_ECANCELED", "SP_EINTR",     "SP_ELOST",
                                           "SP_EUNSUPPORTED", "SP_EBUSY",     "SP_EABI"};
  constexpr int kCount = static_cast<int>(std::size(kNames));
  return code <= 0 && code > -kCount ? kNames[-code] : "SP_E?";
}

const char* sp_step_name(int step) {
  static constexpr const char* kNames[] = {"call",    "stdio",  "fork", "session", "group", "fds",
                                           "chdir",   "groups", "gid",  "uid",     "umask", "limits",
                                           "preexec", "exec",   "io",   "wait",    "signal"};
  constexpr int kCount = static_cast<int>(std::size(kNames));
  return step >= 0 && step < kCount ? kNames[step] : "?";
}

}  // extern "C"
