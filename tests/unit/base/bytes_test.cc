// SPDX-License-Identifier: MIT
//
// Bytes against std::string, and every short text with "\r" and "\n" in it.
#include "base/bytes.h"

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "base_tests.h"
#include "check.h"

namespace {

using sp::Bytes;

std::string text_of(const Bytes& bytes) {
  return bytes.empty() ? std::string() : std::string(bytes.data(), bytes.size());
}

Bytes bytes_of(const std::string& text) {
  Bytes bytes;
  CHECK(bytes.append(text.data(), text.size()));
  return bytes;
}

void content_survives_growth() {
  std::mt19937 random(1);
  Bytes bytes;
  std::string model;
  for (int i = 0; i < 2000; ++i) {
    std::string chunk(random() % 700, '\0');
    for (char& byte : chunk) byte = static_cast<char>(random());
    if (random() % 2 == 0) {
      CHECK(bytes.append(chunk.data(), chunk.size()));
    } else {
      char* tail = bytes.tail(chunk.size());
      CHECK(tail != nullptr);
      CHECK(bytes.room() >= chunk.size());
      std::memcpy(tail, chunk.data(), chunk.size());
      bytes.grow(chunk.size());
    }
    model += chunk;
    const size_t drop = random() % 16 == 0 ? random() % (model.size() + 1) : 0;
    bytes.erase_front(drop);
    model.erase(0, drop);
    CHECK_EQUAL(bytes.size(), model.size());
  }
  CHECK(text_of(bytes) == model);
  CHECK(bytes.finish());
  CHECK_EQUAL(bytes.data()[model.size()], '\0');
  CHECK(std::string(bytes.data(), bytes.size()) == model);
}

void growth_is_by_doubling() {
  Bytes bytes;
  int moves = 0;
  for (int i = 0; i < (1 << 20); ++i) {
    if (bytes.room() == 0) ++moves;
    CHECK(bytes.append("x", 1));
  }
  CHECK(moves <= 24);
}

void room_is_not_moved() {
  Bytes bytes;
  char* tail = bytes.tail(100);
  bytes.grow(10);
  CHECK(bytes.tail(90) == tail + 10);
}

void nothing_at_all_has_a_tail() {
  Bytes bytes;
  CHECK(bytes.tail(0) != nullptr);
  Bytes empty;
  CHECK(empty.append(nullptr, 0));
  empty.erase_front(0);
  CHECK(empty.empty());
}

void impossible_sizes_fail_and_lose_nothing() {
  Bytes bytes = bytes_of("abc");
  for (const size_t size : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 3, SIZE_MAX / 2, SIZE_MAX / 2 + 1})
    CHECK(bytes.tail(size) == nullptr);
  CHECK_EQUAL(text_of(bytes), "abc");
}

void finishing_writes_the_nul() {
  Bytes bytes;
  CHECK(bytes.finish());
  CHECK(bytes.data() != nullptr);
  CHECK_EQUAL(bytes.data()[0], '\0');
  // A block that is full to the last byte.
  for (size_t size = 1; size < 300; ++size) {
    Bytes full;
    char* tail = full.tail(size);
    std::memset(tail, 'x', full.room());
    full.grow(full.room());
    CHECK(full.finish());
    CHECK_EQUAL(std::strlen(full.data()), full.size());
  }
}

void finishing_gives_memory_back() {
  Bytes bytes;
  CHECK(bytes.tail(1 << 20) != nullptr);
  CHECK(bytes.append("abc", 3));
  CHECK(bytes.finish());
  CHECK_EQUAL(std::string(bytes.data()), "abc");
  CHECK(malloc_usable_size(bytes.data()) < 4096);
  CHECK(bytes.append("defg", 4));
  CHECK_EQUAL(text_of(bytes), "abcdefg");
}

void releasing_hands_the_block_over() {
  Bytes bytes = bytes_of("abc");
  CHECK(bytes.finish());
  char* block = bytes.release();
  CHECK_EQUAL(std::string(block), "abc");
  std::free(block);
  CHECK(bytes.empty());
  CHECK_EQUAL(bytes.room(), 0U);
  CHECK(bytes.data() == nullptr);
  CHECK(bytes.append("de", 2));
  CHECK_EQUAL(text_of(bytes), "de");
}

void moving_leaves_nothing_behind() {
  Bytes from = bytes_of("abc");
  Bytes to(std::move(from));
  CHECK_EQUAL(text_of(to), "abc");
  CHECK(from.empty() && from.room() == 0);  // NOLINT(bugprone-use-after-move)
  Bytes assigned = bytes_of("old");
  assigned = std::move(to);
  CHECK_EQUAL(text_of(assigned), "abc");
  assigned.shrink(1);
  CHECK_EQUAL(text_of(assigned), "a");
}

std::string with_newlines(const std::string& text) {
  std::string result;
  for (const char byte : text) {
    const bool ends_pair = byte == '\n' && !result.empty() && result.back() == '\r';
    if (ends_pair) result.pop_back();
    result.push_back(byte);
  }
  for (char& byte : result)
    if (byte == '\r') byte = '\n';
  return result;
}

// Chunks are put together before their newlines are looked at, so that a pair may lie on both sides of a seam.
void every_short_text_is_normalized() {
  constexpr std::string_view kAlphabet("\r\na\0", 4);
  for (size_t length = 0; length <= 5; ++length) {
    for (size_t number = 0; number < (size_t{1} << (2 * length)); ++number) {
      std::string text;
      for (size_t i = 0; i < length; ++i) text += kAlphabet[(number >> (2 * i)) & 3];
      for (size_t seam = 0; seam <= length; ++seam) {
        Bytes bytes = bytes_of(text.substr(0, seam));
        CHECK(bytes.append(text.data() + seam, length - seam));
        normalize_newlines(bytes);
        CHECK(text_of(bytes) == with_newlines(text));
      }
    }
  }
}

void newlines_have_examples() {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"a\r\nb", "a\nb"}, {"a\rb", "a\nb"}, {"a\r", "a\n"}, {"\r\r\n", "\n\n"}, {"\n\r", "\n\n"}, {"", ""}}) {
    Bytes bytes = bytes_of(from);
    normalize_newlines(bytes);
    CHECK_EQUAL(text_of(bytes), to);
  }
}

}  // namespace

int bytes_tests() {
  const CMUnitTest tests[] = {
      TEST(content_survives_growth),
      TEST(growth_is_by_doubling),
      TEST(room_is_not_moved),
      TEST(nothing_at_all_has_a_tail),
      TEST(impossible_sizes_fail_and_lose_nothing),
      TEST(finishing_writes_the_nul),
      TEST(finishing_gives_memory_back),
      TEST(releasing_hands_the_block_over),
      TEST(moving_leaves_nothing_behind),
      TEST(every_short_text_is_normalized),
      TEST(newlines_have_examples),
  };
  return cmocka_run_group_tests_name("bytes", tests, nullptr, nullptr);
}
