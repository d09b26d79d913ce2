// SPDX-License-Identifier: MIT
#include "base/bytes.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace sp {

Bytes::~Bytes() { std::free(data_); }

bool Bytes::reserve(size_t capacity) {
  if (capacity == SIZE_MAX) return false;
  void* moved = std::realloc(data_, capacity + 1);
  if (moved == nullptr) return false;
  data_ = static_cast<char*>(moved);
  capacity_ = capacity;
  return true;
}

char* Bytes::tail(size_t wanted) {
  if (wanted > room() || data_ == nullptr) {
    if (wanted > SIZE_MAX / 2 - size_) return nullptr;
    const size_t doubled = capacity_ * 2;
    const size_t needed = size_ + wanted;
    if (!reserve(doubled > needed ? doubled : needed)) return nullptr;
  }
  return data_ + size_;
}

bool Bytes::append(const void* from, size_t count) {
  char* to = tail(count);
  if (to == nullptr) return false;
  if (count > 0) std::memcpy(to, from, count);
  grow(count);
  return true;
}

void Bytes::erase_front(size_t count) {
  if (count == 0) return;
  size_ -= count;
  std::memmove(data_, data_ + count, size_);
}

bool Bytes::finish() {
  if (data_ == nullptr && !reserve(0)) return false;
  // A block that cannot be shrunk stays large, which is no failure.
  if (room() > size_ + 256) static_cast<void>(reserve(size_));
  data_[size_] = '\0';
  return true;
}

char* Bytes::release() {
  size_ = 0;
  capacity_ = 0;
  return std::exchange(data_, nullptr);
}

void normalize_newlines(Bytes& bytes) {
  char* data = bytes.data();
  const size_t size = bytes.size();
  size_t to = 0;
  for (size_t from = 0; from < size; ++from) {
    const bool pair = data[from] == '\r' && from + 1 < size && data[from + 1] == '\n';
    if (pair) continue;
    data[to++] = data[from] == '\r' ? '\n' : data[from];
  }
  bytes.shrink(to);
}

}  // namespace sp
