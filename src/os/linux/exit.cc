// SPDX-License-Identifier: MIT
#include "os/exit.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "os/linux/pidfd.h"
#include "os/poll.h"

namespace sp::os {
namespace {

constexpr int kPidfdId = 3;  // P_PIDFD

int64_t microseconds(const timeval& time) { return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; }

Usage usage_of(const rusage& from) {
  Usage usage;
  usage.user_us = microseconds(from.ru_utime);
  usage.system_us = microseconds(from.ru_stime);
  usage.max_rss_bytes = int64_t{from.ru_maxrss} * 1024;
  usage.minor_faults = from.ru_minflt;
  usage.major_faults = from.ru_majflt;
  usage.voluntary_switches = from.ru_nvcsw;
  usage.involuntary_switches = from.ru_nivcsw;
  usage.blocks_in = from.ru_inblock;
  usage.blocks_out = from.ru_oublock;
  return usage;
}

// libc's waitid() hides the kernel's fifth argument, the rusage. __WALL: a child that has not yet reached exec is
// of the kind that sends no SIGCHLD.
long wait_for(pid_t pid, int exit_fd, int options, siginfo_t& info, rusage* usage) {
  info = {};
  const int kind = exit_fd >= 0 ? kPidfdId : P_PID;
  const int id = exit_fd >= 0 ? exit_fd : pid;
  const long result = ::syscall(SYS_waitid, kind, id, &info, WEXITED | __WALL | options, usage);
  // Linux before 5.4 has no P_PIDFD, a filter may refuse it, and a host may have closed what is not its own.
  if (result == -1 && exit_fd >= 0 && (errno == EINVAL || errno == ENOSYS || errno == EPERM || errno == EBADF))
    return ::syscall(SYS_waitid, P_PID, pid, &info, WEXITED | __WALL | options, usage);
  return result;
}

void take_siginfo(const siginfo_t& info, ExitStatus& status) {
  status.returncode = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
  status.core_dumped = info.si_code == CLD_DUMPED;
}

void take_wait_status(int from, ExitStatus& status) {
  status.returncode = WIFSIGNALED(from) ? -WTERMSIG(from) : WEXITSTATUS(from);
  status.core_dumped = WIFSIGNALED(from) && WCOREDUMP(from);
}

// Somebody else's waitpid took it, or the host ignores SIGCHLD: since Linux 6.15 the pidfd still knows.
Reap recover(int exit_fd, ExitStatus& status) {
  if (exit_fd < 0) return Reap::lost;
  constexpr int64_t kPatienceMs = 10000;  // the reaping thread may have to wait for a processor
  int wait_status = 0;
  Recovery recovery = pidfd_recover_status(exit_fd, wait_status);
  if (recovery == Recovery::pending) {
    pidfd_await_reaped(exit_fd, Deadline::after(kPatienceMs));
    recovery = pidfd_recover_status(exit_fd, wait_status);
  }
  if (recovery != Recovery::recovered) return Reap::lost;
  take_wait_status(wait_status, status);
  return Reap::exited;
}

}  // namespace

Reap reap(pid_t pid, int exit_fd, bool keep_zombie, ReapMode mode, ExitStatus& status) {
  siginfo_t info;
  rusage usage = {};
  const int options = (mode == ReapMode::ask ? WNOHANG : 0) | (keep_zombie ? WNOWAIT : 0);
  long result = 0;
  do result = wait_for(pid, exit_fd, options, info, &usage);
  while (result == -1 && errno == EINTR);
  if (result == -1) return recover(exit_fd, status);
  if (info.si_pid == 0) return Reap::running;
  take_siginfo(info, status);
  status.has_usage = true;
  status.usage = usage_of(usage);
  return Reap::exited;
}

void reap_failed(pid_t pid) {
  siginfo_t info;
  while (wait_for(pid, -1, 0, info, nullptr) == -1 && errno == EINTR) {
  }
}

namespace {

// A kernel before 5.1, a filter, no permission, or a host that has closed what is not its own: the pid may still do.
bool refuses_pidfd(int error) { return error == ENOSYS || error == EPERM || error == EBADF; }

}  // namespace

int signal_process(pid_t pid, int exit_fd, int signal) {
  if (exit_fd >= 0) {
    const int error = -pidfd_send_signal(exit_fd, signal, 0);
    if (!refuses_pidfd(error)) return error;
  }
  // The number is safe only while the child is ours to reap: nobody
  // may have reaped it behind our back.
  siginfo_t info;
  if (wait_for(pid, -1, WNOHANG | WNOWAIT, info, nullptr) == -1) return ESRCH;
  return ::kill(pid, signal) == 0 ? 0 : errno;
}

bool group_outlives_leader(int exit_fd) {
  static std::atomic<bool> known_to{false};  // it depends on the kernel alone
  if (exit_fd < 0) return false;
  if (known_to.load(std::memory_order_relaxed)) return true;
  const int error = -pidfd_send_signal(exit_fd, 0, kSignalProcessGroup);
  const bool does = error != EINVAL && !refuses_pidfd(error);
  if (does) known_to.store(true, std::memory_order_relaxed);
  return does;
}

int signal_group(pid_t leader, int exit_fd, int signal, bool leader_reaped) {
  if (exit_fd >= 0) {
    const int error = -pidfd_send_signal(exit_fd, signal, kSignalProcessGroup);
    if (error != EINVAL && !refuses_pidfd(error)) return error;
  }
  if (leader_reaped) return ENOSYS;
  siginfo_t info;
  if (wait_for(leader, -1, WNOHANG | WNOWAIT, info, nullptr) == -1) return ENOSYS;
  return ::kill(-leader, signal) == 0 ? 0 : errno;
}

}  // namespace sp::os
