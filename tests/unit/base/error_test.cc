// SPDX-License-Identifier: MIT
//
// Error: texts that fit their arrays without half a character, and codes for errnos.
#include "base/error.h"

#include <cerrno>
#include <cstring>

#include "base_tests.h"
#include "check.h"

namespace {

using sp::Code;
using sp::Error;
using sp::Step;

constexpr size_t kPathRoom = sizeof Error::path - 1;
constexpr size_t kMessageRoom = sizeof Error::message - 1;

// One, two, three and four bytes of UTF-8.
const char* const kCharacters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x99\x82"};

std::string repeat(const char* text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void a_path_that_fits_is_kept_whole() {
  Error error;
  const std::string longest = "/" + std::string(kPathRoom - 1, 'p');
  error.set_path(longest.c_str());
  CHECK_EQUAL(std::string(error.path), longest);
  error.set_path("");
  CHECK_EQUAL(std::string(error.path), "");
  // Not text at all: bytes that only look like the middle of a character.
  error.set_path("\x80\x81x");
  CHECK_EQUAL(std::string(error.path), "\x80\x81x");
}

void a_long_path_loses_its_beginning() {
  Error error;
  const std::string path = "X" + std::string(kPathRoom - 4, 'p') + "/end";
  error.set_path(path.c_str());
  CHECK_EQUAL(std::string(error.path), path.substr(1));
}

void a_long_path_starts_at_a_whole_character() {
  for (const char* character : kCharacters) {
    const size_t width = std::strlen(character);
    for (size_t shift = 0; shift < width; ++shift) {
      const std::string path = repeat(character, 400) + std::string(shift, 'z');
      Error error;
      error.set_path(path.c_str());
      const std::string kept = error.path;
      CHECK(ends_with(path, kept));
      CHECK_EQUAL((kept.size() - shift) % width, 0U);
      CHECK_EQUAL(kept.size(), shift + (kPathRoom - shift) / width * width);
    }
  }
}

void a_message_that_fits_is_kept_whole() {
  for (const char* character : kCharacters) {
    const size_t width = std::strlen(character);
    const std::string text = std::string(kMessageRoom - width, 'm') + character;
    Error error;
    error.set_message("%s", text.c_str());
    CHECK_EQUAL(std::string(error.message), text);
  }
}

void a_long_message_ends_with_a_whole_character() {
  for (const char* character : kCharacters) {
    const size_t width = std::strlen(character);
    for (size_t shift = 0; shift < width; ++shift) {
      const std::string text = std::string(shift, 'z') + repeat(character, 400);
      const size_t expected = shift + (kMessageRoom - shift) / width * width;
      Error error;
      error.set_message("%s", text.c_str());
      CHECK_EQUAL(std::string(error.message), text.substr(0, expected));
      CHECK_EQUAL(std::string(sp::invalid("%s", text.c_str()).message), text.substr(0, expected));
      const Error made = sp::make_error(Code::busy, Step::io, "%s", text.c_str());
      CHECK_EQUAL(std::string(made.message), text.substr(0, expected));
    }
  }
}

void a_message_of_odd_bytes_is_only_cut() {
  Error error;
  error.set_message("%s", repeat("\x80", 400).c_str());
  CHECK(std::strlen(error.message) <= kMessageRoom);
  error.set_message("%s", (std::string(kMessageRoom - 1, 'm') + "\xF0\x9F\x99\x82").c_str());
  CHECK_EQUAL(std::string(error.message), std::string(kMessageRoom - 1, 'm'));
}

void a_clip_ends_with_a_whole_character() {
  for (const char* character : kCharacters) {
    const auto width = static_cast<int>(std::strlen(character));
    const std::string text = repeat(character, 5);
    for (int most = 0; most < 5 * width; ++most) CHECK_EQUAL(sp::clipped(text.c_str(), most), most / width * width);
    for (int more = 0; more < 3; ++more) CHECK_EQUAL(sp::clipped(text.c_str(), 5 * width + more), 5 * width);
  }
  CHECK_EQUAL(sp::clipped("", 10), 0);
}

void errnos_have_codes() {
  CHECK(sp::code_of(ENOENT) == Code::not_found);
  CHECK(sp::code_of(ENOTDIR) == Code::not_found);
  CHECK(sp::code_of(EACCES) == Code::access);
  CHECK(sp::code_of(EPERM) == Code::access);
  CHECK(sp::code_of(ENOMEM) == Code::no_memory);
  for (const int other : {EAGAIN, EMFILE, E2BIG, ENOEXEC, ELOOP, EIO}) CHECK(sp::code_of(other) == Code::system);
}

void a_system_error_says_everything() {
  const Error error = sp::system_error(Step::chdir, ENOENT, "/a/b", "cannot enter '%s'", "/a/b");
  CHECK(error.code == Code::not_found);
  CHECK(error.step == Step::chdir);
  CHECK_EQUAL(error.sys_errno, ENOENT);
  CHECK_EQUAL(error.stage, 0);
  CHECK_EQUAL(std::string(error.path), "/a/b");
  CHECK_EQUAL(std::string(error.message), std::string("cannot enter '/a/b': ") + std::strerror(ENOENT));
}

void a_long_system_error_is_cut() {
  const Error error = sp::system_error(Step::exec, EIO, "", "%s", std::string(kMessageRoom - 5, 'm').c_str());
  const std::string whole = std::string(kMessageRoom - 5, 'm') + ": " + std::strerror(EIO);
  CHECK_EQUAL(std::string(error.message), whole.substr(0, kMessageRoom));
}

void other_errors_have_their_fields() {
  const Error refused = sp::invalid("argument %d", 7);
  CHECK(refused.code == Code::invalid);
  CHECK(refused.step == Step::call);
  CHECK_EQUAL(refused.sys_errno, 0);
  CHECK_EQUAL(std::string(refused.message), "argument 7");
  const Error made = sp::make_error(Code::lost, Step::wait, "gone");
  CHECK(made.code == Code::lost);
  CHECK(made.step == Step::wait);
  CHECK_EQUAL(std::string(made.path), "");
  CHECK(sp::out_of_memory().code == Code::no_memory);
  CHECK_EQUAL(sp::out_of_memory().sys_errno, ENOMEM);
}

void errnos_have_texts() {
  char buffer[128];
  CHECK_EQUAL(std::string(sp::errno_text(ENOENT, buffer, sizeof buffer)), std::strerror(ENOENT));
  CHECK(std::strlen(sp::errno_text(123456, buffer, sizeof buffer)) > 0);
}

}  // namespace

int error_tests() {
  const CMUnitTest tests[] = {
      TEST(a_path_that_fits_is_kept_whole),
      TEST(a_long_path_loses_its_beginning),
      TEST(a_long_path_starts_at_a_whole_character),
      TEST(a_message_that_fits_is_kept_whole),
      TEST(a_long_message_ends_with_a_whole_character),
      TEST(a_message_of_odd_bytes_is_only_cut),
      TEST(a_clip_ends_with_a_whole_character),
      TEST(errnos_have_codes),
      TEST(a_system_error_says_everything),
      TEST(a_long_system_error_is_cut),
      TEST(other_errors_have_their_fields),
      TEST(errnos_have_texts),
  };
  return cmocka_run_group_tests_name("error", tests, nullptr, nullptr);
}
