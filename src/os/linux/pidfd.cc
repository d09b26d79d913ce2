// SPDX-License-Identifier: MIT
#include "os/linux/pidfd.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "os/poll.h"

namespace sp::os {
namespace {

constexpr long kPidfdSendSignal = 424;
constexpr long kPidfdOpen = 434;

// linux/pidfd.h as of Linux 6.15; older headers lack it.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroup_id;
  uint32_t pid, tgid, ppid;
  uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exit_code;
};
constexpr uint64_t kInfoExit = 1U << 3;
// The kernel takes any size from its first version's 64 bytes on.
const unsigned long kGetInfo = _IOWR(0xFF, 11, PidfdInfo);

}  // namespace

int pidfd_open(pid_t pid) {
  const long fd = ::syscall(kPidfdOpen, pid, 0);
  return fd >= 0 ? static_cast<int>(fd) : -errno;
}

int pidfd_send_signal(int pidfd, int signal, unsigned flags) {
  return ::syscall(kPidfdSendSignal, pidfd, signal, nullptr, flags) == 0 ? 0 : -errno;
}

Recovery pidfd_recover_status(int pidfd, int& wait_status) {
  PidfdInfo info = {};
  info.mask = kInfoExit;
  if (::ioctl(pidfd, kGetInfo, &info) != 0) return errno == ESRCH ? Recovery::pending : Recovery::impossible;
  if ((info.mask & kInfoExit) == 0) return Recovery::pending;
  wait_status = info.exit_code;
  return Recovery::recovered;
}

void pidfd_await_reaped(int pidfd, Deadline deadline) {
  pollfd entry = {pidfd, 0, 0};
  while (poll_until(&entry, 1, deadline) == -EINTR) {
  }
}

}  // namespace sp::os
