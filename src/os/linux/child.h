// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "os/spawn.h"

namespace sp::os {

// Signals as the kernel's calls take them: one bit each.
using SignalMask = uint64_t;
inline constexpr SignalMask kAllSignals = ~SignalMask{0};

// Where the child tells what stopped it: memory shared with the parent, or a copy sent through `report_fd`.
struct ChildReport {
  int32_t step = 0;
  int32_t sys_errno = 0;
  int32_t index = -1;
  int32_t started = 0;  // set first of all: shows that the memory really is shared
};

struct ChildTask {
  const SpawnPlan* plan = nullptr;
  ChildReport report;
  int report_fd = -1;             // the fork path's pipe
  bool handlers_cleared = false;  // CLONE_CLEAR_SIGHAND did it
  SignalMask host_mask = 0;
  pid_t host_pid = 0;
};

// The child's half, from the clone to exec. Takes a ChildTask*. Raw system calls only: see src/README.md.
extern "C" [[noreturn]] void sp_child_main(void* argument);

}  // namespace sp::os
