// SPDX-License-Identifier: MIT
#include "os/waker.h"

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "os/descriptor.h"

namespace sp::os {

int Waker::open() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return errno;
  fd_.reset(fd);
  return lift_above_stdio(fd_);
}

Waker::~Waker() {
  // An eventfd has no file type, unlike whatever a host may have put in its place.
  struct stat found = {};
  if (fd_ && (::fstat(fd_.get(), &found) != 0 || (found.st_mode & S_IFMT) != 0)) forget();
}

void Waker::wake() const {
  const int saved = errno;
  const uint64_t one = 1;
  // A full counter is as good as a written one.
  [[maybe_unused]] const ssize_t written = ::write(fd_.get(), &one, sizeof one);
  errno = saved;
}

void Waker::clear() const {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(fd_.get(), &count, sizeof count);
}

}  // namespace sp::os
