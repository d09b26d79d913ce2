// SPDX-License-Identifier: MIT
#include "io/wake.h"

#include <cerrno>
#include <iterator>
#include <new>

#include "io/shelf.h"
#include "os/poll.h"

namespace sp::io {
namespace {

constexpr size_t kKeptWakers = 16;
constexpr int64_t kBlindWaitMs = 20;
Shelf<os::Waker, kKeptWakers> idle_wakers;

}  // namespace

Wake await(int fd, short events, const Interrupts& interrupts, Deadline deadline) {
  pollfd entries[] = {{fd, events, 0}, {interrupts.closer_fd, POLLIN, 0}, {interrupts.cancel_fd, POLLIN, 0}};
  for (;;) {
    const bool blind = interrupts.closer_fd < 0 && interrupts.closed != nullptr;
    if (blind && *interrupts.closed) return Wake::closed;
    const Deadline until = blind ? Deadline::earlier(deadline, Deadline::after(kBlindWaitMs)) : deadline;
    const int ready = os::poll_until(entries, std::size(entries), until, interrupts.wait_mask);
    if (ready > 0) break;
    if (ready == 0 && (!blind || deadline.expired())) return Wake::timed_out;
    if (ready == -EINTR && interrupts.return_on_signal) return Wake::interrupted;
    if (ready < 0 && ready != -EINTR) return Wake::failed;
  }
  if (entries[1].revents != 0 || (interrupts.closed != nullptr && *interrupts.closed)) return Wake::closed;
  if ((entries[2].revents & POLLIN) != 0) return Wake::canceled;
  if (entries[2].revents != 0) return Wake::failed;
  return Wake::ready;
}

std::unique_ptr<os::Waker> lease_waker() {
  std::unique_ptr<os::Waker> waker = idle_wakers.take();
  if (waker) return waker;
  waker.reset(new (std::nothrow) os::Waker);
  if (waker && waker->open() != 0) waker.reset();
  return waker;
}

void return_waker(std::unique_ptr<os::Waker> waker) { idle_wakers.put(std::move(waker)); }

void release_wakers() { idle_wakers.clear(); }

}  // namespace sp::io
