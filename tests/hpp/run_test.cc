// SPDX-License-Identifier: MIT
//
// run(), check_output(), Result and the exceptions.
#include <cerrno>
#include <csignal>
#include <memory>

#include "check.h"
#include "groups.h"

using namespace std::chrono_literals;

namespace {

const char* const kHangs = "echo early; echo late >&2; exec sleep 1000";

void returns_what_the_child_left() {
  const sp::Result result = sp::run({"sh", "-c", "printf out; printf err >&2; exit 3"}, sp::Options().capture());
  CHECK(result);
  CHECK_EQUAL(result.returncode(), 3);
  CHECK_EQUAL(result.output(), "out");
  CHECK_EQUAL(result.output(sp::Stream::err), "err");
  CHECK(result.captured(sp::Stream::err));
  CHECK(!result.core_dumped());
  CHECK(!result.pipes_held());
}

void keeps_nul_bytes_in_output() {
  const sp::Result result = sp::run({"printf", "a\\0b"}, sp::Options().capture());
  CHECK_EQUAL(result.output(), std::string_view("a\0b", 3));
}

void tells_captured_from_empty() {
  const sp::Result result = sp::run({"true"}, sp::Options().std_out(sp::Stdio::pipe()));
  CHECK(result.captured(sp::Stream::out));
  CHECK(!result.captured(sp::Stream::err));
  CHECK_EQUAL(result.output(sp::Stream::err), "");
  CHECK(result.output(sp::Stream::err).data() != nullptr);
}

void measures_the_child() {
  const std::optional<sp::Usage> usage = sp::run({"true"}).usage();
  CHECK(usage);
  CHECK(usage->wall > 0us);
  CHECK(usage->max_rss_bytes > 0);
  CHECK(!sp::Result().usage());
}

void takes_arguments_in_every_form() {
  const std::string word = "word";
  const std::vector<std::string> strings = {"echo", "word"};
  const char* const array[] = {"echo", "word"};
  const sp::Options capture = sp::Options().capture();
  CHECK_EQUAL(sp::run({"echo", word}, capture).output(), "word\n");
  CHECK_EQUAL(sp::run(strings, capture).output(), "word\n");
  CHECK_EQUAL(sp::run(array, capture).output(), "word\n");
  CHECK_EQUAL(sp::run("echo $((6 * 7))", sp::Options().shell().capture()).output(), "42\n");
  CHECK_EQUAL(sp::run("true").returncode(), 0);
}

void refuses_arguments_that_c_would_cut() {
  const std::string cut("a\0b", 3);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::run({"echo", cut})).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::run({"echo", static_cast<const char*>(nullptr)})).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::run(std::vector<std::string>())).code(), SP_EINVAL);
}

void a_missing_program_is_described() {
  const auto error = CHECK_THROWS(sp::Error, sp::run({"/no/such/program"}));
  CHECK_EQUAL(error.code(), SP_ENOTFOUND);
  CHECK_EQUAL(error.step(), SP_AT_EXEC);
  CHECK_EQUAL(error.sys_errno(), ENOENT);
  CHECK_EQUAL(error.path(), "/no/such/program");
  CHECK_EQUAL(error.stage(), 0);
  CHECK_EQUAL(std::string(error.what()), error.get().message);
  CHECK(std::string(error.what()).find("/no/such/program") != std::string::npos);
  CHECK(!error.result());
}

void a_missing_cwd_is_told_from_a_missing_program() {
  const auto error = CHECK_THROWS(sp::Error, sp::run({"true"}, sp::Options().cwd("/no/such/place")));
  CHECK_EQUAL(error.code(), SP_ENOTFOUND);
  CHECK_EQUAL(error.step(), SP_AT_CHDIR);
  CHECK_EQUAL(error.path(), "/no/such/place");
}

void check_throws_with_the_whole_result() {
  const auto error = CHECK_THROWS(
      sp::CalledProcessError, sp::run({"sh", "-c", "echo out; echo err >&2; exit 7"}, sp::Options().capture().check()));
  CHECK_EQUAL(error.code(), SP_EFAILED);
  CHECK_EQUAL(error.returncode(), 7);
  CHECK_EQUAL(error.result().output(), "out\n");
  CHECK_EQUAL(error.result().output(sp::Stream::err), "err\n");
  CHECK(error.result().usage());
}

void check_throws_for_a_signal() {
  const auto error =
      CHECK_THROWS(sp::CalledProcessError, sp::run({"sh", "-c", "kill -TERM $$"}, sp::Options().check()));
  CHECK_EQUAL(error.returncode(), -SIGTERM);
}

void check_can_be_switched_off_again() {
  CHECK_EQUAL(sp::run({"false"}, sp::Options().check().check(false)).returncode(), 1);
}

void a_timeout_kills_and_keeps_the_output() {
  const auto start = std::chrono::steady_clock::now();
  const auto error =
      CHECK_THROWS(sp::TimeoutExpired, sp::run({"sh", "-c", kHangs}, sp::Options().capture().timeout(500ms)));
  CHECK(std::chrono::steady_clock::now() - start >= 500ms);
  CHECK_EQUAL(error.code(), SP_ETIMEDOUT);
  CHECK_EQUAL(error.result().output(), "early\n");
  CHECK_EQUAL(error.result().output(sp::Stream::err), "late\n");
  CHECK_EQUAL(error.result().returncode(), -SIGKILL);
}

void no_time_at_all_is_no_endless_wait() {
  CHECK_THROWS(sp::TimeoutExpired, sp::run({"sleep", "1000"}, sp::Options().timeout(0ms)));
}

void a_kill_grace_sends_sigterm_first() {
  const auto error = CHECK_THROWS(
      sp::TimeoutExpired, sp::run({"sleep", "1000"}, sp::Options().timeout(10ms).kill_grace(std::chrono::minutes(1))));
  CHECK_EQUAL(error.result().returncode(), -SIGTERM);
}

void errors_outlive_the_call_and_can_be_copied() {
  std::unique_ptr<sp::CalledProcessError> kept;
  try {
    sp::run({"sh", "-c", "echo kept; exit 1"}, sp::Options().capture().check());
  } catch (const sp::CalledProcessError& error) {
    kept = std::make_unique<sp::CalledProcessError>(error);
  }
  CHECK(kept);
  const std::exception_ptr stored = std::make_exception_ptr(*kept);
  kept.reset();
  const auto again = CHECK_THROWS(sp::CalledProcessError, std::rethrow_exception(stored));
  CHECK_EQUAL(again.result().output(), "kept\n");
}

void errors_are_caught_by_their_base() {
  CHECK((std::is_base_of_v<std::runtime_error, sp::Error>));
  CHECK((std::is_base_of_v<sp::Error, sp::TimeoutExpired>));
  CHECK((std::is_base_of_v<sp::Error, sp::CalledProcessError>));
  CHECK((std::is_base_of_v<sp::Error, sp::Canceled>));
  CHECK((std::is_nothrow_copy_constructible_v<sp::Error>));
}

void a_result_is_shared() {
  sp::Result copy;
  CHECK(!copy);
  CHECK_EQUAL(copy.returncode(), SP_NO_RETURNCODE);
  CHECK_EQUAL(copy.output(), "");
  const char* data = nullptr;
  {
    const sp::Result original = sp::run({"echo", "shared"}, sp::Options().capture());
    copy = original;
    data = original.output().data();
  }
  CHECK(copy.output().data() == data);
  CHECK_EQUAL(copy.output(), "shared\n");
  const sp::Result moved = std::move(copy);
  CHECK_EQUAL(moved.output(), "shared\n");
  CHECK(!copy);  // NOLINT(bugprone-use-after-move)
}

void a_return_code_can_be_checked_later() {
  sp::run({"true"}).check_returncode();
  const sp::Result failed = sp::run({"sh", "-c", "echo out; exit 9"}, sp::Options().capture());
  const auto error = CHECK_THROWS(sp::CalledProcessError, failed.check_returncode());
  CHECK_EQUAL(error.code(), SP_EFAILED);
  CHECK_EQUAL(error.returncode(), 9);
  CHECK_EQUAL(error.result().output(), "out\n");
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Result().check_returncode()).code(), SP_ELOST);
}

void check_output_returns_the_output() {
  CHECK_EQUAL(sp::check_output({"printf", "a\\0b"}), std::string("a\0b", 3));
  CHECK_EQUAL(sp::check_output({"cat"}, sp::Options().input("fed")), "fed");
}

void check_output_throws_with_the_output() {
  const auto error = CHECK_THROWS(sp::CalledProcessError, sp::check_output({"sh", "-c", "echo out; exit 4"}));
  CHECK_EQUAL(error.returncode(), 4);
  CHECK_EQUAL(error.result().output(), "out\n");
}

void check_output_refuses_another_place_for_the_output() {
  const auto error = CHECK_THROWS(sp::Error, sp::check_output({"true"}, sp::Options().std_out(sp::Stdio::devnull())));
  CHECK_EQUAL(error.code(), SP_EINVAL);
}

void a_token_ends_the_run() {
  const sp::Cancel cancel;
  const auto on_output = [&cancel](sp::Stream, std::string_view data) {
    if (data.find("early") != std::string_view::npos) cancel.trigger();
  };
  const sp::Options options = sp::Options().std_out(sp::Stdio::pipe()).cancel(cancel).on_output(on_output);
  const auto error = CHECK_THROWS(sp::Canceled, sp::run({"sh", "-c", kHangs}, options));
  CHECK_EQUAL(error.code(), SP_ECANCELED);
  CHECK_EQUAL(error.result().output(), "early\n");
  CHECK_EQUAL(error.result().returncode(), -SIGKILL);
  cancel.reset();
  CHECK_EQUAL(sp::run({"true"}, options).returncode(), 0);
}

}  // namespace

int running_tests() {
  const CMUnitTest tests[] = {
      TEST(returns_what_the_child_left),
      TEST(keeps_nul_bytes_in_output),
      TEST(tells_captured_from_empty),
      TEST(measures_the_child),
      TEST(takes_arguments_in_every_form),
      TEST(refuses_arguments_that_c_would_cut),
      TEST(a_missing_program_is_described),
      TEST(a_missing_cwd_is_told_from_a_missing_program),
      TEST(check_throws_with_the_whole_result),
      TEST(check_throws_for_a_signal),
      TEST(check_can_be_switched_off_again),
      TEST(a_timeout_kills_and_keeps_the_output),
      TEST(no_time_at_all_is_no_endless_wait),
      TEST(a_kill_grace_sends_sigterm_first),
      TEST(errors_outlive_the_call_and_can_be_copied),
      TEST(errors_are_caught_by_their_base),
      TEST(a_result_is_shared),
      TEST(a_return_code_can_be_checked_later),
      TEST(check_output_returns_the_output),
      TEST(check_output_throws_with_the_output),
      TEST(check_output_refuses_another_place_for_the_output),
      TEST(a_token_ends_the_run),
  };
  return cmocka_run_group_tests_name("run", tests, nullptr, nullptr);
}
