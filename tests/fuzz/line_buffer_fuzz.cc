// SPDX-License-Identifier: MIT
//
// LineBuffer against a string, call by call: the input is the list of calls with the bytes that they carry.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstring>

#include "io/line_buffer.h"
#include "require.h"

namespace {

using sp::io::LineBuffer;

void feed(LineBuffer& buffer, std::string& model, const std::string& text) {
  char* tail = buffer.tail(text.size() + 3);  // a read seldom fills what it was given
  REQUIRE(tail != nullptr);
  std::memcpy(tail, text.data(), text.size());
  buffer.grow(text.size());
  model += text;
}

void check_line(const char* line, size_t length, std::string& model, size_t expected) {
  REQUIRE(length == expected && model.compare(0, length, line, length) == 0);
  REQUIRE(line[length] == '\0');
  model.erase(0, length);
}

void call(LineBuffer& buffer, std::string& model, FuzzedDataProvider& input) {
  size_t length = 0;
  switch (input.ConsumeIntegralInRange(0, 4)) {
    case 0:
      return feed(buffer, model, input.ConsumeRandomLengthString(300));
    case 1: {
      const size_t newline = model.find('\n');
      const char* line = buffer.next_line(length);
      REQUIRE((line == nullptr) == (newline == std::string::npos));
      if (line != nullptr) check_line(line, length, model, newline + 1);
      return;
    }
    case 2: {
      std::string into(input.ConsumeIntegralInRange<size_t>(0, 64), '\0');
      const size_t count = buffer.take(into.data(), into.size());
      REQUIRE(count == std::min(into.size(), model.size()));
      REQUIRE(model.compare(0, count, into, 0, count) == 0);
      model.erase(0, count);
      return;
    }
    case 3:
      REQUIRE(model.empty() || std::string(buffer.data(), buffer.size()) == model);
      return;
    default: {
      const char* line = buffer.last_line(length);
      check_line(line, length, model, model.size());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  LineBuffer buffer;
  std::string model;
  while (input.remaining_bytes() > 0) {
    call(buffer, model, input);
    REQUIRE(buffer.size() == model.size());
  }
  return 0;
}
