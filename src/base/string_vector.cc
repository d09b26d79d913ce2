// SPDX-License-Identifier: MIT
#include "base/string_vector.h"

namespace sp {

void StringVector::add(std::string_view first, std::string_view second, std::string_view third) {
  offsets_.push_back(characters_.size());
  characters_.append(first).append(second).append(third).push_back('\0');
}

const char* const* StringVector::pointers() {
  pointers_.clear();
  pointers_.reserve(offsets_.size() + 1);
  for (const size_t offset : offsets_) pointers_.push_back(characters_.data() + offset);
  pointers_.push_back(nullptr);
  return pointers_.data();
}

}  // namespace sp
