// SPDX-License-Identifier: MIT
//
// StringVector: what exec is given.
#include "base/string_vector.h"

#include "base_tests.h"
#include "check.h"

namespace {

using sp::StringVector;

std::vector<std::string> strings_of(StringVector& strings) {
  std::vector<std::string> all;
  for (const char* const* string = strings.pointers(); *string != nullptr; ++string) all.emplace_back(*string);
  return all;
}

void parts_become_one_string() {
  StringVector strings;
  strings.add("/bin", "/", "sh");
  strings.add("alone");
  strings.add("");
  strings.add("", "", "last");
  CHECK(strings_of(strings) == (std::vector<std::string>{"/bin/sh", "alone", "", "last"}));
  CHECK_EQUAL(strings.size(), 4U);
}

void nothing_is_a_null_alone() {
  StringVector strings;
  CHECK(strings.pointers()[0] == nullptr);
  CHECK_EQUAL(strings.size(), 0U);
}

void pointers_follow_the_characters() {
  StringVector strings;
  strings.reserve(4, 1);
  std::vector<std::string> model;
  for (int i = 0; i < 500; ++i) {
    model.push_back(std::string(static_cast<size_t>(i % 40), 'x') + std::to_string(i));
    strings.add(model.back());
    if (i % 50 == 0) CHECK(strings_of(strings) == model);
  }
  CHECK(strings_of(strings) == model);
  StringVector moved = std::move(strings);
  CHECK(strings_of(moved) == model);
}

}  // namespace

int string_vector_tests() {
  const CMUnitTest tests[] = {
      TEST(parts_become_one_string),
      TEST(nothing_is_a_null_alone),
      TEST(pointers_follow_the_characters),
  };
  return cmocka_run_group_tests_name("string_vector", tests, nullptr, nullptr);
}
