// SPDX-License-Identifier: MIT
#include "os/descriptor.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>

#include "os/poll.h"

namespace sp::os {
namespace {

constexpr int kFirstAboveStdio = 3;
constexpr int kRwfNowait = 0x8;      // linux/fs.h
constexpr int kRwfNosignal = 0x100;  // Linux 6.18
std::atomic<bool> has_quiet_write{true};

// Before Linux 6.18 only a blocked SIGPIPE keeps write(2) quiet; one that we caused is then taken back.
class BlockedSigpipe {
 public:
  BlockedSigpipe() {
    sigemptyset(&sigpipe_);
    sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &sigpipe_, &host_mask_);
  }
  ~BlockedSigpipe() {
    const int saved = errno;
    const timespec now = {0, 0};
    if (raised_ && !was_pending_) {
      while (sigtimedwait(&sigpipe_, nullptr, &now) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &host_mask_, nullptr);
    errno = saved;
  }
  BlockedSigpipe(const BlockedSigpipe&) = delete;
  BlockedSigpipe& operator=(const BlockedSigpipe&) = delete;
  void raised() { raised_ = true; }

 private:
  sigset_t sigpipe_;
  sigset_t host_mask_;
  bool was_pending_ = false;
  bool raised_ = false;
};

// Once poll has said so, a pipe takes PIPE_BUF bytes without blocking, whatever its mode.
ssize_t write_masked(int fd, const void* from, size_t size) {
  pollfd entry = {fd, POLLOUT, 0};
  if (::poll(&entry, 1, 0) <= 0) return -EAGAIN;
  BlockedSigpipe blocked;
  const ssize_t written = ::write(fd, from, size < PIPE_BUF ? size : PIPE_BUF);
  if (written >= 0) return written;
  if (errno == EPIPE) blocked.raised();
  return -errno;
}

int adopt(int fd, UniqueFd& into) {
  if (fd < 0) return errno;
  into.reset(fd);
  return lift_above_stdio(into);
}

}  // namespace

int lift_above_stdio(UniqueFd& fd) {
  if (fd.get() >= kFirstAboveStdio) return 0;
  const int lifted = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstAboveStdio);
  if (lifted < 0) return errno;
  fd.reset(lifted);
  return 0;
}

int open_lowest_null() { return ::open(kNullDevice, O_RDWR | O_CLOEXEC); }

bool is_event_queue(int fd) {
  epoll_event event;
  return ::epoll_wait(fd, &event, 1, 0) >= 0 || errno == EINTR;
}

int make_pipe(PipeEnds& ends) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return errno;
  ends.reader.reset(fds[0]);
  ends.writer.reset(fds[1]);
  if (const int error = lift_above_stdio(ends.reader)) return error;
  return lift_above_stdio(ends.writer);
}

int open_file(const char* path, OpenMode mode, UniqueFd& file) {
  constexpr int kCommon = O_CLOEXEC | O_NOCTTY;
  constexpr mode_t kEverybody = 0666;
  int flags = 0;
  switch (mode) {
    case OpenMode::read:
      flags = O_RDONLY;
      break;
    case OpenMode::truncate:
      flags = O_WRONLY | O_CREAT | O_TRUNC;
      break;
    case OpenMode::append:
      flags = O_WRONLY | O_CREAT | O_APPEND;
      break;
    case OpenMode::read_write:
      flags = O_RDWR;
      break;
  }
  int fd = -1;
  do fd = ::open(path, flags | kCommon, kEverybody);
  while (fd < 0 && errno == EINTR);
  return adopt(fd, file);
}

bool is_open(int fd) { return fd >= 0 && ::fcntl(fd, F_GETFD) != -1; }

bool is_pipe(int fd) {
  struct stat found = {};
  return ::fstat(fd, &found) == 0 && S_ISFIFO(found.st_mode);
}

long descriptor_limit() { return ::sysconf(_SC_OPEN_MAX); }

int check_executable(const char* path) {
  struct stat found = {};
  if (::stat(path, &found) != 0) return errno;
  if (!S_ISREG(found.st_mode)) return EACCES;
  return ::faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

void set_pipe_capacity(int fd, int bytes) { ::fcntl(fd, F_SETPIPE_SZ, bytes); }

void set_blocking(int fd, bool blocking) {
  const int flags = ::fcntl(fd, F_GETFL);
  const int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
  if (flags != -1 && wanted != flags) ::fcntl(fd, F_SETFL, wanted);
}

ssize_t read_some(int fd, void* into, size_t size) {
  const ssize_t count = ::read(fd, into, size);
  return count >= 0 ? count : -errno;
}

ssize_t write_some(int fd, const void* from, size_t size) {
  if (has_quiet_write.load(std::memory_order_relaxed)) {
    const iovec block = {const_cast<void*>(from), size};
    const ssize_t written = ::pwritev2(fd, &block, 1, -1, kRwfNowait | kRwfNosignal);
    if (written >= 0) return written;
    // What an older kernel, or a filter, says; a pipe itself never does.
    if (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS && errno != EPERM) return -errno;
    has_quiet_write.store(false, std::memory_order_relaxed);
  }
  return write_masked(fd, from, size);
}

}  // namespace sp::os
