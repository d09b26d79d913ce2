// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sp {

// A NULL-terminated array of C strings, as exec wants it, with its characters in one block.
class StringVector {
 public:
  void reserve(size_t characters, size_t strings) {
    characters_.reserve(characters);
    offsets_.reserve(strings);
  }
  // Adds the concatenation of the parts.
  void add(std::string_view first, std::string_view second = {}, std::string_view third = {});
  // Valid until the next add().
  [[nodiscard]] const char* const* pointers();
  [[nodiscard]] size_t size() const { return offsets_.size(); }

 private:
  std::string characters_;
  std::vector<size_t> offsets_;
  std::vector<const char*> pointers_;
};

}  // namespace sp
