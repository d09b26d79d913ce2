// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/unique_fd.h"

namespace sp::core {

// A child whose handle was freed before it ended. Made together with the child, so that forgetting it needs no memory.
struct Orphan {
  pid_t pid = -1;
  UniqueFd exit_fd;
  uint64_t epoch = 0;
  Orphan* next = nullptr;
};

// Remembers a child until a later call finds that it has ended.
void adopt_orphan(std::unique_ptr<Orphan> orphan);

inline constexpr size_t kSweepSome = 8;  // per start, so that its cost does not depend on how many there are
inline constexpr size_t kSweepAll = SIZE_MAX;
// Reaps those among the longest unasked `most` that have ended.
void sweep_orphans(size_t most);

}  // namespace sp::core
