// SPDX-License-Identifier: MIT
#include "core/child.h"

#include <cerrno>

#include "os/fork_epoch.h"

namespace sp::core {

Child::Child(const char* name) : orphan_(std::make_unique<Orphan>()), name_(name) {}

void Child::begin(os::Spawned&& spawned, bool leads_group) noexcept {
  orphan_->pid = spawned.pid;
  orphan_->exit_fd = std::move(spawned.exit_fd);
  orphan_->epoch = os::fork_epoch();
  pid_ = spawned.pid;
  leads_group_ = leads_group;
  state_ = ChildState::running;
}

Child::~Child() {
  const bool unreaped = state_ == ChildState::running || zombie_;
  if (pid_ > 0 && orphan_->epoch != os::fork_epoch()) {
    // A forked child has none of its parent's to reap, and may have its own file under that number.
    static_cast<void>(orphan_->exit_fd.release());
    return;
  }
  if (!unreaped) return;
  adopt_orphan(std::move(orphan_));
  sweep_orphans(zombie_ ? kSweepAll : kSweepSome);
}

ChildState Child::reap(os::ReapMode mode) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (state_ != ChildState::running) return state_;
  const bool keep_zombie = leads_group_ && !os::group_outlives_leader(exit_fd());
  switch (os::reap(pid_, exit_fd(), keep_zombie, mode, status_)) {
    case os::Reap::running:
      return state_;
    case os::Reap::exited:
      state_ = ChildState::exited;
      zombie_ = keep_zombie;
      break;
    case os::Reap::lost:
      state_ = ChildState::lost;
  }
  ended_ns_ = monotonic_ns();
  return state_;
}

ChildState Child::state() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

int Child::signal(int number) {
  if (poll() != ChildState::running) return 0;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (state_ != ChildState::running) return 0;
  const int error = os::signal_process(pid_, exit_fd(), number);
  return error == ESRCH ? 0 : error;
}

int Child::signal_group(int number) {
  poll();
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool reaped = state_ != ChildState::running && !zombie_;
  const int error = os::signal_group(pid_, exit_fd(), number, reaped);
  return error == ESRCH ? 0 : error;
}

}  // namespace sp::core
