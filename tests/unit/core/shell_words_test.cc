// SPDX-License-Identifier: MIT
//
// quote() and split(), against each other and against /bin/sh.
#include "core/shell_words.h"

#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "check.h"
#include "core_tests.h"

namespace {

using Words = std::vector<std::string>;

std::string quote(const Words& words) {
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  pointers.push_back(nullptr);
  return sp::core::quote(pointers.data());
}

Words split(const std::string& line) {
  auto words = sp::core::split(line.c_str());
  if (!words) throw check::Failure{"refused: " + line};
  return *words;
}

std::string list(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += "[" + word + "]";
  return text;
}

// What a shell makes of the arguments on `line`, each with a NUL behind it.
Words split_by_shell(const std::string& line) {
  int ends[2];
  CHECK_EQUAL(::pipe(ends), 0);
  const std::string script = "printf '%s\\0' " + line;
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    ::dup2(ends[1], 1);
    ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  Words words;
  std::string word;
  char byte = 0;
  while (::read(ends[0], &byte, 1) == 1) {
    if (byte != '\0') {
      word += byte;
      continue;
    }
    words.push_back(word);
    word.clear();
  }
  ::close(ends[0]);
  int status = 0;
  CHECK_EQUAL(::waitpid(pid, &status, 0), pid);
  CHECK_EQUAL(status, 0);
  return words;
}

// Never empty, and of what shells treat specially, with a few plain characters in between.
Words random_words(std::mt19937& random, bool any_byte) {
  static constexpr char kHard[] = " \t\n\r'\"\\$`!*?[]{}()<>|&;#~=%^-@ab\x80\xC3\xA9";
  Words words(1 + random() % 5);
  for (std::string& word : words) {
    word.resize(random() % 12);
    for (char& byte : word)
      byte = any_byte ? static_cast<char>(1 + random() % 255) : kHard[random() % (sizeof kHard - 1)];
  }
  return words;
}

void what_is_quoted_is_split_again() {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    const Words words = random_words(random, i % 2 == 0);
    CHECK_EQUAL(list(split(quote(words))), list(words));
  }
}

void a_shell_splits_it_the_same_way() {
  std::mt19937 random(11);
  for (int i = 0; i < 60; ++i) {
    const Words words = random_words(random, i % 2 == 0);
    CHECK_EQUAL(list(split_by_shell(quote(words))), list(words));
  }
  const Words hard = {"",      "'",    "\"",  "\\",   "\\\\", "a b", "$HOME", "$(exit 1)", "`exit 1`", "*",  "~",
                      "~root", "#not", "a;b", "a\nb", "\n",   "\t",  "!!",    "{a,b}",     "[a-z]",    "--", "-n",
                      "a'b'c", "''",   "&&",  ">/x",  "%s",   "a=b", "\r",    "\x01",      "\xFF",     "%",  "\\n"};
  CHECK_EQUAL(list(split_by_shell(quote(hard))), list(hard));
}

void lines_that_need_no_quotes_have_none() {
  CHECK_EQUAL(quote({"echo", "a-b_c/d.e:f,g@h%i+j=k"}), "echo a-b_c/d.e:f,g@h%i+j=k");
  CHECK_EQUAL(quote({"a b"}), "'a b'");
  CHECK_EQUAL(quote({""}), "''");
  CHECK_EQUAL(quote({"it's"}), "'it'\"'\"'s'");
  CHECK_EQUAL(quote({"~"}), "'~'");
  CHECK_EQUAL(quote({}), "");
}

// Only words that mean the same to a shell: nothing that it would expand.
void lines_are_split_as_a_shell_does() {
  for (const char* line :
       {"a b",   " a  b ", "a\tb  c", "'a b' c",  "\"a b\"c", "a\\ b",      "a'b'\"c\"", "''",       "\"\"",
        "a''",   "\\a",    "\\\\",    "\"\\a\"",  "\"\\\\\"", "\"\\\"\"",   "\"\\$x\"",  "\"\\`\"",  "'\\'",
        "'\"'",  "\"'\"",  "a\\\nb",  "a \\\n b", "\\\n",     "\"a\\\nb\"", "'a\\\nb'",  "\"a\nb\"", "a\\\n",
        "\\\na", "x=1 y",  "'' ''",   "\"\\n\"",  "\\'",      "\\\""}) {
    // With a word in front: printf without any argument would still print its format once.
    const std::string with_first = std::string("first ") + line;
    CHECK_EQUAL(list(split(with_first)), list(split_by_shell(with_first)));
  }
}

// As Python's shlex has it; to a shell a newline ends the command.
void all_white_space_separates() { CHECK_EQUAL(list(split("a\nb\tc\rd\r\ne")), "[a][b][c][d][e]"); }

void empty_lines_have_no_words() {
  for (const char* line : {"", " ", "\n\t ", "\\\n"}) CHECK_EQUAL(split(line).size(), 0U);
}

void unfinished_lines_are_refused() {
  for (const char* line : {"'", "\"", "a 'b", "\"a\\\"", "\\", "a\\", "'a'\"", "\"\\"}) CHECK(!sp::core::split(line));
}

}  // namespace

int shell_words_tests() {
  const CMUnitTest tests[] = {
      TEST(what_is_quoted_is_split_again),       TEST(a_shell_splits_it_the_same_way),
      TEST(lines_that_need_no_quotes_have_none), TEST(lines_are_split_as_a_shell_does),
      TEST(all_white_space_separates),           TEST(empty_lines_have_no_words),
      TEST(unfinished_lines_are_refused),
  };
  return cmocka_run_group_tests_name("shell_words", tests, nullptr, nullptr);
}
