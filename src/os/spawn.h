// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "base/unique_fd.h"

namespace sp::os {

// Descriptor `from` of the host becomes `to` in the child. `lift`: another move overwrites `from` first.
struct FdMove {
  int from;
  int to;
  bool lift;
};

// Everything that the child's half needs, as plain data: it must not allocate, lock or look anything up.
struct SpawnPlan {
  const char* const* argv = nullptr;
  const char* const* envp = nullptr;
  const char* const* const* changing_envp = nullptr;  // instead: where the preexec callback leaves the environment
  const char* const* candidates = nullptr;            // paths to execute, tried in order; NULL-terminated
  const char* cwd = nullptr;

  const FdMove* moves = nullptr;
  size_t move_count = 0;
  int* lifted = nullptr;      // scratch, one per move
  const int* kept = nullptr;  // descriptors above 2 that stay open, ascending
  size_t kept_count = 0;
  bool close_others = true;

  bool keep_ignored_signals = false;
  bool keep_signal_mask = false;
  bool new_session = false;
  bool controlling_tty = false;
  bool set_process_group = false;
  int process_group = 0;
  bool set_groups = false;
  const uint32_t* groups = nullptr;
  size_t group_count = 0;
  bool set_gid = false;
  uint32_t gid = 0;
  bool set_uid = false;
  uint32_t uid = 0;
  bool set_umask = false;
  uint32_t umask = 0;
  int death_signal = 0;
  int (*preexec)(void*) = nullptr;
  void* preexec_argument = nullptr;

  [[nodiscard]] bool changes_credentials() const { return set_groups || set_gid || set_uid; }
};

// What stopped a start; sys_errno 0 means that nothing did.
struct SpawnFailure {
  Step step = Step::fork;
  int sys_errno = 0;
  int index = -1;  // the candidate or move concerned, if one is
};

struct Spawned {
  pid_t pid = -1;
  UniqueFd exit_fd;  // becomes readable when the child ends; none where the system has no such thing
};

// Starts a child and returns once it runs its program. A child that failed on the way has been reaped.
SpawnFailure spawn(const SpawnPlan& plan, Spawned& spawned);

}  // namespace sp::os
