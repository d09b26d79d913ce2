// SPDX-License-Identifier: MIT
#include "io/capture.h"

#include <algorithm>
#include <cerrno>

#include "os/descriptor.h"

namespace sp::io {
namespace {

// Measured: small reads keep both sides on one processor; a child that writes much is better served by a larger pipe,
// which makes the size of the reads irrelevant.
constexpr size_t kSmallRead = size_t{16} * 1024;
constexpr size_t kLittleRoom = size_t{4} * 1024;
constexpr size_t kLargeRead = size_t{64} * 1024;
constexpr uint64_t kMuch = uint64_t{128} * 1024;
constexpr int kLargePipe = 256 * 1024;

}  // namespace

void Capture::enlarge_pipe(int fd) {
  resize_pipe_ = false;
  os::set_pipe_capacity(fd, kLargePipe);
}

void Capture::keep(size_t count) {
  seen_ += count;
  const size_t kept = std::min(count, cap_ - bytes_.size());
  bytes_.grow(kept);
  dropped_ += count - kept;
}

ReadEnd Capture::read_from(int fd, OutputObserver* observer) {
  const size_t wanted = seen_ < kMuch ? kSmallRead : kLargeRead;
  // A little room is used up first: the read that finds the end of a short output must not make the block larger.
  char* tail = bytes_.tail(bytes_.room() >= kLittleRoom ? kLittleRoom : wanted);
  if (tail == nullptr) return ReadEnd::out_of_memory;
  // Everything beyond the cap goes to the same tail again and again.
  const ssize_t count = os::read_some(fd, tail, std::min(bytes_.room(), kLargeRead));
  if (count == -EAGAIN || count == -EINTR) return ReadEnd::would_block;
  if (count == 0) return ReadEnd::end_of_file;
  if (count < 0) {
    sys_errno_ = static_cast<int>(-count);
    return ReadEnd::failed;
  }
  const auto got = static_cast<size_t>(count);
  const bool go_on = observer == nullptr || observer->output(stream_, tail, got);
  keep(got);
  if (resize_pipe_ && seen_ >= kMuch) enlarge_pipe(fd);
  return go_on ? ReadEnd::more : ReadEnd::stopped;
}

bool Capture::prepend(const char* data, size_t size) {
  if (!bytes_.append(data, size)) return false;
  bytes_.shrink(bytes_.size() - size);
  keep(size);
  return true;
}

}  // namespace sp::io
