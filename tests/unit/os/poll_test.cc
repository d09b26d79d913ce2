// SPDX-License-Identifier: MIT
//
// poll_until(): never early, and told from a signal.
#include "os/poll.h"

#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "check.h"
#include "os/descriptor.h"
#include "os_tests.h"

namespace {

using sp::Deadline;
using sp::os::PipeEnds;
using sp::os::poll_until;

constexpr int64_t kMillisecond = 1'000'000;

void a_deadline_is_not_cut_short() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  for (const int span : {1, 7, 30}) {
    pollfd entry = {ends.reader.get(), POLLIN, 0};
    const int64_t before = sp::monotonic_ns();
    CHECK_EQUAL(poll_until(&entry, 1, Deadline::after(span)), 0);
    CHECK(sp::monotonic_ns() - before >= span * kMillisecond);
  }
}

void readiness_is_seen_also_when_the_deadline_has_passed() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  CHECK_EQUAL(::write(ends.writer.get(), "x", 1), 1);
  for (const Deadline deadline : {Deadline::after(0), Deadline::never(), Deadline::after(sp::kLongestTimeout)}) {
    pollfd entries[] = {{-1, POLLIN, 0}, {ends.reader.get(), POLLIN, 0}};
    CHECK_EQUAL(poll_until(entries, 2, deadline), 1);
    CHECK_EQUAL(entries[0].revents, 0);
    CHECK_EQUAL(entries[1].revents, POLLIN);
  }
}

void a_signal_is_told() {
  check::in_child([] {
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    action.sa_flags = SA_RESTART;
    CHECK_EQUAL(::sigaction(SIGALRM, &action, nullptr), 0);
    const itimerval soon = {{0, 20'000}, {0, 20'000}};
    CHECK_EQUAL(::setitimer(ITIMER_REAL, &soon, nullptr), 0);
    CHECK_EQUAL(poll_until(nullptr, 0, Deadline::never()), -EINTR);
    CHECK_EQUAL(poll_until(nullptr, 0, Deadline::after(60'000)), -EINTR);
  });
}

void a_pause_lasts() {
  const int64_t before = sp::monotonic_ns();
  sp::os::pause_ms(15);
  CHECK(sp::monotonic_ns() - before >= 15 * kMillisecond);
}

}  // namespace

int poll_tests() {
  const CMUnitTest tests[] = {
      TEST(a_deadline_is_not_cut_short),
      TEST(readiness_is_seen_also_when_the_deadline_has_passed),
      TEST(a_signal_is_told),
      TEST(a_pause_lasts),
  };
  return cmocka_run_group_tests_name("poll", tests, nullptr, nullptr);
}
