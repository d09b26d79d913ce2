// SPDX-License-Identifier: MIT
//
// quote(), split() and which().
#include "check.h"
#include "groups.h"

namespace {

void quoted_arguments_are_split_again() {
  const std::vector<std::string> args = {"echo", "a b", "", "it's", "$HOME", "line\nline"};
  const std::string line = sp::quote(args);
  CHECK(sp::split(line) == args);
  CHECK_EQUAL(sp::quote({"echo", "a b"}), "echo 'a b'");
  CHECK_EQUAL(sp::check_output(sp::quote({"printf", "%s", "$HOME it's"}), sp::Options().shell()), "$HOME it's");
}

void splitting_refuses_what_it_cannot_read() {
  CHECK(sp::split("").empty());
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::split("echo 'unfinished")).code(), SP_EINVAL);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::split(std::string("a\0b", 3))).code(), SP_EINVAL);
}

void programs_are_found() {
  CHECK_EQUAL(sp::which("sh", "/no/such/place:/bin").value_or("none"), "/bin/sh");
  CHECK(sp::which("sh"));
  CHECK(!sp::which("no-such-program-anywhere"));
  CHECK(!sp::which("sh", ""));
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::which("passwd", "/etc")).code(), SP_EACCESS);
  CHECK_EQUAL(CHECK_THROWS(sp::Error, sp::which(std::string("s\0h", 3))).code(), SP_EINVAL);
}

}  // namespace

int text_tests() {
  const CMUnitTest tests[] = {
      TEST(quoted_arguments_are_split_again),
      TEST(splitting_refuses_what_it_cannot_read),
      TEST(programs_are_found),
  };
  return cmocka_run_group_tests_name("text", tests, nullptr, nullptr);
}
