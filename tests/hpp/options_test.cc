// SPDX-License-Identifier: MIT
//
// Every setter of Options reaches the child.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "check.h"
#include "groups.h"

using namespace std::chrono_literals;

namespace {

// A new directory that is removed at the end.
class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "sp-hpp-XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    path_ = std::filesystem::canonical(name);
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string shell(const char* script, sp::Options options = {}) {
  return sp::check_output({"sh", "-c", script}, options);
}

int code_of(const sp::Options& options) {
  try {
    sp::run({"true"}, options);
  } catch (const sp::Error& error) {
    return error.code();
  }
  return SP_OK;
}

void cwd_takes_strings_and_paths() {
  const Directory directory;
  CHECK_EQUAL(shell("pwd", sp::Options().cwd(directory.path())), directory.path().string() + "\n");
  CHECK_EQUAL(shell("pwd", sp::Options().cwd("/")), "/\n");
}

void executable_replaces_the_program_only() {
  CHECK_EQUAL(sp::check_output({"name", "-c", "echo $0"}, sp::Options().executable("/bin/sh")), "name\n");
}

void env_replaces_the_environment() {
  const std::map<std::string, std::string> variables = {{"ONE", "1"}, {"TWO", "a=b"}};
  CHECK_EQUAL(sp::check_output({"/usr/bin/env"}, sp::Options().env(variables)), "ONE=1\nTWO=a=b\n");
  CHECK_EQUAL(sp::check_output({"/usr/bin/env"}, sp::Options().env({{"A", "B"}})), "A=B\n");
  CHECK_EQUAL(sp::check_output({"/usr/bin/env"}, sp::Options().env({})), "");
}

void env_can_be_changed_after_replacing_it() {
  sp::Options options = sp::Options().env({{"ONE", "1"}, {"ONES", "11"}});
  CHECK_EQUAL(sp::check_output({"/usr/bin/env"}, options.add_env("TWO", "2")), "ONE=1\nONES=11\nTWO=2\n");
  CHECK_EQUAL(sp::check_output({"/usr/bin/env"}, options.add_env("ONE", "one")), "ONES=11\nTWO=2\nONE=one\n");
  CHECK_EQUAL(sp::check_output({"/usr/bin/env"}, options.remove_env("ONE")), "ONES=11\nTWO=2\n");
}

void env_can_extend_the_environment() {
  CHECK_EQUAL(setenv("SP_HPP_KEPT", "kept", 1), 0);
  CHECK_EQUAL(setenv("SP_HPP_GONE", "there", 1), 0);
  const char* script = "echo $SP_HPP_KEPT ${SP_HPP_GONE-gone} $SP_HPP_NEW";
  CHECK_EQUAL(shell(script, sp::Options().add_env("SP_HPP_NEW", "new").remove_env("SP_HPP_GONE")), "kept gone new\n");
  CHECK_EQUAL(shell(script, sp::Options().remove_env("SP_HPP_GONE").add_env("SP_HPP_GONE", "back")), "kept back\n");
}

void bad_environment_names_are_refused() {
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().add_env("A=B", "C")).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().add_env("", "C")).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().remove_env("A=B")).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().env({{"A", std::string("x\0y", 3)}})).code(), SP_EINVAL);
}

void strings_with_nul_bytes_are_refused() {
  const std::string cut("/\0tmp", 5);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().cwd(cut)).code(), SP_EINVAL);
  CHECK(std::string(CHECK_THROWS(sp::Error, sp::Options().cwd(cut)).what()).find("cwd") != std::string::npos);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().executable(cut)).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().user(cut)).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Options().group(cut)).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::Stdio::file(cut)).code(), SP_EINVAL);
}

void limits_below_zero_are_refused() {
  // -1 is "for ever" in C: a deadline that passed must not turn into it.
  CHECK_EQUAL(code_of(sp::Options().timeout(-1ms)), SP_EINVAL);
  CHECK_EQUAL(code_of(sp::Options().timeout(-7ms)), SP_EINVAL);
  CHECK_EQUAL(code_of(sp::Options().drain(-1ms)), SP_EINVAL);
  CHECK_EQUAL(code_of(sp::Options().kill_grace(-1ms)), SP_EINVAL);
  CHECK_EQUAL(code_of(sp::Options().timeout(std::nullopt).drain(std::nullopt)), SP_OK);
}

void streams_go_to_files() {
  const Directory directory;
  const std::string path = (directory.path() / "file").string();
  sp::run({"echo", "one"}, sp::Options().std_out(sp::Stdio::file(path)));
  sp::run({"echo", "two"}, sp::Options().std_out(sp::Stdio::file(path)));
  sp::run({"sh", "-c", "echo three >&2"}, sp::Options().std_err(sp::Stdio::append(path)));
  CHECK_EQUAL(sp::check_output({"cat"}, sp::Options().std_in(sp::Stdio::file(path))), "two\nthree\n");
}

void streams_go_to_other_places() {
  CHECK_EQUAL(shell("echo out; echo err >&2", sp::Options().std_err(sp::Stdio::to_stdout())), "out\nerr\n");
  CHECK_EQUAL(shell("cat", sp::Options().std_in(sp::Stdio::devnull())), "");
  int fds[2];
  CHECK_EQUAL(pipe2(fds, O_CLOEXEC), 0);
  sp::run({"echo", "here"}, sp::Options().std_out(sp::Stdio::handle(fds[1])));
  close(fds[1]);
  CHECK_EQUAL(sp::check_output({"cat"}, sp::Options().std_in(sp::Stdio::handle(fds[0]))), "here\n");
  close(fds[0]);
}

void input_is_fed_and_may_be_empty() {
  CHECK_EQUAL(sp::check_output({"cat"}, sp::Options().input(std::string_view("a\0b", 3))), std::string("a\0b", 3));
  CHECK_EQUAL(sp::check_output({"cat"}, sp::Options().input({})), "");
  // Not the host's own standard input, which could be empty too.
  const std::string host = std::filesystem::read_symlink("/proc/self/fd/0").string() + "\n";
  CHECK_EQUAL(sp::check_output({"readlink", "/proc/self/fd/0"}), host);
  CHECK(sp::check_output({"readlink", "/proc/self/fd/0"}, sp::Options().input({})) != host);
}

void descriptors_reach_the_child() {
  int fds[2];
  CHECK_EQUAL(pipe2(fds, O_CLOEXEC), 0);
  const int target = fds[1] == 7 ? 8 : 7;
  const std::string script =
      "echo passed >/dev/fd/" + std::to_string(fds[1]) + "; echo mapped >/dev/fd/" + std::to_string(target);
  sp::run({"sh", "-c", script}, sp::Options().pass_fd(fds[1]).map_fd(target, fds[1]).check());
  close(fds[1]);
  CHECK_EQUAL(sp::check_output({"cat"}, sp::Options().std_in(sp::Stdio::handle(fds[0]))), "passed\nmapped\n");
  close(fds[0]);
}

void umask_and_groups_are_set() {
  const mode_t before = ::umask(022);
  CHECK_EQUAL(shell("umask", sp::Options().umask(0)), "0000\n");
  CHECK_EQUAL(shell("umask", sp::Options().umask(0137)), "0137\n");
  CHECK_EQUAL(shell("umask"), "0022\n");
  ::umask(before);
  if (geteuid() != 0) return;
  CHECK_EQUAL(shell("id -u; id -g; id -G", sp::Options().uid(1234).gid(2345).groups({3, 4})), "1234\n2345\n2345 3 4\n");
  CHECK_EQUAL(shell("id -G", sp::Options().groups({}).gid(77)), "77\n");
}

void users_are_found_by_name() {
  const auto error = CHECK_THROWS(sp::Error, sp::run({"true"}, sp::Options().user("no-such-user")));
  CHECK_EQUAL(error.code(), SP_ENOTFOUND);
  CHECK_EQUAL(error.step(), SP_AT_UID);
  CHECK_EQUAL(error.path(), "no-such-user");
  const auto group = CHECK_THROWS(sp::Error, sp::run({"true"}, sp::Options().group("no-such-group")));
  CHECK_EQUAL(group.step(), SP_AT_GID);
}

void sessions_and_groups_are_made() {
  const char* script = "set -- $(cat /proc/$$/stat); echo $$ $5 $6";  // pid, process group, session
  const auto numbers = [script](const sp::Options& options) {
    std::istringstream in(shell(script, options));
    long pid = 0, group = 0, session = 0;
    in >> pid >> group >> session;
    return std::string(group == pid ? "leads " : "joins ") + (session == pid ? "session" : "group");
  };
  CHECK_EQUAL(numbers(sp::Options().new_session()), "leads session");
  CHECK_EQUAL(numbers(sp::Options().new_group()), "leads group");
  CHECK_EQUAL(numbers(sp::Options().join_group(getpgrp())), "joins group");
}

void output_can_be_capped_and_normalized() {
  const sp::Result result = sp::run({"printf", "0123456789"}, sp::Options().capture().max_output(4));
  CHECK_EQUAL(result.output(), "0123");
  CHECK_EQUAL(result.dropped(sp::Stream::out), 6U);
  CHECK_EQUAL(sp::check_output({"printf", "a\\r\\nb\\rc"}, sp::Options().universal_newlines()), "a\nb\nc");
}

void a_grandchild_cannot_hold_a_drained_run() {
  sp::Process process = sp::popen({"sh", "-c", "echo out; sleep 1000 & exit 0"},
                                  sp::Options().std_out(sp::Stdio::pipe()).new_group().drain(10ms));
  const sp::Result result = process.communicate();
  process.kill_group(SIGKILL);
  CHECK_EQUAL(result.output(), "out\n");
  CHECK(result.pipes_held());
}

int fail_if_told(void* arg) { return arg == nullptr ? 0 : ENOTTY; }

void preexec_can_fail_the_start() {
  int there = 0;
  CHECK_EQUAL(sp::run({"true"}, sp::Options().preexec(fail_if_told)).returncode(), 0);
  const auto error = CHECK_THROWS(sp::Error, sp::run({"true"}, sp::Options().preexec(fail_if_told, &there)));
  CHECK_EQUAL(error.step(), SP_AT_PREEXEC);
  CHECK_EQUAL(error.sys_errno(), ENOTTY);
}

void options_own_their_strings() {
  sp::Options copy;
  {
    sp::Options original;
    original.cwd(std::string("/us") + "r").add_env("SP_HPP_OWNED", std::string(100, 'x'));
    original.executable(std::string("/bin/") + "sh").pass_fd(2);
    copy = original;
    original.cwd("/").add_env("SP_HPP_OWNED", "y");
  }
  CHECK_EQUAL(sp::check_output({"name", "-c", "pwd; echo $SP_HPP_OWNED"}, copy),
              "/usr\n" + std::string(100, 'x') + "\n");
}

void flags_can_be_switched_off() {
  sp::Options all;
  all.shell().check().capture().kill_group_on_timeout().universal_newlines().return_on_signal().pipefail();
  all.kill_on_free().keep_fds().new_session().new_group().controlling_tty().keep_signals().keep_sigmask();
  CHECK(sp::Options::Native(all).get().flags != 0);
  all.shell(false).check(false).capture(false).kill_group_on_timeout(false).universal_newlines(false);
  all.return_on_signal(false).pipefail(false).kill_on_free(false).keep_fds(false).new_session(false).new_group(false);
  all.controlling_tty(false).keep_signals(false).keep_sigmask(false);
  CHECK_EQUAL(sp::Options::Native(all).get().flags, 0U);
}

void each_flag_is_its_own() {
  const auto flags = [](const sp::Options& options) { return sp::Options::Native(options).get().flags; };
  CHECK_EQUAL(flags(sp::Options().keep_fds()), static_cast<uint64_t>(SP_KEEP_FDS));
  CHECK_EQUAL(flags(sp::Options().keep_signals()), static_cast<uint64_t>(SP_KEEP_SIGNALS));
  CHECK_EQUAL(flags(sp::Options().keep_sigmask()), static_cast<uint64_t>(SP_KEEP_SIGMASK));
  CHECK_EQUAL(flags(sp::Options().controlling_tty()), static_cast<uint64_t>(SP_CONTROLLING_TTY));
  CHECK_EQUAL(flags(sp::Options().return_on_signal()), static_cast<uint64_t>(SP_RETURN_ON_SIGNAL));
  CHECK_EQUAL(flags(sp::Options().pipefail()), static_cast<uint64_t>(SP_PIPEFAIL));
  CHECK_EQUAL(flags(sp::Options().kill_group_on_timeout()), static_cast<uint64_t>(SP_KILL_GROUP_ON_TIMEOUT));
  sp::Options options = sp::Options().pipe_size(8192).death_signal(SIGHUP);
  CHECK_EQUAL(sp::Options::Native(options).get().pipe_size, 8192);
  CHECK_EQUAL(sp::Options::Native(options).get().death_signal, SIGHUP);
}

}  // namespace

int options_tests() {
  const CMUnitTest tests[] = {
      TEST(cwd_takes_strings_and_paths),
      TEST(executable_replaces_the_program_only),
      TEST(env_replaces_the_environment),
      TEST(env_can_be_changed_after_replacing_it),
      TEST(env_can_extend_the_environment),
      TEST(bad_environment_names_are_refused),
      TEST(strings_with_nul_bytes_are_refused),
      TEST(limits_below_zero_are_refused),
      TEST(streams_go_to_files),
      TEST(streams_go_to_other_places),
      TEST(input_is_fed_and_may_be_empty),
      TEST(descriptors_reach_the_child),
      TEST(umask_and_groups_are_set),
      TEST(users_are_found_by_name),
      TEST(sessions_and_groups_are_made),
      TEST(output_can_be_capped_and_normalized),
      TEST(a_grandchild_cannot_hold_a_drained_run),
      TEST(preexec_can_fail_the_start),
      TEST(options_own_their_strings),
      TEST(flags_can_be_switched_off),
      TEST(each_flag_is_its_own),
  };
  return cmocka_run_group_tests_name("options", tests, nullptr, nullptr);
}
