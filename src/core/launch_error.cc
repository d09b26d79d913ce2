// SPDX-License-Identifier: MIT
#include "core/launch_error.h"

#include <cerrno>
#include <cstdio>

#include "os/descriptor.h"

namespace sp::core {
namespace {

// Room for names within a sentence of at most 255 bytes.
constexpr int kNameRoom = 100;
constexpr int kCwdRoom = 80;

// A file that is there and yet "not found" names an interpreter that is not. Relative ones are looked up from cwd.
const char* script_without_interpreter(Command& command, const Options& options) {
  for (const char* const* candidate = command.candidates(); *candidate != nullptr; ++candidate) {
    const bool is_reachable = (*candidate)[0] == '/' || options.cwd == nullptr;
    if (is_reachable && os::check_executable(*candidate) == 0) return *candidate;
  }
  return nullptr;
}

Error not_found(Command& command, const Options& options) {
  const char* program = command.program();
  const int size = clipped(program, kNameRoom);
  Error error = make_error(Code::not_found, Step::exec, "cannot start '%.*s'", size, program);
  const char* script = script_without_interpreter(command, options);
  if (script != nullptr) {
    error.set_message("cannot start '%.*s': the interpreter that it names does not exist", size, program);
  } else if (command.search_path() != nullptr) {
    error.set_message("cannot start '%.*s': not found in PATH (%.*s)", size, program,
                      clipped(command.search_path(), kNameRoom), command.search_path());
  } else if (options.cwd != nullptr && program[0] != '/') {
    error.set_message("cannot start '%.*s': no such file below cwd '%.*s'", size, program,
                      clipped(options.cwd, kCwdRoom), options.cwd);
  } else {
    error.set_message("cannot start '%.*s': no such file", size, program);
  }
  error.sys_errno = ENOENT;
  error.set_path(script != nullptr ? script : program);
  return error;
}

Error explain_exec(const os::SpawnFailure& failure, Command& command, const Options& options) {
  const char* program = command.program();
  const int size = clipped(program, kNameRoom);
  const char* candidate = failure.index >= 0 ? command.candidates()[failure.index] : program;
  const int error = failure.sys_errno;
  if (error == ENOENT) return not_found(command, options);
  if (error == ENOTDIR && command.search_path() != nullptr) return not_found(command, options);
  if (error == ENOEXEC)
    return system_error(Step::exec, error, candidate, "cannot start '%.*s', which has no '#!' line", size, program);
  return system_error(Step::exec, error, candidate, "cannot start '%.*s'", size, program);
}

Error explain_user(const os::SpawnFailure& failure, const Options& options, const os::SpawnPlan& plan) {
  char number[16];
  const bool is_user = failure.step == Step::uid;
  const char* name = is_user ? options.user : options.group;
  std::snprintf(number, sizeof number, "%u", is_user ? plan.uid : plan.gid);
  if (name == nullptr) name = number;
  return system_error(failure.step, failure.sys_errno, name, "cannot run as %s '%.*s'", is_user ? "user" : "group",
                      clipped(name, kNameRoom), name);
}

Error explain_move(const os::SpawnFailure& failure, const os::SpawnPlan& plan) {
  char number[16] = "";
  if (failure.index < 0) return system_error(Step::fds, failure.sys_errno, "", "cannot set up the child's descriptors");
  const os::FdMove& move = plan.moves[failure.index];
  std::snprintf(number, sizeof number, "%d", move.from);
  return system_error(Step::fds, failure.sys_errno, number, "cannot make descriptor %d the child's descriptor %d",
                      move.from, move.to);
}

}  // namespace

Error explain(const os::SpawnFailure& failure, Command& command, const Options& options, const os::SpawnPlan& plan) {
  const int error = failure.sys_errno;
  switch (failure.step) {
    case Step::exec:
      return explain_exec(failure, command, options);
    case Step::chdir:
      return system_error(Step::chdir, error, options.cwd, "cannot enter cwd '%.*s'", clipped(options.cwd, kNameRoom),
                          options.cwd);
    case Step::uid:
    case Step::gid:
      return explain_user(failure, options, plan);
    case Step::groups:
      return system_error(Step::groups, error, "", "cannot set %zu supplementary groups", options.group_count);
    case Step::fds:
      return explain_move(failure, plan);
    case Step::session:
      return system_error(
          Step::session, error, "",
          options.controlling_tty ? "cannot make std_in the controlling terminal" : "cannot start a session");
    case Step::group:
      return system_error(Step::group, error, "", "cannot join process_group %d", options.process_group);
    case Step::preexec:
      return system_error(Step::preexec, error, "", "the preexec callback failed");
    case Step::limits:
      return system_error(Step::limits, error, "", "cannot set death_signal %d", options.death_signal);
    default:
      return system_error(failure.step, error, command.program(), "cannot make a process for '%.*s'",
                          clipped(command.program(), kNameRoom), command.program());
  }
}

}  // namespace sp::core
