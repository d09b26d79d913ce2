// SPDX-License-Identifier: MIT
#include "core/shell_words.h"

#include <cstring>
#include <string_view>

namespace sp::core {
namespace {

bool is_plain(std::string_view word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  return !word.empty() && word.find_first_not_of(kPlain) == std::string_view::npos;
}

void append_quoted(std::string& line, std::string_view word) {
  if (is_plain(word)) {
    line.append(word);
    return;
  }
  line.push_back('\'');
  for (const char character : word) {
    if (character == '\'')
      line.append("'\"'\"'");
    else
      line.push_back(character);
  }
  line.push_back('\'');
}

bool is_blank(char character) {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

// Reads one line into words.
class Splitter {
 public:
  explicit Splitter(const char* line) : at_(line) {}

  bool run() {
    while (*at_ != '\0') {
      if (is_blank(*at_)) {
        end_word();
        ++at_;
      } else if (!take_character()) {
        return false;
      }
    }
    end_word();
    return true;
  }
  std::vector<std::string> words;

 private:
  void end_word() {
    if (in_word_) words.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  bool take_character() {
    const char character = *at_++;
    in_word_ = character != '\\' || *at_ != '\n' || in_word_;
    switch (character) {
      case '\'':
        return take_single_quoted();
      case '"':
        return take_double_quoted();
      case '\\':
        return take_escaped();
      default:
        word_.push_back(character);
        return true;
    }
  }

  bool take_escaped() {
    if (*at_ == '\0') return false;
    if (*at_ != '\n') word_.push_back(*at_);  // an escaped newline joins lines
    ++at_;
    return true;
  }

  bool take_single_quoted() {
    const char* end = std::strchr(at_, '\'');
    if (end == nullptr) return false;
    word_.append(at_, end);
    at_ = end + 1;
    return true;
  }

  // Inside double quotes a backslash escapes only what would be special there.
  bool take_double_quoted() {
    for (; *at_ != '\0'; ++at_) {
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      const bool escapes = *at_ == '\\' && at_[1] != '\0' && std::strchr("$`\"\\\n", at_[1]) != nullptr;
      if (escapes) ++at_;
      if (!escapes || *at_ != '\n') word_.push_back(*at_);
    }
    return false;
  }

  const char* at_;
  std::string word_;
  bool in_word_ = false;
};

}  // namespace

std::string quote(const char* const* argv) {
  std::string line;
  for (const char* const* word = argv; *word != nullptr; ++word) {
    if (word != argv) line.push_back(' ');
    append_quoted(line, *word);
  }
  return line;
}

std::optional<std::vector<std::string>> split(const char* line) {
  Splitter splitter(line);
  if (!splitter.run()) return std::nullopt;
  return std::move(splitter.words);
}

}  // namespace sp::core
