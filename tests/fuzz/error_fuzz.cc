// SPDX-License-Identifier: MIT
//
// Error: any text is cut to size, and UTF-8 stays UTF-8.
#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"
#include "require.h"

namespace {

using sp::Error;

constexpr size_t kLongestCharacter = 4;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80U) return 1;
  if (byte < 0xC0U || byte >= 0xF8U) return 0;
  if (byte < 0xE0U) return 2;
  return byte < 0xF0U ? 3 : 4;
}

// Whether it is made of whole characters; which of them exist does not matter here.
bool is_whole(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = character_size(text[at]);
    if (size == 0 || at + size > text.size()) return false;
    for (size_t i = 1; i < size; ++i)
      if (!is_continuation(text[at + i])) return false;
    at += size;
  }
  return true;
}

template <size_t Size>
std::string text_of(const char (&array)[Size]) {
  REQUIRE(std::memchr(array, '\0', Size) != nullptr);
  return array;
}

void check_cut(const std::string& kept, const std::string& whole, size_t room) {
  REQUIRE(kept.size() <= room);
  if (!is_whole(whole)) return;
  REQUIRE(is_whole(kept));
  REQUIRE(whole.size() <= room ? kept == whole : kept.size() + kLongestCharacter > room);
}

void check_path(const std::string& text) {
  Error error;
  error.set_path(text.c_str());
  const std::string kept = text_of(error.path);
  REQUIRE(kept.size() <= text.size() && text.compare(text.size() - kept.size(), kept.size(), kept) == 0);
  check_cut(kept, text, sizeof error.path - 1);
}

void check_messages(const std::string& text) {
  constexpr size_t kRoom = sizeof Error::message - 1;
  Error error;
  error.set_message("%s", text.c_str());
  const std::string kept = text_of(error.message);
  REQUIRE(text.compare(0, kept.size(), kept) == 0);
  check_cut(kept, text, kRoom);
  REQUIRE(kept == text_of(sp::invalid("%s", text.c_str()).message));

  const Error failed = sp::system_error(sp::Step::exec, ENOENT, text.c_str(), "%s", text.c_str());
  REQUIRE(text_of(failed.message).compare(0, kept.size(), kept) == 0);
  check_cut(text_of(failed.message), kept + ": " + std::strerror(ENOENT), kRoom);
}

void check_clip(const std::string& text) {
  for (const size_t most : {size_t{0}, size_t{1}, size_t{7}, size_t{80}, text.size(), text.size() + 1}) {
    const auto length = static_cast<size_t>(sp::clipped(text.c_str(), static_cast<int>(most)));
    REQUIRE(length <= text.size());
    check_cut(text.substr(0, length), text, most);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text = std::string(reinterpret_cast<const char*>(data), size).c_str();
  check_path(text);
  check_messages(text);
  check_clip(text);
  return 0;
}
