// SPDX-License-Identifier: MIT
//
// Output callbacks: they may stop the call, throw, nest, and live as long as the process.
#include <csignal>

#include "check.h"
#include "groups.h"

using namespace std::chrono_literals;

namespace {

const char* const kTalks = "echo first; read answer; echo second; exec cat";

struct Sentinel {
  int number;
};

sp::Options capture() { return sp::Options().std_out(sp::Stdio::pipe()); }

void sees_every_stream_as_it_comes() {
  std::string out, err;
  const auto collect = [&](sp::Stream stream, std::string_view data) {
    (stream == sp::Stream::err ? err : out).append(data);
  };
  const sp::Result result =
      sp::run({"sh", "-c", "printf 1; printf 2 >&2; printf 3"}, sp::Options().capture().on_output(collect));
  CHECK_EQUAL(out, "13");
  CHECK_EQUAL(err, "2");
  CHECK_EQUAL(result.output(), "13");
}

void may_stop_the_run() {
  const auto stop = [](sp::Stream, std::string_view) { return false; };
  const auto error =
      CHECK_THROWS(sp::Canceled, sp::run({"sh", "-c", "echo first; exec sleep 1000"}, capture().on_output(stop)));
  CHECK_EQUAL(error.result().output(), "first\n");
  CHECK_EQUAL(error.result().returncode(), -SIGKILL);
}

void what_it_throws_comes_out_of_run() {
  const auto fail = [](sp::Stream, std::string_view data) {
    if (!data.empty()) throw Sentinel{42};
  };
  int number = 0;
  try {
    sp::run({"sh", "-c", "echo first; exec sleep 1000"}, capture().on_output(fail));
  } catch (const Sentinel& sentinel) {
    number = sentinel.number;
  }
  CHECK_EQUAL(number, 42);
  // Nothing of it is left for the next call.
  CHECK_EQUAL(sp::run({"echo", "next"}, capture().on_output([](sp::Stream, std::string_view) {})).output(), "next\n");
}

void what_it_throws_comes_out_of_check_output() {
  const auto fail = [](sp::Stream, std::string_view) -> bool { throw std::logic_error("mine"); };
  const auto error = CHECK_THROWS(std::logic_error, sp::check_output({"echo"}, sp::Options().on_output(fail)));
  CHECK_EQUAL(std::string(error.what()), "mine");
}

void communicate_can_go_on_after_a_throw() {
  bool armed = true;
  const auto fail_once = [&armed](sp::Stream, std::string_view) {
    if (std::exchange(armed, false)) throw std::logic_error("once");
  };
  sp::Process child = sp::popen({"sh", "-c", "echo first; read a; echo second"},
                                capture().std_in(sp::Stdio::pipe()).on_output(fail_once));
  CHECK_THROWS(std::logic_error, child.communicate("answer\n"));
  CHECK_EQUAL(child.communicate("answer\n").output(), "first\nsecond\n");
}

void lives_as_long_as_the_process() {
  const auto witness = std::make_shared<std::string>();
  sp::Process moved;
  {
    sp::Process process =
        sp::popen({"sh", "-c", kTalks},
                  capture().std_in(sp::Stdio::pipe()).on_output([witness](sp::Stream, std::string_view data) {
                    witness->append(data);
                  }));
    moved = std::move(process);
  }
  CHECK_EQUAL(witness.use_count(), 2);
  moved.communicate("answer\nrest\n");
  CHECK_EQUAL(*witness, "first\nsecond\nrest\n");
  moved = sp::Process();
  CHECK_EQUAL(witness.use_count(), 1);
}

void may_run_another_command() {
  std::string inner;
  const auto run_inner = [&inner](sp::Stream, std::string_view) {
    try {
      sp::run({"echo", "inner"}, capture().on_output([](sp::Stream, std::string_view) { throw Sentinel{1}; }));
    } catch (const Sentinel&) {
      inner += "caught";
    }
  };
  CHECK_EQUAL(sp::run({"printf", "outer"}, capture().on_output(run_inner)).output(), "outer");
  CHECK_EQUAL(inner, "caught");
}

void an_inner_throw_passes_through_both() {
  const auto throw_inside = [](sp::Stream, std::string_view) {
    sp::run({"echo"}, capture().on_output([](sp::Stream, std::string_view) { throw Sentinel{2}; }));
  };
  int number = 0;
  try {
    sp::run({"echo"}, capture().on_output(throw_inside));
  } catch (const Sentinel& sentinel) {
    number = sentinel.number;
  }
  CHECK_EQUAL(number, 2);
}

void may_signal_its_process() {
  sp::Process child;
  const auto end = [&child](sp::Stream, std::string_view) { child.terminate(); };
  child = sp::popen({"sh", "-c", "echo first; exec sleep 1000"}, capture().on_output(end));
  CHECK_EQUAL(child.communicate().returncode(), -SIGTERM);
}

void serves_a_pipeline() {
  std::string seen;
  const auto collect = [&seen](sp::Stream, std::string_view data) { seen.append(data); };
  sp::Process process = sp::pipeline({{"printf", "b\\na\\n"}, {"sort"}}, capture().on_output(collect));
  CHECK_EQUAL(process.communicate().output(), "a\nb\n");
  CHECK_EQUAL(seen, "a\nb\n");
}

}  // namespace

int callback_tests() {
  const CMUnitTest tests[] = {
      TEST(sees_every_stream_as_it_comes),
      TEST(may_stop_the_run),
      TEST(what_it_throws_comes_out_of_run),
      TEST(what_it_throws_comes_out_of_check_output),
      TEST(communicate_can_go_on_after_a_throw),
      TEST(lives_as_long_as_the_process),
      TEST(may_run_another_command),
      TEST(an_inner_throw_passes_through_both),
      TEST(may_signal_its_process),
      TEST(serves_a_pipeline),
  };
  return cmocka_run_group_tests_name("callback", tests, nullptr, nullptr);
}
