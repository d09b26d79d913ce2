// SPDX-License-Identifier: MIT
//
// Deadline: limits at both ends of what is accepted.
#include "base/deadline.h"

#include <poll.h>

#include "base_tests.h"
#include "check.h"

namespace {

using sp::Deadline;

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kMinute = 60'000 * kMillisecond;

void never_does_not_come() {
  for (const Deadline never : {Deadline::never(), Deadline::after(sp::kForever)}) {
    CHECK(never.is_never());
    CHECK(!never.expired());
  }
}

void zero_has_passed() {
  const Deadline now = Deadline::after(0);
  CHECK(!now.is_never());
  CHECK(now.expired());
  CHECK_EQUAL(now.remaining_ns(), 0);
}

void a_span_counts_down() {
  const int64_t before = sp::monotonic_ns();
  const Deadline deadline = Deadline::after(50);
  const int64_t left = deadline.remaining_ns();
  CHECK(left <= 50 * kMillisecond);
  CHECK(!deadline.is_never());
  while (!deadline.expired()) CHECK(::poll(nullptr, 0, 1) == 0);
  CHECK(sp::monotonic_ns() - before >= 50 * kMillisecond);
  CHECK_EQUAL(deadline.remaining_ns(), 0);
}

void the_longest_timeout_is_no_overflow() {
  const Deadline deadline = Deadline::after(sp::kLongestTimeout);
  CHECK(!deadline.expired());
  CHECK(deadline.remaining_ns() > sp::kLongestTimeout * kMillisecond - kMinute);
}

// What the clock cannot reach is never, and no time that has passed.
void a_sum_beyond_the_clock_saturates() {
  const Deadline deadline = Deadline::after(INT64_MAX / kMillisecond);
  CHECK(deadline.is_never());
  CHECK(!deadline.expired());
}

void the_earlier_one_counts() {
  const Deadline soon = Deadline::after(60'000);
  const Deadline late = Deadline::after(600'000);
  for (const Deadline first : {Deadline::earlier(soon, late), Deadline::earlier(late, soon),
                               Deadline::earlier(soon, Deadline::never()), Deadline::earlier(Deadline::never(), soon)})
    CHECK(first.remaining_ns() <= kMinute);
  CHECK(Deadline::earlier(late, Deadline::never()).remaining_ns() > 5 * kMinute);
  CHECK(Deadline::earlier(Deadline::never(), Deadline::never()).is_never());
}

}  // namespace

int deadline_tests() {
  const CMUnitTest tests[] = {
      TEST(never_does_not_come),
      TEST(zero_has_passed),
      TEST(a_span_counts_down),
      TEST(the_longest_timeout_is_no_overflow),
      TEST(a_sum_beyond_the_clock_saturates),
      TEST(the_earlier_one_counts),
  };
  return cmocka_run_group_tests_name("deadline", tests, nullptr, nullptr);
}
