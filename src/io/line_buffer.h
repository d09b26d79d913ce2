// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace sp::io {

// Bytes read ahead of the caller, handed out line by line or as they are.
class LineBuffer {
 public:
  // Where the next read goes; nullptr without memory. Invalidates the last line.
  [[nodiscard]] char* tail(size_t size);
  void grow(size_t count) { bytes_.grow(count); }

  // The next line with its newline (and a NUL behind it), or nullptr if there is no whole one.
  const char* next_line(size_t& length);
  // What is left at end of file, as a line; length 0 if nothing is.
  const char* last_line(size_t& length);

  // What has not been handed out; invalidates the last line.
  [[nodiscard]] const char* data() {
    restore();
    return bytes_.data() + start_;
  }
  [[nodiscard]] size_t size() const { return bytes_.size() - start_; }
  // Takes up to `size` bytes out.
  size_t take(void* into, size_t size);

 private:
  const char* hand_out(size_t length);
  void restore();

  Bytes bytes_;
  size_t start_ = 0;
  size_t scanned_ = 0;     // bytes behind start_ that hold no newline
  size_t terminator_ = 0;  // where a byte was replaced by NUL
  char replaced_ = '\0';
  bool has_replaced_ = false;
};

}  // namespace sp::io
