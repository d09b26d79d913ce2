// SPDX-License-Identifier: MIT
//
// The child's half of a start. It may run on the memory of a multi-threaded parent whose one thread is suspended: no
// malloc, no lock, no stdio, no libc call, nothing but raw system calls. Each step names itself in the report.
#include "os/linux/child.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <csignal>

#include "os/linux/raw_syscall.h"

namespace sp::os {
namespace {

constexpr int kSignalCount = 64;
constexpr int kFirstOther = 3;
constexpr long kNoErrno = 0;

// The kernel's struct sigaction; its first word is the handler on every supported machine, and all zero is SIG_DFL.
struct KernelSigaction {
  unsigned long handler;
  unsigned long rest[3];
};
constexpr unsigned long kIgnored = 1;

long get_disposition(int signal, KernelSigaction& action) {
  return raw_syscall(SYS_rt_sigaction, signal, 0, word(&action), sizeof(SignalMask));
}

void set_default(int signal) {
  const KernelSigaction action = {0, {0, 0, 0}};
  raw_syscall(SYS_rt_sigaction, signal, word(&action), 0, sizeof(SignalMask));
}

// 1. Handlers cannot survive exec, and must not run here before it. Ignored signals stay ignored, as nohup wants, but
// for those that runtimes ignore for themselves.
void reset_signals(const ChildTask& task) {
  if (!task.handlers_cleared) {
    for (int signal = 1; signal <= kSignalCount; ++signal) {
      KernelSigaction action = {0, {0, 0, 0}};
      if (get_disposition(signal, action) == 0 && action.handler > kIgnored) set_default(signal);
    }
  }
  if (task.plan->keep_ignored_signals) return;
  set_default(SIGPIPE);
  set_default(SIGXFSZ);
  set_default(SIGCHLD);
}

// 2.
long enter_session(const SpawnPlan& plan) { return plan.new_session ? raw_syscall(SYS_setsid) : kNoErrno; }

long enter_group(const SpawnPlan& plan) {
  return plan.set_process_group ? raw_syscall(SYS_setpgid, 0, plan.process_group) : kNoErrno;
}

bool is_target(const SpawnPlan& plan, long fd) {
  for (size_t i = 0; i < plan.move_count; ++i)
    if (plan.moves[i].to == fd) return true;
  return false;
}

long duplicate(int from, int to) {
  const long error = raw_syscall(SYS_dup3, from, to, 0);
#ifdef SYS_dup2
  if (error == -ENOSYS || error == -EPERM) return raw_syscall(SYS_dup2, from, to);
#endif
  return error;
}

// A duplicate on a number that no move overwrites.
long lift(const SpawnPlan& plan, int from) {
  long fd = kFirstOther - 1;
  do fd = raw_syscall(SYS_fcntl, from, F_DUPFD_CLOEXEC, fd + 1);
  while (fd >= 0 && is_target(plan, fd));
  return fd;
}

// 3. Two passes: first save the sources that another move overwrites, then put everything into its place.
long place_descriptors(const SpawnPlan& plan, int32_t& index) {
  for (size_t i = 0; i < plan.move_count; ++i) {
    index = static_cast<int32_t>(i);
    const FdMove& move = plan.moves[i];
    plan.lifted[i] = move.from;
    if (!move.lift) continue;
    const long fd = lift(plan, move.from);
    if (fd < 0) return fd;
    plan.lifted[i] = static_cast<int>(fd);
  }
  for (size_t i = 0; i < plan.move_count; ++i) {
    index = static_cast<int32_t>(i);
    const int from = plan.lifted[i];
    const int to = plan.moves[i].to;
    const long moved = from == to ? raw_syscall(SYS_fcntl, to, F_SETFD, 0) : duplicate(from, to);
    if (moved < 0) return moved;
  }
  index = -1;
  return kNoErrno;
}

long take_terminal(const SpawnPlan& plan) {
  return plan.controlling_tty ? raw_syscall(SYS_ioctl, 0, TIOCSCTTY, 0) : kNoErrno;
}

// 4.
long enter_cwd(const SpawnPlan& plan) {
  return plan.cwd != nullptr ? raw_syscall(SYS_chdir, word(plan.cwd)) : kNoErrno;
}

// 5. Raw calls change this thread alone: libc's would change all threads of the host.
long set_groups(const SpawnPlan& plan) {
  if (!plan.set_groups) return kNoErrno;
  return raw_syscall(SYS_setgroups, static_cast<long>(plan.group_count), word(plan.groups));
}

long set_gid(const SpawnPlan& plan) {
  const long gid = plan.gid;
  return plan.set_gid ? raw_syscall(SYS_setresgid, gid, gid, gid) : kNoErrno;
}

long set_uid(const SpawnPlan& plan) {
  const long uid = plan.uid;
  return plan.set_uid ? raw_syscall(SYS_setresuid, uid, uid, uid) : kNoErrno;
}

// 6.
void set_umask(const SpawnPlan& plan) {
  if (plan.set_umask) raw_syscall(SYS_umask, plan.umask);
}

// After the user, whose change clears it. A parent that died before will not be noticed by the kernel any more.
long set_death_signal(const ChildTask& task) {
  const int signal = task.plan->death_signal;
  if (signal == 0) return kNoErrno;
  const long error = raw_syscall(SYS_prctl, PR_SET_PDEATHSIG, signal);
  if (error < 0) return error;
  const long parent = raw_syscall(SYS_getppid);
  const bool in_other_namespace = parent == 0;
  if (parent != task.host_pid && !in_other_namespace) raw_syscall(SYS_kill, raw_syscall(SYS_getpid), signal);
  return kNoErrno;
}

long run_preexec(const SpawnPlan& plan) {
  const long error = plan.preexec(plan.preexec_argument);
  return error > 0 ? -error : error;
}

// 7. Close on exec rather than now: the kernel then closes after the parent has been released.
void close_at_exec(int fd) { raw_syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC); }

bool is_kept(const SpawnPlan& plan, int fd) {
  for (size_t i = 0; i < plan.kept_count; ++i)
    if (plan.kept[i] == fd) return true;
  return false;
}

long close_ranges(const SpawnPlan& plan) {
  unsigned first = kFirstOther;
  for (size_t i = 0; i <= plan.kept_count; ++i) {
    const bool last_range = i == plan.kept_count;
    const unsigned end = last_range ? ~0U : static_cast<unsigned>(plan.kept[i]) - 1;
    if (first <= end) {
      const long error = raw_syscall(SYS_close_range, first, end, CLOSE_RANGE_CLOEXEC);
      if (error < 0) return error;
    }
    first = end + 2;
  }
  return kNoErrno;
}

struct DirectoryEntry {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

int parse_number(const char* text) {
  int number = 0;
  for (; *text >= '0' && *text <= '9'; ++text) number = number * 10 + (*text - '0');
  return *text == '\0' ? number : -1;
}

// For kernels before 5.11, and sandboxes that refuse close_range.
long close_listed(const SpawnPlan& plan) {
  const long directory = raw_syscall(SYS_openat, AT_FDCWD, word("/proc/self/fd"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return directory;
  alignas(DirectoryEntry) char buffer[2048];
  long size = 0;
  while ((size = raw_syscall(SYS_getdents64, directory, word(buffer), sizeof buffer)) > 0) {
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer + at);
      // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the kernel filled it
      const int fd = entry->name[0] == '.' ? -1 : parse_number(entry->name);
      if (fd >= kFirstOther && fd != directory && !is_kept(plan, fd)) close_at_exec(fd);
      at += entry->length;
    }
  }
  raw_syscall(SYS_close, directory);
  return size;
}

// Without /proc nothing tells which descriptors are open; the limit may have been lowered below some of them.
void close_counted(const SpawnPlan& plan) {
  constexpr int kEnough = 65536;
  for (int fd = kFirstOther; fd < kEnough; ++fd)
    if (!is_kept(plan, fd)) close_at_exec(fd);
}

void close_others(const SpawnPlan& plan) {
  if (!plan.close_others) return;
  if (close_ranges(plan) < 0 && close_listed(plan) < 0) close_counted(plan);
}

// 8.
void set_signal_mask(const ChildTask& task) {
  const SignalMask mask = task.plan->keep_signal_mask ? task.host_mask : 0;
  raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, word(&mask), 0, sizeof mask);
}

// 9. The first error that says more than "not here" wins, as in execvp. No shell is tried for a file without "#!".
long execute(const SpawnPlan& plan, int32_t& index) {
  long told = -ENOENT;
  bool found = false;
  const char* const* envp = plan.changing_envp != nullptr ? *plan.changing_envp : plan.envp;
  for (int32_t i = 0; plan.candidates[i] != nullptr; ++i) {
    const long error = raw_syscall(SYS_execve, word(plan.candidates[i]), word(plan.argv), word(envp));
    if (found) continue;
    told = error;
    index = i;
    found = error != -ENOENT && error != -ENOTDIR;
  }
  return told;
}

[[noreturn]] void leave() {
  for (;;) raw_syscall(SYS_exit_group, 127);
}

[[noreturn]] void fail(ChildTask& task, Step step, long error) {
  task.report.step = static_cast<int32_t>(step);
  task.report.sys_errno = static_cast<int32_t>(-error);
  if (task.report_fd >= 0) raw_syscall(SYS_write, task.report_fd, word(&task.report), sizeof task.report);
  leave();
}

void require(ChildTask& task, Step step, long result) {
  if (result < 0) fail(task, step, result);
}

}  // namespace

void sp_child_main(void* argument) {
  auto& task = *static_cast<ChildTask*>(argument);
  task.report.started = 1;
  const SpawnPlan& plan = *task.plan;
  reset_signals(task);
  require(task, Step::session, enter_session(plan));
  require(task, Step::group, enter_group(plan));
  require(task, Step::fds, place_descriptors(plan, task.report.index));
  require(task, Step::session, take_terminal(plan));
  require(task, Step::chdir, enter_cwd(plan));
  require(task, Step::groups, set_groups(plan));
  require(task, Step::gid, set_gid(plan));
  require(task, Step::uid, set_uid(plan));
  set_umask(plan);
  require(task, Step::limits, set_death_signal(task));
  if (plan.preexec != nullptr) {
    set_signal_mask(task);  // before the callback, which may want another one
    require(task, Step::preexec, run_preexec(plan));
  }
  close_others(plan);
  if (plan.preexec == nullptr) set_signal_mask(task);
  fail(task, Step::exec, execute(plan, task.report.index));
}

}  // namespace sp::os
