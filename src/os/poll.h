// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>

#include <csignal>
#include <cstddef>

#include "base/deadline.h"

namespace sp::os {

// poll(2) with a Deadline: the number of ready entries, 0 when the deadline passed, -EINTR when a signal came, or
// another -errno where waiting is impossible. With `mask` the thread has that signal mask meanwhile.
int poll_until(pollfd* entries, size_t count, Deadline deadline, const sigset_t* mask = nullptr);

// Lets the signals in that `mask` does not block: whether one was handled. poll_until() does that only where it has to
// wait, which it may never have to with a child that always writes.
bool let_signals_in(const sigset_t* mask);

// Blocks for a while where there is no event to wait for: a busy program file, a full process table, no pidfd.
void pause_ms(int milliseconds);

}  // namespace sp::os
