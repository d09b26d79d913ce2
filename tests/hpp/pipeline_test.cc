// SPDX-License-Identifier: MIT
#include <cerrno>
#include <csignal>

#include "check.h"
#include "groups.h"

using namespace std::chrono_literals;

namespace {

sp::Options capture() { return sp::Options().std_out(sp::Stdio::pipe()); }

void output_flows_through_all_stages() {
  sp::Process process = sp::pipeline({{"printf", "b\\na\\nb\\n"}, {"sort"}, {"uniq", "-c"}}, capture());
  CHECK_EQUAL(process.stage_count(), 3U);
  CHECK_EQUAL(sp::split(std::string(process.communicate().output())).size(), 4U);  // 1 a 2 b
}

void input_goes_to_the_first_stage() {
  sp::Process process = sp::pipeline({{"cat"}, {"tr", "a-z", "A-Z"}}, capture().std_in(sp::Stdio::pipe()));
  CHECK_EQUAL(process.communicate("loud").output(), "LOUD");
}

void stages_are_given_in_every_form() {
  const std::string text = "word";
  const std::vector<std::string> words = {"echo", text};
  const std::vector<sp::Command> commands = {words, {"cat"}};
  CHECK_EQUAL(sp::pipeline(commands, capture()).communicate().output(), "word\n");
  CHECK_EQUAL(sp::pipeline({{"echo", text}, {"cat"}}, capture()).communicate().output(), "word\n");
  CHECK_EQUAL(sp::pipeline({words, words}, capture()).communicate().output(), "word\n");
  CHECK_EQUAL(sp::pipeline({{{"pwd"}, sp::Options().cwd("/usr")}, {"cat"}}, capture()).communicate().output(),
              "/usr\n");
}

void a_stage_can_have_options_of_its_own() {
  const std::vector<sp::Command> commands = {
      {{"sh", "-c", "echo $SP_HPP_STAGE"}, sp::Options().add_env("SP_HPP_STAGE", "first")},
      {{"sh", "-c", "cat; echo $SP_HPP_STAGE"}, sp::Options().add_env("SP_HPP_STAGE", "second")}};
  CHECK_EQUAL(sp::pipeline(commands, capture()).communicate().output(), "first\nsecond\n");
}

void every_stage_has_a_return_code() {
  sp::Process process = sp::pipeline({{"sh", "-c", "exit 3"}, {"sh", "-c", "exit 4"}, {"true"}});
  const sp::Result result = process.communicate();
  CHECK_EQUAL(result.returncode(), 0);
  CHECK_EQUAL(result.stage_returncode(0), 3);
  CHECK_EQUAL(result.stage_returncode(1), 4);
  CHECK_EQUAL(result.stage_returncode(2), 0);
  CHECK_EQUAL(result.stage_returncode(3), SP_NO_RETURNCODE);
  CHECK_EQUAL(process.stage(1).wait(), 4);
}

void pipefail_reports_the_last_failure() {
  const sp::Options options = sp::Options().pipefail().check();
  sp::Process process = sp::pipeline({{"sh", "-c", "exit 3"}, {"sh", "-c", "exit 4"}, {"true"}}, options);
  const auto error = CHECK_THROWS(sp::CalledProcessError, process.communicate());
  CHECK_EQUAL(error.returncode(), 4);
}

void a_stage_that_does_not_start_is_named() {
  const auto error = CHECK_THROWS(sp::Error, sp::pipeline({{"cat"}, {"/no/such/stage"}, {"cat"}}));
  CHECK_EQUAL(error.code(), SP_ENOTFOUND);
  CHECK_EQUAL(error.stage(), 1);
  CHECK_EQUAL(error.path(), "/no/such/stage");
}

void a_stage_can_be_signalled_alone() {
  sp::Process process = sp::pipeline({{"sleep", "1000"}, {"cat"}}, capture().kill_on_free());
  sp::Stage sleeper = process.stage(0);
  CHECK_EQUAL(sleeper.pid(), process.pid());
  CHECK(process.stage(1).pid() != process.pid());
  CHECK(!sleeper.poll());
  sleeper.terminate();
  CHECK_EQUAL(sleeper.wait(), -SIGTERM);
  CHECK_EQUAL(process.wait(), 0);  // cat saw the end of its input
}

void a_stage_out_of_range_is_refused() {
  sp::Process process = sp::pipeline({{"true"}, {"true"}});
  CHECK_THROWS(std::out_of_range, static_cast<void>(process.stage(2)));
  CHECK_EQUAL(process.stage_count(), 2U);
}

void a_timed_out_pipeline_goes_on() {
  sp::Process process = sp::pipeline({{"cat"}, {"cat"}}, capture().std_in(sp::Stdio::pipe()).kill_on_free());
  process.write("part\n");
  CHECK_THROWS(sp::TimeoutExpired, process.wait(10ms));
  CHECK_EQUAL(process.communicate().output(), "part\n");
}

void no_stage_at_all_is_refused() {
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::pipeline(std::vector<sp::Command>())).code(), SP_EINVAL);
}

}  // namespace

int pipeline_tests() {
  const CMUnitTest tests[] = {
      TEST(output_flows_through_all_stages),      TEST(input_goes_to_the_first_stage),
      TEST(stages_are_given_in_every_form),       TEST(a_stage_can_have_options_of_its_own),
      TEST(every_stage_has_a_return_code),        TEST(pipefail_reports_the_last_failure),
      TEST(a_stage_that_does_not_start_is_named), TEST(a_stage_can_be_signalled_alone),
      TEST(a_stage_out_of_range_is_refused),      TEST(a_timed_out_pipeline_goes_on),
      TEST(no_stage_at_all_is_refused),
  };
  return cmocka_run_group_tests_name("pipeline", tests, nullptr, nullptr);
}
