// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/deadline.h"
#include "core/orphans.h"
#include "os/exit.h"
#include "os/spawn.h"

namespace sp::core {

enum class ChildState { running, exited, lost };

// One child of the operating system, from its start to its reaping. Thread-safe once begun.
class Child {
 public:
  // `name` stands for it in messages.
  explicit Child(const char* name);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // A child that still runs becomes an orphan.
  ~Child();

  // Takes over a started child. Made before the start, so that nothing can fail after it.
  void begin(os::Spawned&& spawned, bool leads_group) noexcept;

  // Looks whether it has ended, and reaps it.
  ChildState poll() { return reap(os::ReapMode::ask); }
  // Waits for the end, with the child locked meanwhile: for a child that nobody else knows.
  ChildState wait_alone() { return reap(os::ReapMode::block); }
  // What the last poll() found.
  ChildState state();
  // Valid once poll() has said `exited`.
  [[nodiscard]] const os::ExitStatus& status() const { return status_; }
  [[nodiscard]] int64_t wall_us() const { return (ended_ns_ - started_ns_) / 1000; }

  // 0 or an errno; a child that has ended is not signalled, and that is 0.
  int signal(int number);
  // The same for the group that it leads; ENOSYS if the group cannot be told from a recycled number.
  int signal_group(int number);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int exit_fd() const { return orphan_->exit_fd.get(); }
  [[nodiscard]] bool leads_group() const { return leads_group_; }

 private:
  ChildState reap(os::ReapMode mode);

  std::mutex mutex_;
  ChildState state_ = ChildState::lost;  // until it has begun
  os::ExitStatus status_;
  std::unique_ptr<Orphan> orphan_;
  std::string name_;
  pid_t pid_ = -1;
  bool leads_group_ = false;
  bool zombie_ = false;  // seen to end but not reaped, so that its group's number stays taken
  int64_t started_ns_ = monotonic_ns();
  int64_t ended_ns_ = 0;
};

}  // namespace sp::core
