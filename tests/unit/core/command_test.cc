// SPDX-License-Identifier: MIT
//
// Command: the paths to try, the shell's argv and the merged environment.
#include "core/command.h"

#include <unistd.h>

#include <cstdlib>

#include "check.h"
#include "core_tests.h"

namespace {

using sp::core::Command;
using sp::core::Options;

std::string list(const char* const* strings) {
  std::string text;
  for (; *strings != nullptr; ++strings) text += std::string("[") + *strings + "]";
  return text;
}

std::string candidates(const char* program, const char* path_entry) {
  const char* env[] = {"X=1", path_entry, nullptr};
  const char* argv[] = {program, nullptr};
  Options options;
  options.env = env;
  auto command = Command::make(argv, options);
  CHECK(command);
  return list(command->candidates());
}

void the_path_of_the_childs_environment_counts() {
  CHECK_EQUAL(::setenv("PATH", "/host", 1), 0);
  CHECK_EQUAL(candidates("prog", "PATH=/a:/b/"), "[/a/prog][/b/prog]");
  CHECK_EQUAL(candidates("prog", nullptr), "[/bin/prog][/usr/bin/prog]");
  const char* argv[] = {"prog", nullptr};
  auto inherited = Command::make(argv, Options());
  CHECK(inherited);
  CHECK_EQUAL(list(inherited->candidates()), "[/host/prog]");
  CHECK_EQUAL(std::string(inherited->search_path()), "/host");
  CHECK(inherited->env() == environ);
}

void an_empty_entry_is_the_current_directory() {
  CHECK_EQUAL(candidates("prog", "PATH=:/a"), "[prog][/a/prog]");
  CHECK_EQUAL(candidates("prog", "PATH=/a:"), "[/a/prog][prog]");
  CHECK_EQUAL(candidates("prog", "PATH=/a::/b"), "[/a/prog][prog][/b/prog]");
  CHECK_EQUAL(candidates("prog", "PATH="), "[prog]");
  CHECK_EQUAL(candidates("prog", "PATH=."), "[./prog]");
}

void a_name_with_a_slash_is_not_searched() {
  CHECK_EQUAL(candidates("/bin/sh", "PATH=/a"), "[/bin/sh]");
  CHECK_EQUAL(candidates("./prog", "PATH=/a"), "[./prog]");
  CHECK_EQUAL(candidates("dir/prog", "PATH=/a"), "[dir/prog]");
  const char* argv[] = {"/bin/sh", nullptr};
  auto command = Command::make(argv, Options());
  CHECK(command);
  CHECK(command->search_path() == nullptr);
}

// "PATHS" and "XPATH" are other variables, and the first of two equal ones counts, as for getenv().
void variables_are_found_by_their_whole_name() {
  const char* env[] = {"PATHS=1", "XPATH=2", "PATH", "PATH=3", "PATH=4", nullptr};
  CHECK_EQUAL(std::string(sp::core::find_variable(env, "PATH")), "3");
  CHECK(sp::core::find_variable(env, "PAT") == nullptr);
  const char* empty[] = {nullptr};
  CHECK(sp::core::find_variable(empty, "PATH") == nullptr);
}

void the_executable_replaces_the_program_only() {
  const char* argv[] = {"name", "x", nullptr};
  const char* env[] = {"PATH=/a", nullptr};
  Options options;
  options.env = env;
  options.executable = "real";
  auto command = Command::make(argv, options);
  CHECK(command);
  CHECK_EQUAL(list(command->argv()), "[name][x]");
  CHECK_EQUAL(list(command->candidates()), "[/a/real]");
  CHECK_EQUAL(std::string(command->program()), "real");
}

void a_shell_gets_the_line() {
  const char* argv[] = {"echo $0 $1", "zero", "one", nullptr};
  Options options;
  options.shell = true;
  auto command = Command::make(argv, options);
  CHECK(command);
  const Command moved = std::move(*command);
  CHECK_EQUAL(list(moved.argv()), "[/bin/sh][-c][echo $0 $1][zero][one]");
  options.executable = "/bin/bash";
  auto bash = Command::make(argv, options);
  CHECK(bash);
  CHECK_EQUAL(list(bash->argv()), "[/bin/bash][-c][echo $0 $1][zero][one]");
  CHECK_EQUAL(list(bash->candidates()), "[/bin/bash]");
}

std::string merged(const char* const* env) {
  const char* argv[] = {"/x", nullptr};
  Options options;
  options.env = env;
  options.env_extend = true;
  auto command = Command::make(argv, options);
  CHECK(command);
  return list(command->env());
}

void environments_are_merged() {
  check::in_child([] {
    char a[] = "A=1", ab[] = "AB=2", b[] = "B=3";
    char* host[] = {a, ab, b, nullptr};
    environ = host;
    const char* const change[] = {"A=9", "C=4", nullptr};
    CHECK_EQUAL(merged(change), "[AB=2][B=3][A=9][C=4]");
    const char* const removal[] = {"A", "NOT_THERE", "B=", nullptr};
    CHECK_EQUAL(merged(removal), "[AB=2][B=]");
    const char* const twice[] = {"A=5", "A=6", nullptr};
    CHECK_EQUAL(merged(twice), "[AB=2][B=3][A=6]");
    const char* const changed_mind[] = {"A=5", "A", nullptr};
    CHECK_EQUAL(merged(changed_mind), "[AB=2][B=3]");
    const char* const everything[] = {"A", "AB", "B", nullptr};
    CHECK_EQUAL(merged(everything), "");
    const char* const nothing[] = {nullptr};
    CHECK_EQUAL(merged(nothing), "[A=1][AB=2][B=3]");
    environ = nullptr;
    CHECK_EQUAL(merged(change), "[A=9][C=4]");
  });
}

void what_cannot_be_executed_is_refused() {
  const char* const none[] = {nullptr};
  const char* const empty[] = {"", nullptr};
  CHECK(!Command::make(nullptr, Options()));
  CHECK(!Command::make(none, Options()));
  CHECK(!Command::make(empty, Options()));
  const auto refused = Command::make(none, Options());
  CHECK(refused.error().code == sp::Code::invalid);
  CHECK(std::string(refused.error().message).find("argv") != std::string::npos);
  Options options;
  options.executable = "real";
  CHECK(Command::make(empty, options));
}

}  // namespace

int command_tests() {
  const CMUnitTest tests[] = {
      TEST(the_path_of_the_childs_environment_counts),
      TEST(an_empty_entry_is_the_current_directory),
      TEST(a_name_with_a_slash_is_not_searched),
      TEST(variables_are_found_by_their_whole_name),
      TEST(the_executable_replaces_the_program_only),
      TEST(a_shell_gets_the_line),
      TEST(environments_are_merged),
      TEST(what_cannot_be_executed_is_refused),
  };
  return cmocka_run_group_tests_name("command", tests, nullptr, nullptr);
}
