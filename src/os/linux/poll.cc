// SPDX-License-Identifier: MIT
#include "os/poll.h"

#include <cerrno>
#include <ctime>

namespace sp::os {
namespace {

timespec timespec_of(int64_t nanoseconds) {
  constexpr int64_t kSecond = 1'000'000'000;
  return {static_cast<time_t>(nanoseconds / kSecond), static_cast<long>(nanoseconds % kSecond)};
}

}  // namespace

int poll_until(pollfd* entries, size_t count, Deadline deadline) {
  for (;;) {
    timespec left = {0, 0};
    if (!deadline.is_never()) left = timespec_of(deadline.remaining_ns());
    const int ready = ::ppoll(entries, count, deadline.is_never() ? nullptr : &left, nullptr);
    if (ready > 0) return ready;
    if (ready < 0 && errno != EAGAIN && errno != ENOMEM) return -errno;
    if (ready == 0 && deadline.expired()) return 0;
  }
}

void pause_ms(int milliseconds) { poll_until(nullptr, 0, Deadline::after(milliseconds)); }

}  // namespace sp::os
