// SPDX-License-Identifier: MIT
//
// Moving, closing and destroying: what is left behind, and what is refused afterwards.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "check.h"
#include "groups.h"

using namespace std::chrono_literals;

namespace {

sp::Options pipes() { return sp::Options().std_in(sp::Stdio::pipe()).std_out(sp::Stdio::pipe()).kill_on_free(); }

bool exists(int64_t pid) { return ::kill(static_cast<pid_t>(pid), 0) == 0; }

void a_process_can_be_moved_only() {
  CHECK((!std::is_copy_constructible_v<sp::Process> && !std::is_copy_assignable_v<sp::Process>));
  CHECK((std::is_nothrow_move_constructible_v<sp::Process> && std::is_nothrow_move_assignable_v<sp::Process>));
  sp::Process first = sp::popen({"cat"}, pipes());
  const int64_t pid = first.pid();
  sp::Process second(std::move(first));
  CHECK(!first);  // NOLINT(bugprone-use-after-move)
  CHECK_EQUAL(first.pid(), -1);
  CHECK_EQUAL(second.pid(), pid);
  second.write("still there\n");
  CHECK_EQUAL(second.read_line().value_or("end"), "still there\n");
}

void an_empty_process_refuses_every_call() {
  sp::Process gone = sp::popen({"true"});
  const sp::Process holder(std::move(gone));
  sp::Process empty;
  char byte = 0;
  for (sp::Process* process : {&gone, &empty}) {  // NOLINT(bugprone-use-after-move)
    CHECK(!*process);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->wait()).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->poll()).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->stop(0ms)).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->communicate()).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->read(&byte, 1)).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->read_line()).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->write("x")).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->terminate()).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->kill()).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->kill_group(SIGTERM)).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->close_stream(sp::Stream::in)).code(), SP_EINVAL);
    CHECK_EQUAL(CHECK_THROWS(sp::Error, process->close()).code(), SP_EINVAL);
    CHECK_EQUAL(process->exit_handle(), -1);
    CHECK_EQUAL(process->stream_handle(sp::Stream::out), -1);
    CHECK_EQUAL(process->release_stream(sp::Stream::out), -1);
    CHECK_EQUAL(process->stage_count(), 0U);
  }
}

void moving_to_itself_changes_nothing() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  sp::Process& same = cat;
  cat = std::move(same);
  CHECK(cat);
  cat.write("self\n");
  CHECK_EQUAL(cat.read_line().value_or("end"), "self\n");
}

void assigning_frees_the_old_process() {
  sp::Process process = sp::popen({"cat"}, pipes());
  const int64_t old = process.pid();
  sp::Process other = sp::popen({"cat"}, pipes());
  process = std::move(other);
  CHECK(!other);        // NOLINT(bugprone-use-after-move)
  CHECK(!exists(old));  // kill_on_free: killed and reaped
  CHECK(exists(process.pid()));
  process = sp::Process();
  CHECK(!process);
}

void kill_on_free_kills() {
  int64_t pid = -1;
  {
    const sp::Process process = sp::popen({"sleep", "1000"}, sp::Options().kill_on_free());
    pid = process.pid();
    CHECK(exists(pid));
  }
  CHECK(!exists(pid));
}

void the_destructor_alone_does_not_kill() {
  int fds[2];
  CHECK_EQUAL(pipe2(fds, O_CLOEXEC), 0);
  int64_t pid = -1;
  {
    // Lives until its input, which does not belong to the object, ends.
    const sp::Process process = sp::popen({"cat"}, sp::Options().std_in(sp::Stdio::handle(fds[0])));
    pid = process.pid();
  }
  close(fds[0]);
  CHECK(exists(pid));
  siginfo_t info = {};
  CHECK_EQUAL(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT), 0);
  CHECK_EQUAL(info.si_pid, 0);  // it runs: nothing to report
  close(fds[1]);
  CHECK_EQUAL(waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
  CHECK_EQUAL(info.si_status, 0);
  sp_release_caches();  // reaps it
  CHECK(!exists(pid));
}

void the_destructor_closes_the_pipes() {
  sp::Process reader = sp::popen({"cat"}, pipes());
  const int out = static_cast<int>(reader.stream_handle(sp::Stream::out));
  CHECK(fcntl(out, F_GETFD) >= 0);
  reader = sp::Process();
  CHECK_EQUAL(fcntl(out, F_GETFD), -1);
}

void a_closed_process_refuses_calls() {
  sp::Process cat = sp::popen({"cat"}, pipes());
  cat.close();
  cat.close();
  char byte = 0;
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.read(&byte, 1)).code(), SP_ECLOSED);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.write("x")).code(), SP_ECLOSED);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.wait()).code(), SP_ECLOSED);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.poll()).code(), SP_ECLOSED);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.communicate()).code(), SP_ECLOSED);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, cat.terminate()).code(), SP_ECLOSED);
}

void a_token_may_go_before_its_process() {
  sp::Process cat;
  {
    const sp::Cancel cancel;
    cat = sp::popen({"cat"}, pipes().cancel(cancel));
  }
  cat.write("alive\n");
  CHECK_EQUAL(cat.read_line().value_or("end"), "alive\n");
  sp::Options options;
  {
    const sp::Cancel cancel;
    options.cancel(cancel);
    cancel.trigger();
  }
  CHECK_THROWS(sp::Canceled, sp::run({"sleep", "1000"}, options));
}

void a_result_outlives_its_process() {
  sp::Result result;
  {
    sp::Process process = sp::popen({"echo", "output"}, sp::Options().std_out(sp::Stdio::pipe()));
    result = process.communicate();
  }
  CHECK_EQUAL(result.output(), "output\n");
  CHECK_EQUAL(result.returncode(), 0);
}

void handles_of_the_c_api_can_be_adopted() {
  const char* const argv[] = {"echo", "adopted", nullptr};
  sp_options options = {};
  options.size = sizeof options;
  options.flags = SP_CAPTURE;
  sp_process* raw = nullptr;
  CHECK_EQUAL(sp_popen(argv, &options, &raw, nullptr), SP_OK);
  sp::Process process(raw);
  CHECK(process.get() == raw);
  CHECK_EQUAL(process.communicate().output(), "adopted\n");
}

}  // namespace

int lifetime_tests() {
  const CMUnitTest tests[] = {
      TEST(a_process_can_be_moved_only),
      TEST(an_empty_process_refuses_every_call),
      TEST(moving_to_itself_changes_nothing),
      TEST(assigning_frees_the_old_process),
      TEST(kill_on_free_kills),
      TEST(the_destructor_alone_does_not_kill),
      TEST(the_destructor_closes_the_pipes),
      TEST(a_closed_process_refuses_calls),
      TEST(a_token_may_go_before_its_process),
      TEST(a_result_outlives_its_process),
      TEST(handles_of_the_c_api_can_be_adopted),
  };
  return cmocka_run_group_tests_name("lifetime", tests, nullptr, nullptr);
}
