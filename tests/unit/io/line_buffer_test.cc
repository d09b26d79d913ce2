// SPDX-License-Identifier: MIT
//
// LineBuffer against a string that does the same the simple way.
#include "io/line_buffer.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "check.h"
#include "io_tests.h"

namespace {

using sp::io::LineBuffer;

void feed(LineBuffer& buffer, const std::string& text) {
  char* tail = buffer.tail(text.size());
  CHECK(tail != nullptr);
  std::memcpy(tail, text.data(), text.size());
  buffer.grow(text.size());
}

// The line and the NUL behind it, as the caller sees them.
std::string line_of(const char* line, size_t length) {
  CHECK(line != nullptr);
  CHECK_EQUAL(line[length], '\0');
  return {line, length};
}

std::string next_line_of(LineBuffer& buffer) {
  size_t length = 0;
  const char* line = buffer.next_line(length);
  return line != nullptr ? line_of(line, length) : "(none)";
}

void lines_come_with_their_newline() {
  LineBuffer buffer;
  CHECK_EQUAL(next_line_of(buffer), "(none)");
  feed(buffer, "one\n\ntw");
  CHECK_EQUAL(next_line_of(buffer), "one\n");
  CHECK_EQUAL(next_line_of(buffer), "\n");
  CHECK_EQUAL(next_line_of(buffer), "(none)");
  feed(buffer, "o\nrest");
  CHECK_EQUAL(next_line_of(buffer), "two\n");
  CHECK_EQUAL(next_line_of(buffer), "(none)");
  size_t length = 0;
  const char* line = buffer.last_line(length);
  CHECK_EQUAL(line_of(line, length), "rest");
  line = buffer.last_line(length);
  CHECK_EQUAL(line_of(line, length), "");
}

// The NUL behind a line stands where the next byte was.
void the_byte_behind_a_line_comes_back() {
  char into[8] = {};
  {
    LineBuffer buffer;
    feed(buffer, "a\nbcd");
    CHECK_EQUAL(next_line_of(buffer), "a\n");
    CHECK_EQUAL(buffer.size(), 3U);
    CHECK_EQUAL(std::string(buffer.data(), buffer.size()), "bcd");
  }
  {
    LineBuffer buffer;
    feed(buffer, "a\nbcd");
    CHECK_EQUAL(next_line_of(buffer), "a\n");
    CHECK_EQUAL(buffer.take(into, 2), 2U);
    CHECK_EQUAL(std::string(into, 2), "bc");
  }
  LineBuffer buffer;
  feed(buffer, "a\nb");
  CHECK_EQUAL(next_line_of(buffer), "a\n");
  feed(buffer, "c\n");
  CHECK_EQUAL(next_line_of(buffer), "bc\n");
}

void a_line_may_hold_any_byte() {
  LineBuffer buffer;
  const std::string text("\0a\xFF\r\0\n\0", 7);
  feed(buffer, text);
  CHECK(next_line_of(buffer) == text.substr(0, 6));
  size_t length = 0;
  const char* line = buffer.last_line(length);
  CHECK(line_of(line, length) == text.substr(6));
}

std::string random_text(std::mt19937& random) {
  std::string text(random() % 40, '\0');
  for (char& byte : text) byte = random() % 8 == 0 ? '\n' : static_cast<char>(random());
  return text;
}

// One random call on both.
void step(LineBuffer& buffer, std::string& model, std::mt19937& random) {
  const size_t newline = model.find('\n');
  size_t length = 0;
  switch (random() % 6) {
    case 0:
    case 1: {
      const std::string text = random_text(random);
      feed(buffer, text);
      model += text;
      break;
    }
    case 2:
    case 3: {
      const char* line = buffer.next_line(length);
      CHECK_EQUAL(line == nullptr, newline == std::string::npos);
      if (line == nullptr) break;
      CHECK(line_of(line, length) == model.substr(0, newline + 1));
      model.erase(0, newline + 1);
      break;
    }
    case 4: {
      char into[16];
      const size_t wanted = random() % sizeof into;
      const size_t count = buffer.take(into, wanted);
      CHECK_EQUAL(count, std::min(wanted, model.size()));
      CHECK(std::string(into, count) == model.substr(0, count));
      model.erase(0, count);
      break;
    }
    default:
      if (random() % 8 != 0) break;
      {
        const char* line = buffer.last_line(length);
        CHECK(line_of(line, length) == model);
      }
      CHECK_EQUAL(length, model.size());
      model.clear();
  }
  CHECK_EQUAL(buffer.size(), model.size());
}

void random_calls_do_what_the_model_does() {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    LineBuffer buffer;
    std::string model;
    for (int i = 0; i < 200; ++i) step(buffer, model, random);
    if (!model.empty()) CHECK(std::string(buffer.data(), buffer.size()) == model);
  }
}

}  // namespace

int line_buffer_tests() {
  const CMUnitTest tests[] = {
      TEST(lines_come_with_their_newline),
      TEST(the_byte_behind_a_line_comes_back),
      TEST(a_line_may_hold_any_byte),
      TEST(random_calls_do_what_the_model_does),
  };
  return cmocka_run_group_tests_name("line_buffer", tests, nullptr, nullptr);
}
