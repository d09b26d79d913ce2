// SPDX-License-Identifier: MIT
//
// await(): which of several things ended a wait.
#include "io/wake.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "check.h"
#include "io_tests.h"
#include "os/descriptor.h"

namespace {

using sp::Deadline;
using sp::io::await;
using sp::io::Interrupts;
using sp::io::Wake;
using sp::os::PipeEnds;
using sp::os::Waker;

constexpr int64_t kMillisecond = 1'000'000;

void each_end_is_told() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  Waker closer;
  Waker cancel;
  CHECK_EQUAL(closer.open(), 0);
  CHECK_EQUAL(cancel.open(), 0);
  Interrupts interrupts;
  interrupts.closer_fd = closer.fd();
  interrupts.cancel_fd = cancel.fd();
  const int reader = ends.reader.get();
  const int64_t before = sp::monotonic_ns();
  CHECK(await(reader, POLLIN, interrupts, Deadline::after(20)) == Wake::timed_out);
  CHECK(sp::monotonic_ns() - before >= 20 * kMillisecond);
  CHECK_EQUAL(::write(ends.writer.get(), "x", 1), 1);
  CHECK(await(reader, POLLIN, interrupts, Deadline::after(0)) == Wake::ready);
  cancel.wake();
  CHECK(await(reader, POLLIN, interrupts, Deadline::never()) == Wake::canceled);
  closer.wake();
  CHECK(await(reader, POLLIN, interrupts, Deadline::never()) == Wake::closed);
  closer.clear();
  cancel.clear();
  ends.writer.reset();
  CHECK(await(reader, POLLIN, interrupts, Deadline::never()) == Wake::ready);
}

void without_a_closer_the_flag_is_looked_at() {
  std::atomic<bool> closed{false};
  Interrupts interrupts;
  interrupts.closed = &closed;
  const int64_t before = sp::monotonic_ns();
  CHECK(await(-1, 0, interrupts, Deadline::after(70)) == Wake::timed_out);
  CHECK(sp::monotonic_ns() - before >= 70 * kMillisecond);
  closed = true;
  CHECK(await(-1, 0, interrupts, Deadline::never()) == Wake::closed);
}

void a_signal_ends_a_wait_only_if_asked() {
  check::in_child([] {
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    CHECK_EQUAL(::sigaction(SIGALRM, &action, nullptr), 0);
    const itimerval often = {{0, 5'000}, {0, 5'000}};
    CHECK_EQUAL(::setitimer(ITIMER_REAL, &often, nullptr), 0);
    Interrupts interrupts;
    const int64_t before = sp::monotonic_ns();
    CHECK(await(-1, 0, interrupts, Deadline::after(60)) == Wake::timed_out);
    CHECK(sp::monotonic_ns() - before >= 60 * kMillisecond);
    interrupts.return_on_signal = true;
    CHECK(await(-1, 0, interrupts, Deadline::never()) == Wake::interrupted);
  });
}

// poll(2) itself refuses more entries than there may be descriptors.
void a_host_that_may_open_nothing_can_wait() {
  check::in_child([] {
    PipeEnds ends;
    CHECK_EQUAL(sp::os::make_pipe(ends), 0);
    Waker cancel;
    CHECK_EQUAL(cancel.open(), 0);
    const rlimit none = {0, 0};
    CHECK_EQUAL(::setrlimit(RLIMIT_NOFILE, &none), 0);
    Interrupts interrupts;
    interrupts.cancel_fd = cancel.fd();
    const int64_t before = sp::monotonic_ns();
    CHECK(await(ends.reader.get(), POLLIN, interrupts, Deadline::after(20)) == Wake::timed_out);
    CHECK(sp::monotonic_ns() - before >= 20 * kMillisecond);
    CHECK(await(ends.writer.get(), POLLOUT, interrupts, Deadline::never()) == Wake::ready);
    CHECK_EQUAL(::write(ends.writer.get(), "x", 1), 1);
    CHECK(await(ends.reader.get(), POLLIN, interrupts, Deadline::never()) == Wake::ready);
    cancel.wake();
    CHECK(await(ends.reader.get(), POLLIN, interrupts, Deadline::never()) == Wake::canceled);
  });
}

void wakers_are_reused() {
  std::unique_ptr<Waker> waker = sp::io::lease_waker();
  CHECK(waker != nullptr);
  const Waker* address = waker.get();
  sp::io::return_waker(std::move(waker));
  waker = sp::io::lease_waker();
  CHECK(waker.get() == address);
  const int fd = waker->fd();
  sp::io::return_waker(std::move(waker));
  sp::io::release_wakers();
  CHECK(!sp::os::is_open(fd));
}

void no_waker_is_left_when_no_descriptor_is() {
  check::in_child([] {
    sp::io::release_wakers();
    const rlimit none = {0, 0};
    CHECK_EQUAL(::setrlimit(RLIMIT_NOFILE, &none), 0);
    CHECK(sp::io::lease_waker() == nullptr);
  });
}

}  // namespace

int wake_tests() {
  const CMUnitTest tests[] = {
      TEST(each_end_is_told),
      TEST(without_a_closer_the_flag_is_looked_at),
      TEST(a_signal_ends_a_wait_only_if_asked),
      TEST(a_host_that_may_open_nothing_can_wait),
      TEST(wakers_are_reused),
      TEST(no_waker_is_left_when_no_descriptor_is),
  };
  return cmocka_run_group_tests_name("wake", tests, nullptr, nullptr);
}
