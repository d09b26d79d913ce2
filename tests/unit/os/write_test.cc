// SPDX-License-Identifier: MIT
//
// write_some(), by the kernel's quiet write and, where there is none, with SIGPIPE masked. The second way is reached by
// functions of libc that this program replaces.
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "check.h"
#include "os/descriptor.h"
#include "os_tests.h"

namespace {

bool quiet_write_missing = false;
bool poll_is_interrupted = false;

}  // namespace

extern "C" ssize_t pwritev2(int fd, const iovec* blocks, int count, off_t offset, int flags) {
  if (quiet_write_missing) {
    errno = EOPNOTSUPP;
    return -1;
  }
  const auto low = static_cast<unsigned long>(offset);
  return ::syscall(SYS_pwritev2, fd, blocks, count, low, 0UL, flags);
}

extern "C" int poll(pollfd* entries, nfds_t count, int timeout_ms) {
  if (poll_is_interrupted) {
    errno = EINTR;
    return -1;
  }
  const timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
  return ::ppoll(entries, count, timeout_ms < 0 ? nullptr : &limit, nullptr);
}

namespace {

using sp::os::PipeEnds;
using sp::os::write_some;

bool has_pending_sigpipe() {
  sigset_t pending;
  CHECK_EQUAL(::sigpending(&pending), 0);
  return sigismember(&pending, SIGPIPE) == 1;
}

bool is_sigpipe_blocked() {
  sigset_t mask;
  CHECK_EQUAL(::pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);
  return sigismember(&mask, SIGPIPE) == 1;
}

void block_sigpipe() {
  sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  CHECK_EQUAL(::pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr), 0);
}

// As much as a pipe takes, in odd portions.
size_t fill(int fd) {
  static const char block[10'000] = {};
  size_t total = 0;
  for (;;) {
    const ssize_t written = write_some(fd, block, sizeof block);
    if (written == -EAGAIN) return total;
    CHECK(written > 0);
    total += static_cast<size_t>(written);
  }
}

void drain(int fd, size_t size) {
  char block[4096];
  while (size > 0) {
    const ssize_t count = ::read(fd, block, size < sizeof block ? size : sizeof block);
    CHECK(count > 0);
    size -= static_cast<size_t>(count);
  }
}

void full_pipe_does_not_block() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  const int fd = ends.writer.get();
  const auto capacity = static_cast<size_t>(::fcntl(fd, F_GETPIPE_SZ));
  const size_t taken = fill(fd);
  CHECK(taken > capacity - 4096 && taken <= capacity);
  CHECK((::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
  drain(ends.reader.get(), taken);
  CHECK_EQUAL(write_some(fd, "abc", 3), 3);
  char back[8];
  CHECK_EQUAL(::read(ends.reader.get(), back, sizeof back), 3);
  CHECK_EQUAL(std::string(back, 3), "abc");
}

// A signal that comes while the pipe is looked at says nothing about its room.
void interrupted_poll_does_not_block() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  fill(ends.writer.get());
  poll_is_interrupted = true;
  const ssize_t written = write_some(ends.writer.get(), "x", 1);
  poll_is_interrupted = false;
  CHECK(written == -EAGAIN || written == -EINTR);
}

// SIGPIPE's default action is in force here: a raised one ends the process.
void broken_pipe_is_quiet() {
  ::signal(SIGPIPE, SIG_DFL);
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  ends.reader.reset();
  for (int i = 0; i < 3; ++i) CHECK_EQUAL(write_some(ends.writer.get(), "x", 1), -EPIPE);
  CHECK(!has_pending_sigpipe());
  CHECK(!is_sigpipe_blocked());
}

void full_pipe_that_breaks_is_quiet() {
  ::signal(SIGPIPE, SIG_DFL);
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  fill(ends.writer.get());
  ends.reader.reset();
  CHECK_EQUAL(write_some(ends.writer.get(), "x", 1), -EPIPE);
}

// A host that blocks SIGPIPE gets none of ours, and keeps its own.
void blocked_sigpipe_is_left_alone() {
  block_sigpipe();
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  ends.reader.reset();
  CHECK_EQUAL(write_some(ends.writer.get(), "x", 1), -EPIPE);
  CHECK(!has_pending_sigpipe());
  CHECK(is_sigpipe_blocked());
  CHECK_EQUAL(::raise(SIGPIPE), 0);
  CHECK_EQUAL(write_some(ends.writer.get(), "x", 1), -EPIPE);
  CHECK(has_pending_sigpipe());
  sigset_t sigpipe;
  sigemptyset(&sigpipe);
  sigaddset(&sigpipe, SIGPIPE);
  const timespec now = {0, 0};
  CHECK_EQUAL(::sigtimedwait(&sigpipe, nullptr, &now), SIGPIPE);
  CHECK(!has_pending_sigpipe());
}

void bad_descriptors_are_told() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  const int closed = ends.writer.get();
  ends.writer.reset();
  CHECK_EQUAL(write_some(closed, "x", 1), -EBADF);
}

constexpr void (*kChecks[])() = {full_pipe_does_not_block, broken_pipe_is_quiet, full_pipe_that_breaks_is_quiet,
                                 blocked_sigpipe_is_left_alone, bad_descriptors_are_told};

void the_quiet_write_is_quiet_and_does_not_block() {
  for (const auto check_one : kChecks) check::in_child(check_one);
}

void the_masked_write_is_quiet_and_does_not_block() {
  quiet_write_missing = true;
  for (const auto check_one : kChecks) check::in_child(check_one);
  check::in_child(interrupted_poll_does_not_block);
  quiet_write_missing = false;
}

}  // namespace

int write_tests() {
  const CMUnitTest tests[] = {
      TEST(the_quiet_write_is_quiet_and_does_not_block),
      TEST(the_masked_write_is_quiet_and_does_not_block),
  };
  return cmocka_run_group_tests_name("write", tests, nullptr, nullptr);
}
