// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace sp::os {

struct Usage {
  int64_t user_us = 0;
  int64_t system_us = 0;
  int64_t max_rss_bytes = 0;
  int64_t minor_faults = 0;
  int64_t major_faults = 0;
  int64_t voluntary_switches = 0;
  int64_t involuntary_switches = 0;
  int64_t blocks_in = 0;
  int64_t blocks_out = 0;
};

struct ExitStatus {
  int64_t returncode = 0;  // 0 to 255, or -N for signal N
  bool core_dumped = false;
  bool has_usage = false;
  Usage usage;
};

enum class Reap { running, exited, lost };

enum class ReapMode { ask, block };

// Takes the end of one child, if it has ended or once it has; `exit_fd` may be -1. With `keep_zombie` its pid stays
// taken.
Reap reap(pid_t pid, int exit_fd, bool keep_zombie, ReapMode mode, ExitStatus& status);

// Blocks until a child that is not wanted any more has ended.
void reap_failed(pid_t pid);

// Both return 0 or an errno; ESRCH when there is nobody left to signal.
int signal_process(pid_t pid, int exit_fd, int signal);
// `leader_reaped`: the number may belong to somebody else by now, so only a pidfd may be used (else ENOSYS).
int signal_group(pid_t leader, int exit_fd, int signal, bool leader_reaped);

// Whether signal_group() will still work after the leader has been reaped.
bool group_outlives_leader(int exit_fd);

}  // namespace sp::os
