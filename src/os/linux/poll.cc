// SPDX-License-Identifier: MIT
#include "os/poll.h"

#include <sys/select.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace sp::os {
namespace {

timespec timespec_of(int64_t nanoseconds) {
  constexpr int64_t kSecond = 1'000'000'000;
  return {static_cast<time_t>(nanoseconds / kSecond), static_cast<long>(nanoseconds % kSecond)};
}

// poll(2) refuses more entries than RLIMIT_NOFILE, which a sandbox may set to 0 for a process that needs no new ones.
int select_instead(pollfd* entries, size_t count, const timespec* left, const sigset_t* mask) {
  fd_set readable;
  fd_set writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  int highest = -1;
  for (size_t i = 0; i < count; ++i) {
    const int fd = entries[i].fd;
    if (fd < 0) continue;
    if (fd >= FD_SETSIZE) return -EINVAL;
    FD_SET(fd, (entries[i].events & POLLOUT) != 0 ? &writable : &readable);
    highest = std::max(highest, fd);
  }
  const int ready = ::pselect(highest + 1, &readable, &writable, nullptr, left, mask);
  if (ready < 0) return -errno;
  for (size_t i = 0; i < count; ++i) {
    const int fd = entries[i].fd;
    const bool is_ready = ready > 0 && fd >= 0 && (FD_ISSET(fd, &readable) || FD_ISSET(fd, &writable));
    entries[i].revents = is_ready ? entries[i].events : static_cast<short>(0);
  }
  return ready;
}

int poll_once(pollfd* entries, size_t count, const timespec* left, const sigset_t* mask) {
  const int ready = ::ppoll(entries, count, left, mask);
  if (ready >= 0) return ready;
  return errno == EINVAL ? select_instead(entries, count, left, mask) : -errno;
}

}  // namespace

int poll_until(pollfd* entries, size_t count, Deadline deadline, const sigset_t* mask) {
  for (;;) {
    timespec left = {0, 0};
    if (!deadline.is_never()) left = timespec_of(deadline.remaining_ns());
    const int ready = poll_once(entries, count, deadline.is_never() ? nullptr : &left, mask);
    if (ready > 0) return ready;
    if (ready < 0 && ready != -EAGAIN && ready != -ENOMEM) return ready;
    if (ready == 0 && deadline.expired()) return 0;
  }
}

bool let_signals_in(const sigset_t* mask) {
  const timespec now = {0, 0};
  return ::ppoll(nullptr, 0, &now, mask) < 0 && errno == EINTR;
}

void pause_ms(int milliseconds) { poll_until(nullptr, 0, Deadline::after(milliseconds)); }

}  // namespace sp::os
