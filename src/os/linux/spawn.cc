// SPDX-License-Identifier: MIT
//
// The parent's half of a start. Three ways, best first: clone3 (vfork-class, handlers cleared by the kernel), clone
// (the child clears them), fork (a preexec callback, or memory that cannot be shared).
#include "os/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>

#include "os/descriptor.h"
#include "os/exit.h"
#include "os/linux/child.h"
#include "os/linux/clone3.h"
#include "os/linux/pidfd.h"
#include "os/per_process.h"

namespace sp::os {
namespace {

enum class Way : int { unknown, clone3, clone, fork };
std::atomic<Way> best_way{Way::unknown};

constexpr size_t kStackSize = size_t{8} * 1024;  // the child needs 3

// A signal that arrived in the child would run the host's handler on shared memory. Raw, because libc's call leaves
// its own two signals unblocked.
class BlockedSignals {
 public:
  BlockedSignals() {
    const SignalMask all = kAllSignals;
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, word(&all), word(&host_mask_), sizeof all);
  }
  ~BlockedSignals() { raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, word(&host_mask_), 0, sizeof host_mask_); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  [[nodiscard]] SignalMask host_mask() const { return host_mask_; }

 private:
  SignalMask host_mask_ = 0;
};

// A child that changes its user on shared memory makes that memory, and so the host, undumpable. One such start at a
// time: a second one would take the first one's loss for the host's choice.
PerProcess<std::mutex> one_at_a_time;

class DumpableGuard {
 public:
  explicit DumpableGuard(bool needed) {
    if (!needed) return;
    lock_ = std::unique_lock<std::mutex>(one_at_a_time.get());
    dumpable_ = ::prctl(PR_GET_DUMPABLE);
  }
  ~DumpableGuard() {
    if (dumpable_ == 1 && ::prctl(PR_GET_DUMPABLE) != 1) ::prctl(PR_SET_DUMPABLE, 1);
  }
  DumpableGuard(const DumpableGuard&) = delete;
  DumpableGuard& operator=(const DumpableGuard&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  int dumpable_ = 0;
};

bool refuses_way(long error) { return error == -ENOSYS || error == -EPERM || error == -EINVAL; }

// The exit signal is 0 until exec, which sets it to SIGCHLD: a start that fails stays invisible to the host's SIGCHLD
// handler and to its waitpid(-1).
long start_by_clone3(ChildTask& task, unsigned char* stack, int& pidfd) {
  CloneArguments arguments = {};
  arguments.flags = kCloneVm | kCloneVfork | kClonePidfd | kCloneClearSighand;
  arguments.pidfd = static_cast<uint64_t>(word(&pidfd));
  arguments.stack = static_cast<uint64_t>(word(stack));
  arguments.stack_size = kStackSize;
  task.handlers_cleared = true;
  return clone3_call(arguments, sp_child_main, &task);
}

int clone_entry(void* task) { sp_child_main(task); }

long start_by_clone(ChildTask& task, unsigned char* stack, int& pidfd) {
  const int flags = static_cast<int>(kCloneVm | kCloneVfork | kClonePidfd);
  task.handlers_cleared = false;
  const int pid = ::clone(clone_entry, stack + kStackSize, flags, &task, &pidfd);
  return pid >= 0 ? pid : -errno;
}

long start_sharing_memory(Way way, ChildTask& task, int& pidfd) {
  alignas(64) unsigned char stack[kStackSize];
  return way == Way::clone3 ? start_by_clone3(task, stack, pidfd) : start_by_clone(task, stack, pidfd);
}

Way next_way(Way way) { return way == Way::clone3 ? Way::clone : Way::fork; }

// The child moves descriptors about and must not hit the pipe that it reports through.
int make_report_pipe(const SpawnPlan& plan, PipeEnds& ends) {
  if (const int error = make_pipe(ends)) return error;
  const auto is_target = [&](int fd) {
    return std::any_of(plan.moves, plan.moves + plan.move_count, [fd](const FdMove& move) { return move.to == fd; });
  };
  while (is_target(ends.writer.get())) {
    const int fd = ::fcntl(ends.writer.get(), F_DUPFD_CLOEXEC, ends.writer.get() + 1);
    if (fd < 0) return errno;
    ends.writer.reset(fd);
  }
  return 0;
}

void read_report(int fd, ChildReport& report) {
  ssize_t size = 0;
  do size = ::read(fd, &report, sizeof report);
  while (size < 0 && errno == EINTR);
  if (size != sizeof report) report = ChildReport{};
}

long start_by_fork(ChildTask& task, int& pidfd) {
  PipeEnds ends;
  if (const int error = make_report_pipe(*task.plan, ends)) return -error;
  task.handlers_cleared = false;
  task.report_fd = ends.writer.get();
  const pid_t pid = ::fork();
  if (pid < 0) return -errno;
  if (pid == 0) sp_child_main(&task);
  ends.writer.reset();
  pidfd = pidfd_open(pid);
  read_report(ends.reader.get(), task.report);
  return pid;
}

// Emulators and some sandboxes take CLONE_VM but copy the memory, where the child's report would never arrive. So the
// first start reports through a pipe too, and tells which it was. (A child made just to find out would be the init of a
// new pid namespace, and take it along when it ends.)
long start_first(Way way, ChildTask& task, int& pidfd) {
  PipeEnds ends;
  if (const int error = make_report_pipe(*task.plan, ends)) return -error;
  task.report_fd = ends.writer.get();
  const long pid = start_sharing_memory(way, task, pidfd);
  task.report_fd = -1;
  if (pid < 0) return pid;
  ends.writer.reset();
  const bool shared = task.report.started != 0;
  if (!shared) read_report(ends.reader.get(), task.report);
  best_way.store(shared ? way : Way::fork, std::memory_order_relaxed);
  return pid;
}

long start(ChildTask& task, int& pidfd) {
  if (task.plan->preexec != nullptr) return start_by_fork(task, pidfd);
  const Way best = best_way.load(std::memory_order_relaxed);
  for (Way way = best == Way::unknown ? Way::clone3 : best; way != Way::fork; way = next_way(way)) {
    const long pid = best == Way::unknown ? start_first(way, task, pidfd) : start_sharing_memory(way, task, pidfd);
    if (!refuses_way(pid)) return pid;
    if (best != Way::unknown) best_way.store(next_way(way), std::memory_order_relaxed);  // a filter came since
  }
  const long pid = start_by_fork(task, pidfd);
  if (pid > 0) best_way.store(Way::fork, std::memory_order_relaxed);
  return pid;
}

}  // namespace

SpawnFailure spawn(const SpawnPlan& plan, Spawned& spawned) {
  const DumpableGuard dumpable(plan.changes_credentials());
  ChildTask task;
  task.plan = &plan;
  task.host_pid = plan.death_signal != 0 ? ::getpid() : 0;
  int pidfd = -1;
  long pid = 0;
  {
    const BlockedSignals blocked;
    task.host_mask = blocked.host_mask();
    pid = start(task, pidfd);
  }
  if (pid < 0) return {Step::fork, static_cast<int>(-pid), -1};
  UniqueFd exit_fd(pidfd);
  const ChildReport& report = task.report;
  if (report.sys_errno != 0) {
    reap_failed(static_cast<pid_t>(pid));
    return {static_cast<Step>(report.step), report.sys_errno, report.index};
  }
  if (exit_fd) lift_above_stdio(exit_fd);
  if (!exit_fd) exit_fd.reset(std::max(pidfd_open(static_cast<pid_t>(pid)), -1));
  spawned.pid = static_cast<pid_t>(pid);
  spawned.exit_fd = std::move(exit_fd);
  return {};
}

}  // namespace sp::os
