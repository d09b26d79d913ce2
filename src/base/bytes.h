// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

namespace sp {

// A growable block of malloc memory, always one byte larger than its content so that a NUL can follow. Growth reports
// failure instead of throwing: it happens inside libuv's callbacks.
class Bytes {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes();

  [[nodiscard]] char* data() { return data_; }
  [[nodiscard]] const char* data() const { return data_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // Room for `wanted` more bytes behind the content, or nullptr.
  [[nodiscard]] char* tail(size_t wanted);
  // Bytes that fit without growing.
  [[nodiscard]] size_t room() const { return capacity_ - size_; }
  // `count` bytes were written to the tail.
  void grow(size_t count) { size_ += count; }
  void shrink(size_t size) { size_ = size; }
  [[nodiscard]] bool append(const void* from, size_t count);
  void erase_front(size_t count);
  // Writes the NUL (false: no memory), giving back memory that was reserved in vain.
  [[nodiscard]] bool finish();
  // Hands the block over to free().
  [[nodiscard]] char* release();

 private:
  [[nodiscard]] bool reserve(size_t capacity);

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// "\r\n" and "\r" become "\n", in place.
void normalize_newlines(Bytes& bytes);

}  // namespace sp
