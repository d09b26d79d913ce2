// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/deadline.h"

namespace sp::os {

// The system calls on a pidfd, which Debian 12's libc lacks. Each returns 0 (or a descriptor), or -errno.
int pidfd_open(pid_t pid);
int pidfd_send_signal(int pidfd, int signal, unsigned flags);
inline constexpr unsigned kSignalProcessGroup = 1U << 2;  // Linux 6.9

enum class Recovery { recovered, pending, impossible };

// The wait status of a child that somebody else has reaped (Linux 6.15). `pending`: it is just being reaped.
Recovery pidfd_recover_status(int pidfd, int& wait_status);
// Waits until somebody has reaped it, which a pidfd announces by POLLHUP (Linux 6.9).
void pidfd_await_reaped(int pidfd, Deadline deadline);

}  // namespace sp::os
