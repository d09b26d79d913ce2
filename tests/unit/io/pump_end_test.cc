// SPDX-License-Identifier: MIT
//
// Both pumps: everything that ends them before the pipes have ended.
#include <sys/time.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "check.h"
#include "io/pump.h"
#include "io_tests.h"
#include "os/waker.h"
#include "pump_fixture.h"

namespace {

using sp::Deadline;
using sp::io::PumpEnd;
using sp::io::PumpJob;
using sp::os::Waker;

constexpr int64_t kMillisecond = 1'000'000;

void a_limit_is_not_cut_short() {
  for (const RunPump run : kPumps) {
    for (const int span : {1, 9, 40}) {
      Owner owner;
      PumpJob job = job_of(owner, kOut | kErr);
      const int64_t before = sp::monotonic_ns();
      job.deadline = Deadline::after(span);
      CHECK(run(job).end == PumpEnd::timed_out);
      CHECK(sp::monotonic_ns() - before >= span * kMillisecond);
      CHECK(!job.done());
      CHECK_EQUAL(owner.finished_count[1], 0);
      CHECK(is_blocking(job.inlets[0].fd));
    }
  }
}

// A limit in days, which a libuv timer takes and poll(2) would not.
void the_longest_limit_is_no_limit() {
  for (const RunPump run : kPumps) {
    Owner owner;
    owner.say(1, "abc");
    owner.pipes[1].writer.reset();
    PumpJob job = job_of(owner, kOut);
    job.deadline = Deadline::after(sp::kLongestTimeout);
    CHECK(run(job).end == PumpEnd::finished);
    CHECK_EQUAL(owner.captured(1), "abc");
  }
}

void a_limit_of_nothing_takes_what_is_there() {
  for (const RunPump run : kPumps) {
    Owner owner;
    owner.say(1, "abc");
    owner.say(2, "def");
    PumpJob job = job_of(owner, kOut | kErr);
    job.deadline = Deadline::after(0);
    CHECK(run(job).end == PumpEnd::timed_out);
    CHECK_EQUAL(owner.captured(1), "abc");
    CHECK_EQUAL(owner.captured(2), "def");
  }
}

void a_cancel_ends_it() {
  for (const RunPump run : kPumps) {
    Owner owner;
    Waker cancel;
    CHECK_EQUAL(cancel.open(), 0);
    owner.on_output = [&cancel] {
      cancel.wake();
      return true;
    };
    owner.say(1, "abc");
    PumpJob job = job_of(owner, kOut);
    job.interrupts.cancel_fd = cancel.fd();
    CHECK(run(job).end == PumpEnd::canceled);
    CHECK_EQUAL(owner.captured(1), "abc");
    CHECK(run(job).end == PumpEnd::canceled);  // it is a latch
    cancel.clear();
    owner.pipes[1].writer.reset();
    CHECK(run(job).end == PumpEnd::finished);
  }
}

void a_stop_is_the_last_that_is_heard() {
  for (const RunPump run : kPumps) {
    Owner owner;
    owner.on_output = [] { return false; };
    owner.say(1, "abc");
    owner.say(2, "def");
    PumpJob job = job_of(owner, kOut | kErr);
    CHECK(run(job).end == PumpEnd::stopped);
    CHECK_EQUAL(owner.output_count, 1);
    CHECK_EQUAL(owner.captured(1) + owner.captured(2), owner.captured(1).empty() ? "def" : "abc");
    CHECK(job.inlets[0].fd >= 0 && job.inlets[1].fd >= 0);
  }
}

void closing_in_a_callback_ends_it() {
  for (const RunPump run : kPumps) {
    Owner owner;
    owner.on_output = [&owner] {
      owner.is_closing = true;
      return true;
    };
    owner.say(1, "abc");
    PumpJob job = job_of(owner, kOut);
    CHECK(run(job).end == PumpEnd::closed);
  }
}

// From another thread, by what each pump has for it.
void closing_wakes_it() {
  Owner owner;
  PumpJob job = job_of(owner, kOut);
  auto lease = sp::io::LoopLease::acquire();
  CHECK(lease);
  std::thread closer([&] {
    owner.is_closing = true;
    (*lease)->wake();
  });
  const PumpEnd end = sp::io::pump_on_loop(**lease, job).end;
  closer.join();
  CHECK(end == PumpEnd::closed);

  owner.is_closing = false;
  Waker waker;
  CHECK_EQUAL(waker.open(), 0);
  job.interrupts.closer_fd = waker.fd();
  std::thread other([&] { waker.wake(); });
  const PumpEnd polled = sp::io::pump_by_poll(job).end;
  other.join();
  CHECK(polled == PumpEnd::closed);
}

void a_signal_ends_it_only_if_asked() {
  for (const RunPump run : kPumps) {
    check::in_child([run] {
      struct sigaction action = {};
      action.sa_handler = [](int) {};
      action.sa_flags = SA_RESTART;
      CHECK_EQUAL(::sigaction(SIGALRM, &action, nullptr), 0);
      const itimerval often = {{0, 10'000}, {0, 10'000}};
      CHECK_EQUAL(::setitimer(ITIMER_REAL, &often, nullptr), 0);
      Owner owner;
      PumpJob job = job_of(owner, kOut);
      job.deadline = Deadline::after(80);
      CHECK(run(job).end == PumpEnd::timed_out);
      CHECK(job.deadline.expired());
      job.deadline = Deadline::never();
      job.interrupts.return_on_signal = true;
      CHECK(run(job).end == PumpEnd::interrupted);
      owner.say(1, "abc");
      owner.pipes[1].writer.reset();
      while (!job.done()) CHECK(run(job).end != PumpEnd::failed);
      CHECK_EQUAL(owner.captured(1), "abc");
    });
  }
}

// The child has ended, and a grandchild holds its pipe: reading goes on for the drain's time.
void a_held_pipe_is_read_for_a_while() {
  for (const RunPump run : kPumps) {
    for (const bool has_exit_fd : {true, false}) {
      Owner owner;
      Waker exit;
      CHECK_EQUAL(exit.open(), 0);
      exit.wake();
      owner.exited = true;
      owner.say(1, "abc");
      PumpJob job = job_of(owner, kOut);
      job.exit_fds = {has_exit_fd ? exit.fd() : -1};
      job.drain_ms = 30;
      const int64_t before = sp::monotonic_ns();
      CHECK(run(job).end == PumpEnd::pipes_held);
      CHECK(sp::monotonic_ns() - before >= 30 * kMillisecond);
      CHECK_EQUAL(owner.captured(1), "abc");
      CHECK(owner.exit_questions > 0);
    }
  }
}

void no_drain_begins_before_all_have_ended() {
  for (const RunPump run : kPumps) {
    for (const bool has_exit_fd : {true, false}) {
      Owner owner;
      Waker exit;
      CHECK_EQUAL(exit.open(), 0);
      PumpJob job = job_of(owner, kOut);
      job.exit_fds = {has_exit_fd ? exit.fd() : -1};
      job.drain_ms = 1;
      job.deadline = Deadline::after(50);
      CHECK(run(job).end == PumpEnd::timed_out);
      CHECK(job.deadline.expired());
      CHECK_EQUAL(owner.exit_questions > 0, !has_exit_fd);
    }
  }
}

}  // namespace

int pump_end_tests() {
  const CMUnitTest tests[] = {
      TEST(a_limit_is_not_cut_short),
      TEST(the_longest_limit_is_no_limit),
      TEST(a_limit_of_nothing_takes_what_is_there),
      TEST(a_cancel_ends_it),
      TEST(a_stop_is_the_last_that_is_heard),
      TEST(closing_in_a_callback_ends_it),
      TEST(closing_wakes_it),
      TEST(a_signal_ends_it_only_if_asked),
      TEST(a_held_pipe_is_read_for_a_while),
      TEST(no_drain_begins_before_all_have_ended),
  };
  return cmocka_run_group_tests_name("pump_end", tests, nullptr, nullptr);
}
