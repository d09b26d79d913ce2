// SPDX-License-Identifier: MIT
//
// What a running Process can do.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "check.h"
#include "groups.h"

using namespace std::chrono_literals;

namespace {

sp::Options pipes() { return sp::Options().std_in(sp::Stdio::pipe()).std_out(sp::Stdio::pipe()).kill_on_free(); }

void bytes_go_there_and_back() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  CHECK_EQUAL(cat.write("ping"), 4U);
  char buffer[16];
  size_t size = 0;
  while (size < 4) size += cat.read(buffer + size, sizeof buffer - size);
  CHECK_EQUAL(std::string(buffer, size), "ping");
  cat.close_stream(sp::Stream::in);
  CHECK_EQUAL(cat.read(buffer, sizeof buffer), 0U);
  CHECK_EQUAL(cat.wait(), 0);
}

void reading_has_a_limit() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  char byte = 0;
  const auto start = std::chrono::steady_clock::now();
  const auto error = CHECK_THROWS(sp::TimeoutExpired, cat.read(&byte, 1, sp::Stream::out, 30ms));
  CHECK(std::chrono::steady_clock::now() - start >= 30ms);
  CHECK(!error.result());
  CHECK_THROWS(sp::TimeoutExpired, cat.read(&byte, 1, sp::Stream::out, 0ms));
  cat.write("x");
  CHECK_EQUAL(cat.read(&byte, 1, sp::Stream::out, std::chrono::minutes(1)), 1U);
}

void writing_has_a_limit_and_tells_how_far_it_came() {
  sp::Process child = sp::popen({"sleep", "1000"}, pipes());
  const std::string much(1 << 20, 'x');
  const size_t written = child.write(much, 30ms);
  CHECK(written > 0 && written < much.size());
  CHECK_THROWS(sp::TimeoutExpired, child.write(much, 1ms));
}

void writing_to_a_closed_input_is_an_error() {
  sp::Process child = sp::popen({"true"}, pipes());
  child.wait();
  const auto error = CHECK_THROWS(sp::Error, child.write("x"));
  CHECK_EQUAL(error.code(), SP_ESYS);
  CHECK_EQUAL(error.sys_errno(), EPIPE);
}

void lines_come_one_by_one() {
  sp::Process child = sp::popen({"printf", "one\\n\\nlast"}, sp::Options().std_out(sp::Stdio::pipe()));
  CHECK_EQUAL(child.read_line().value_or("end"), "one\n");
  CHECK_EQUAL(child.read_line(sp::Stream::out, std::chrono::minutes(1)).value_or("end"), "\n");
  CHECK_EQUAL(child.read_line().value_or("end"), "last");
  CHECK(!child.read_line());
  CHECK(!child.read_line());
}

void lines_can_be_iterated() {
  sp::Process child = sp::popen({"sh", "-c", "printf 'a\\nb\\nc' >&2"}, sp::Options().std_err(sp::Stdio::pipe()));
  std::string seen;
  for (const std::string_view line : child.lines(sp::Stream::err)) seen.append(line).append("|");
  CHECK_EQUAL(seen, "a\n|b\n|c|");
  sp::Process silent = sp::popen({"true"}, sp::Options().std_out(sp::Stdio::pipe()));
  for (const std::string_view line : silent.lines()) throw check::Failure{std::string(line)};
}

void a_line_that_did_not_end_is_kept() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  cat.write("be");
  CHECK_THROWS(sp::TimeoutExpired, cat.read_line(sp::Stream::out, 20ms));
  sp::Lines lines = cat.lines(sp::Stream::out, 20ms);
  CHECK_THROWS(sp::TimeoutExpired, static_cast<void>(lines.begin()));
  cat.write("gun\n");
  CHECK_EQUAL(cat.read_line().value_or("end"), "begun\n");
}

void a_timed_out_communicate_loses_nothing() {
  int gate[2];
  CHECK_EQUAL(pipe2(gate, O_CLOEXEC), 0);
  const std::string input(300000, 'i');
  sp::Process child = sp::popen({"sh", "-c", "echo early; read go <&3; wc -c"}, pipes().map_fd(3, gate[0]));
  const auto error = CHECK_THROWS(sp::TimeoutExpired, child.communicate(input, 500ms));
  CHECK_EQUAL(error.result().output(), "early\n");
  CHECK_EQUAL(error.result().returncode(), SP_NO_RETURNCODE);
  CHECK(!child.poll());
  CHECK_EQUAL(write(gate[1], "\n", 1), 1);
  CHECK_EQUAL(child.communicate(input, std::chrono::minutes(1)).output(), "early\n300000\n");
  CHECK_EQUAL(error.result().output(), "early\n");
  CHECK_EQUAL(child.communicate(input).output(), "early\n300000\n");
  close(gate[0]);
  close(gate[1]);
}

void what_ran_into_a_limit_can_be_finished() {
  int gate[2];
  CHECK_EQUAL(pipe2(gate, O_CLOEXEC), 0);
  sp::Process child =
      sp::popen({"sh", "-c", "trap 'echo bye; exit 3' TERM; echo ready; read go <&3"}, pipes().map_fd(3, gate[0]));
  CHECK_EQUAL(child.read_line().value_or("end"), "ready\n");
  CHECK_THROWS(sp::TimeoutExpired, child.communicate({}, 20ms));
  const sp::Result result = child.finish(std::chrono::minutes(1));
  CHECK_EQUAL(result.output(), "bye\n");
  CHECK_EQUAL(result.returncode(), 3);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, child.finish(0ms, true)).code(), SP_EINVAL);
  close(gate[0]);
  close(gate[1]);
}

void communicate_checks() {
  sp::Process child = sp::popen({"sh", "-c", "cat; exit 5"}, pipes().check());
  const auto error = CHECK_THROWS(sp::CalledProcessError, child.communicate("fed"));
  CHECK_EQUAL(error.returncode(), 5);
  CHECK_EQUAL(error.result().output(), "fed");
}

void waiting_has_a_limit_and_can_be_repeated() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS(sp::TimeoutExpired, cat.wait(30ms));
  CHECK(std::chrono::steady_clock::now() - start >= 30ms);
  CHECK(!cat.poll());
  cat.close_stream(sp::Stream::in);
  CHECK_EQUAL(cat.wait(std::chrono::minutes(1)), 0);
  CHECK_EQUAL(cat.wait(), 0);
  CHECK_EQUAL(cat.poll().value_or(-1), 0);
}

void limits_below_zero_are_refused() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  char byte = 0;
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.wait(-1ms)).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.read(&byte, 1, sp::Stream::out, -1ms)).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.stop(-1ms)).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.communicate({}, -1ms)).code(), SP_EINVAL);
}

void signals_reach_the_child() {
  sp::Process terminated = sp::popen({"sleep", "1000"});
  terminated.terminate();
  CHECK_EQUAL(terminated.wait(), -SIGTERM);
  sp::Process killed = sp::popen({"sleep", "1000"});
  killed.kill();
  CHECK_EQUAL(killed.wait(), -SIGKILL);
  sp::Process signalled = sp::popen({"sleep", "1000"});
  signalled.send_signal(SIGUSR1);
  CHECK_EQUAL(signalled.wait(), -SIGUSR1);
  signalled.send_signal(SIGUSR1);  // has ended: nothing to do
  CHECK_EQUAL(CHECK_THROWS(sp::Error, signalled.send_signal(999)).code(), SP_EINVAL);
}

void a_group_is_signalled() {
  sp::Process child = sp::popen({"sh", "-c", "sleep 1000 & echo ready; wait"}, pipes().new_group());
  CHECK_EQUAL(child.read_line().value_or("end"), "ready\n");
  child.kill_group(SIGKILL);
  CHECK_EQUAL(child.wait(), -SIGKILL);
  CHECK(!child.read_line());  // end of file: the grandchild is gone too
  sp::Process alone = sp::popen({"true"});
  CHECK_EQUAL(CHECK_THROWS(sp::Error, alone.kill_group(SIGTERM)).code(), SP_EINVAL);
}

void stop_is_gentle_and_then_not() {
  sp::Process gentle = sp::popen({"sleep", "1000"});
  CHECK_EQUAL(gentle.stop(std::nullopt), -SIGTERM);
  sp::Process stubborn = sp::popen({"sh", "-c", "trap '' TERM; echo ready; read forever"}, pipes());
  CHECK_EQUAL(stubborn.read_line().value_or("end"), "ready\n");
  CHECK_EQUAL(stubborn.stop(20ms), -SIGKILL);
  CHECK_EQUAL(stubborn.stop(0ms), -SIGKILL);
}

void handles_can_be_polled_and_taken() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  CHECK(cat.pid() > 0);
  pollfd ended = {static_cast<int>(cat.exit_handle()), POLLIN, 0};  // -1 where the kernel, or valgrind, has no pidfd
  CHECK_EQUAL(::poll(&ended, 1, 0), 0);
  cat.write("taken\n");
  CHECK(cat.stream_handle(sp::Stream::out) >= 3);
  const int taken = static_cast<int>(cat.release_stream(sp::Stream::out));
  CHECK_EQUAL(cat.stream_handle(sp::Stream::out), -1);
  cat.close_stream(sp::Stream::in);
  if (ended.fd >= 0) CHECK_EQUAL(::poll(&ended, 1, -1), 1);
  CHECK_EQUAL(cat.wait(), 0);
  char buffer[16];
  CHECK_EQUAL(::read(taken, buffer, sizeof buffer), 6);
  CHECK_EQUAL(::close(taken), 0);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.close_stream(sp::Stream::err)).code(), SP_EINVAL);
}

void a_token_wakes_a_blocked_thread() {
  const sp::Cancel cancel;
  sp::Process cat = sp::popen({"cat"}, pipes().cancel(cancel));
  std::thread trigger([cancel] { cancel.trigger(); });
  const auto join = std::unique_ptr<std::thread, void (*)(std::thread*)>(&trigger, [](std::thread* t) { t->join(); });
  CHECK_EQUAL(CHECK_THROWS(sp::Canceled, cat.wait()).code(), SP_ECANCELED);
  CHECK_THROWS(sp::Canceled, cat.read_line());
  cancel.reset();
  cat.write("on\n");
  CHECK_EQUAL(cat.read_line().value_or("end"), "on\n");
}

}  // namespace

int process_tests() {
  const CMUnitTest tests[] = {
      TEST(bytes_go_there_and_back),
      TEST(reading_has_a_limit),
      TEST(writing_has_a_limit_and_tells_how_far_it_came),
      TEST(writing_to_a_closed_input_is_an_error),
      TEST(lines_come_one_by_one),
      TEST(lines_can_be_iterated),
      TEST(a_line_that_did_not_end_is_kept),
      TEST(a_timed_out_communicate_loses_nothing),
      TEST(what_ran_into_a_limit_can_be_finished),
      TEST(communicate_checks),
      TEST(waiting_has_a_limit_and_can_be_repeated),
      TEST(limits_below_zero_are_refused),
      TEST(signals_reach_the_child),
      TEST(a_group_is_signalled),
      TEST(stop_is_gentle_and_then_not),
      TEST(handles_can_be_polled_and_taken),
      TEST(a_token_wakes_a_blocked_thread),
  };
  return cmocka_run_group_tests_name("process", tests, nullptr, nullptr);
}
