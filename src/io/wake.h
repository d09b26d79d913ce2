// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <csignal>
#include <memory>

#include "base/deadline.h"
#include "base/result.h"
#include "os/waker.h"

namespace sp::io {

// What may end a blocking call before its time. Descriptors are -1 where there is none.
struct Interrupts {
  int closer_fd = -1;                         // readable: the handle or stream is being closed
  const std::atomic<bool>* closed = nullptr;  // the same, looked at now and then where no descriptor was left
  int cancel_fd = -1;                         // readable: the cancel token was triggered
  bool return_on_signal = false;
  const sigset_t* wait_mask = nullptr;  // of a SignalWindow
};

enum class Wake { ready, timed_out, canceled, closed, interrupted, failed };

// Waits until `fd` (-1: nothing) is ready for `events`, as poll(2) names them.
Wake await(int fd, short events, const Interrupts& interrupts, Deadline deadline);

// Wakers are kept for reuse: one is needed in every blocking call. Null without memory or descriptors, of which ending
// a child must not depend.
std::unique_ptr<os::Waker> lease_waker();
void return_waker(std::unique_ptr<os::Waker> waker);
void release_wakers();

}  // namespace sp::io
