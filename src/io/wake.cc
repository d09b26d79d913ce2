// SPDX-License-Identifier: MIT
#include "io/wake.h"

#include <cerrno>

#include "io/shelf.h"
#include "os/poll.h"

namespace sp::io {
namespace {

constexpr size_t kKeptWakers = 16;
Shelf<os::Waker, kKeptWakers> idle_wakers;

}  // namespace

Wake await(int fd, short events, const Interrupts& interrupts, Deadline deadline) {
  pollfd entries[] = {{fd, events, 0}, {interrupts.closer_fd, POLLIN, 0}, {interrupts.cancel_fd, POLLIN, 0}};
  for (;;) {
    const int ready = os::poll_until(entries, std::size(entries), deadline);
    if (ready == 0) return Wake::timed_out;
    if (ready > 0) break;
    if (interrupts.return_on_signal) return Wake::interrupted;
  }
  if ((entries[1].revents & POLLIN) != 0) return Wake::closed;
  if ((entries[2].revents & POLLIN) != 0) return Wake::canceled;
  return Wake::ready;
}

Result<std::unique_ptr<os::Waker>> lease_waker() {
  std::unique_ptr<os::Waker> waker = idle_wakers.take();
  if (waker) return waker;
  waker = std::make_unique<os::Waker>();
  if (const int error = waker->open()) return system_error(Step::wait, error, "", "cannot make a wake-up descriptor");
  return waker;
}

void return_waker(std::unique_ptr<os::Waker> waker) { idle_wakers.put(std::move(waker)); }

void release_wakers() { idle_wakers.clear(); }

}  // namespace sp::io
