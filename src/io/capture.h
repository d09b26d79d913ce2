// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace sp::io {

// What a chunk of output is shown to before it is kept; false stops.
class OutputObserver {
 public:
  virtual bool output(int stream, const char* data, size_t size) = 0;

 protected:
  ~OutputObserver() = default;
};

enum class ReadEnd { more, would_block, end_of_file, stopped, out_of_memory, failed };

// The output of one stream as it is collected, up to a cap beyond which bytes are only counted.
class Capture {
 public:
  explicit Capture(int stream) : stream_(stream) {}
  // 0: no cap. `resize_pipe`: a pipe that carries much may be enlarged.
  void configure(size_t cap, bool resize_pipe) {
    cap_ = cap > 0 ? cap : SIZE_MAX;
    resize_pipe_ = resize_pipe;
  }

  // One read of what there is.
  ReadEnd read_from(int fd, OutputObserver* observer);
  // Takes over bytes that were read ahead.
  [[nodiscard]] bool prepend(const char* data, size_t size);

  [[nodiscard]] Bytes& bytes() { return bytes_; }
  [[nodiscard]] uint64_t dropped() const { return dropped_; }
  [[nodiscard]] int sys_errno() const { return sys_errno_; }

 private:
  void keep(size_t count);
  void enlarge_pipe(int fd);

  Bytes bytes_;
  uint64_t dropped_ = 0;
  uint64_t seen_ = 0;
  size_t cap_ = SIZE_MAX;
  int stream_;
  int sys_errno_ = 0;
  bool resize_pipe_ = false;
};

}  // namespace sp::io
