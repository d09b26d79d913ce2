// SPDX-License-Identifier: MIT
#include "core/launch.h"

#include <cerrno>

#include "core/launch_error.h"
#include "os/account.h"
#include "os/poll.h"

namespace sp::core {
namespace {

// Another thread's fork may hold a freshly written program open for a moment (ETXTBSY); processes that have just
// ended may still count (EAGAIN). Doubling from 1 ms: 127 ms in all.
constexpr int kRetries = 7;

bool is_passing(const os::SpawnFailure& failure) {
  return (failure.step == Step::exec && failure.sys_errno == ETXTBSY) ||
         (failure.step == Step::fork && failure.sys_errno == EAGAIN);
}

Status set_identity(const Options& options, os::SpawnPlan& plan) {
  plan.set_groups = options.set_groups;
  plan.groups = options.groups;
  plan.group_count = options.group_count;
  plan.set_gid = options.set_gid || options.group != nullptr;
  plan.gid = options.gid;
  plan.set_uid = options.set_uid || options.user != nullptr;
  plan.uid = options.uid;
  if (options.group != nullptr) {
    const auto gid = os::find_group(options.group);
    if (!gid) return gid.error();
    plan.gid = *gid;
  }
  if (options.user != nullptr) {
    const auto uid = os::find_user(options.user);
    if (!uid) return uid.error();
    plan.uid = *uid;
  }
  return success();
}

void set_rest(const Options& options, os::SpawnPlan& plan) {
  plan.cwd = options.cwd;
  plan.close_others = !options.keep_fds;
  plan.keep_ignored_signals = options.keep_signals;
  plan.keep_signal_mask = options.keep_signal_mask;
  plan.new_session = options.new_session;
  plan.controlling_tty = options.controlling_tty;
  plan.set_process_group = (options.new_group && !options.new_session) || options.join_group;
  plan.process_group = options.process_group;
  plan.set_umask = options.set_umask;
  plan.umask = options.umask;
  plan.death_signal = options.death_signal;
  plan.preexec = options.preexec;
  plan.preexec_argument = options.preexec_argument;
  if (options.preexec != nullptr && options.env == nullptr) plan.changing_envp = &environ;
}

}  // namespace

Result<os::Spawned> launch(Command& command, const Options& options, const StdioSources& sources) {
  os::SpawnPlan plan;
  plan.argv = command.argv();
  plan.envp = command.env();
  plan.candidates = command.candidates();
  SP_TRY(set_identity(options, plan));
  set_rest(options, plan);
  FdMoves moves(sources, options);
  moves.put_into(plan);

  os::Spawned spawned;
  os::SpawnFailure failure = os::spawn(plan, spawned);
  for (int retry = 0; retry < kRetries && is_passing(failure); ++retry) {
    os::pause_ms(1 << retry);
    failure = os::spawn(plan, spawned);
  }
  if (failure.sys_errno != 0) return explain(failure, command, options, plan);
  return {std::move(spawned)};
}

}  // namespace sp::core
