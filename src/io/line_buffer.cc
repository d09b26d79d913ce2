// SPDX-License-Identifier: MIT
#include "io/line_buffer.h"

#include <algorithm>
#include <cstring>

namespace sp::io {

// A line is handed out in place: the byte behind it is put back before anything else happens.
void LineBuffer::restore() {
  if (has_replaced_) bytes_.data()[terminator_] = replaced_;
  has_replaced_ = false;
}

char* LineBuffer::tail(size_t size) {
  restore();
  bytes_.erase_front(start_);
  start_ = 0;
  return bytes_.tail(size);
}

const char* LineBuffer::hand_out(size_t length) {
  char* line = bytes_.data() + start_;
  terminator_ = start_ + length;
  replaced_ = line[length];  // there is always room for the NUL: Bytes keeps one byte more than its content
  has_replaced_ = terminator_ < bytes_.size();
  line[length] = '\0';
  start_ += length;
  scanned_ = 0;
  return line;
}

const char* LineBuffer::next_line(size_t& length) {
  restore();
  if (size() == scanned_) return nullptr;
  const char* from = data();
  const void* newline = std::memchr(from + scanned_, '\n', size() - scanned_);
  if (newline == nullptr) {
    scanned_ = size();
    return nullptr;
  }
  length = static_cast<size_t>(static_cast<const char*>(newline) - from) + 1;
  return hand_out(length);
}

const char* LineBuffer::last_line(size_t& length) {
  restore();
  length = size();
  if (length == 0) return "";
  return hand_out(length);
}

size_t LineBuffer::take(void* into, size_t size) {
  restore();
  const size_t count = std::min(size, this->size());
  if (count > 0) std::memcpy(into, data(), count);
  start_ += count;
  scanned_ = 0;
  return count;
}

}  // namespace sp::io
