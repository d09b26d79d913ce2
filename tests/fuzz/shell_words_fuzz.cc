// SPDX-License-Identifier: MIT
//
// quote() and split(): what one makes the other undoes, for any line and any arguments.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/shell_words.h"
#include "require.h"

namespace {

using Words = std::vector<std::string>;

std::string quote(const Words& words) {
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  pointers.push_back(nullptr);
  return sp::core::quote(pointers.data());
}

void check_round_trip(const Words& words) {
  const auto again = sp::core::split(quote(words).c_str());
  REQUIRE(again && *again == words);
}

Words split_at(const std::string& text, const char* separators, bool keep_empty) {
  Words words;
  for (size_t at = 0; at <= text.size();) {
    const size_t end =
        std::min(text.find_first_of(separators, at, std::strlen(separators) + (keep_empty ? 1 : 0)), text.size());
    if (end > at || keep_empty) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  check_round_trip(split_at(input, "", true));  // arguments, with a NUL between them

  const std::string line = input.c_str();
  const auto words = sp::core::split(line.c_str());
  const bool has_quotes = line.find_first_of("'\"\\") != std::string::npos;
  REQUIRE(words || has_quotes);
  if (words) check_round_trip(*words);
  if (!has_quotes) REQUIRE(*words == split_at(line, " \t\r\n", false));
  return 0;
}
