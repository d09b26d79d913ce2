// SPDX-License-Identifier: MIT
//
// Waker: a latch that any number of calls sets and one call clears.
#include "os/waker.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "check.h"
#include "os_tests.h"

namespace {

using sp::os::Waker;

bool is_awake(const Waker& waker) {
  pollfd entry = {waker.fd(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 1;
}

void a_wake_stays_until_it_is_cleared() {
  Waker waker;
  CHECK_EQUAL(waker.open(), 0);
  CHECK(!is_awake(waker));
  for (int i = 0; i < 3; ++i) waker.wake();
  CHECK(is_awake(waker));
  CHECK(is_awake(waker));
  waker.clear();
  CHECK(!is_awake(waker));
  waker.wake();
  CHECK(is_awake(waker));
}

void clearing_what_is_clear_does_not_block() {
  check::in_child([] {
    Waker waker;
    CHECK_EQUAL(waker.open(), 0);
    waker.clear();
    CHECK(!is_awake(waker));
  });
}

void a_full_counter_does_not_block() {
  check::in_child([] {
    Waker waker;
    CHECK_EQUAL(waker.open(), 0);
    const uint64_t full = UINT64_MAX - 1;
    CHECK_EQUAL(::write(waker.fd(), &full, sizeof full), static_cast<ssize_t>(sizeof full));
    errno = ERANGE;
    waker.wake();
    CHECK_EQUAL(errno, ERANGE);
    CHECK(is_awake(waker));
    waker.clear();
    CHECK(!is_awake(waker));
  });
}

#ifndef __SANITIZE_THREAD__  // which holds signals back once a process with threads has forked, as the tests here do
const Waker* to_wake = nullptr;

void a_signal_handler_may_wake() {
  Waker waker;
  CHECK_EQUAL(waker.open(), 0);
  to_wake = &waker;
  CHECK(::signal(SIGUSR1, [](int) { to_wake->wake(); }) != SIG_ERR);
  errno = ERANGE;
  CHECK_EQUAL(::raise(SIGUSR1), 0);
  CHECK_EQUAL(errno, ERANGE);
  CHECK(is_awake(waker));
  CHECK(::signal(SIGUSR1, SIG_DFL) != SIG_ERR);
}
#endif

}  // namespace

int waker_tests() {
  const CMUnitTest tests[] = {
      TEST(a_wake_stays_until_it_is_cleared),
      TEST(clearing_what_is_clear_does_not_block),
      TEST(a_full_counter_does_not_block),
#ifndef __SANITIZE_THREAD__
      TEST(a_signal_handler_may_wake),
#endif
  };
  return cmocka_run_group_tests_name("waker", tests, nullptr, nullptr);
}
