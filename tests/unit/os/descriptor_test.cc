// SPDX-License-Identifier: MIT
//
// Descriptors are close-on-exec and above 2, whatever the host has closed.
#include "os/descriptor.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "check.h"
#include "os/waker.h"
#include "os_tests.h"

namespace {

using sp::UniqueFd;
using sp::os::OpenMode;
using sp::os::PipeEnds;

void close_stdio(int mask) {
  for (int fd = 0; fd < 3; ++fd)
    if ((mask & (1 << fd)) != 0) CHECK_EQUAL(::close(fd), 0);
}

void check_private(const UniqueFd& fd) {
  CHECK(fd.get() > 2);
  CHECK_EQUAL(::fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
}

void check_stdio(int closed) {
  for (int fd = 0; fd < 3; ++fd) CHECK_EQUAL(sp::os::is_open(fd), (closed & (1 << fd)) == 0);
}

void nothing_lands_below_three() {
  for (int mask = 0; mask < 8; ++mask) {
    check::in_child([mask] {
      close_stdio(mask);
      PipeEnds ends;
      CHECK_EQUAL(sp::os::make_pipe(ends), 0);
      check_private(ends.reader);
      check_private(ends.writer);
      check_stdio(mask);
      UniqueFd file;
      CHECK_EQUAL(sp::os::open_file(sp::os::kNullDevice, OpenMode::read_write, file), 0);
      check_private(file);
      sp::os::Waker waker;
      CHECK_EQUAL(waker.open(), 0);
      CHECK(waker.fd() > 2);
      CHECK_EQUAL(::fcntl(waker.fd(), F_GETFD), FD_CLOEXEC);
      check_stdio(mask);
    });
  }
}

void a_failed_maker_leaves_nothing() {
  check::in_child([] {
    close_stdio(7);
    const rlimit only_stdio = {3, 3};
    CHECK_EQUAL(::setrlimit(RLIMIT_NOFILE, &only_stdio), 0);
    {
      PipeEnds ends;
      CHECK_EQUAL(sp::os::make_pipe(ends), EINVAL);  // what F_DUPFD says of a number above the limit
      UniqueFd file;
      CHECK(sp::os::open_file(sp::os::kNullDevice, OpenMode::read, file) != 0);
      sp::os::Waker waker;
      CHECK(waker.open() != 0);
    }
    check_stdio(7);
  });
}

void high_descriptors_stay() {
  UniqueFd fd(::fcntl(1, F_DUPFD_CLOEXEC, 3));
  const int number = fd.get();
  CHECK_EQUAL(sp::os::lift_above_stdio(fd), 0);
  CHECK_EQUAL(fd.get(), number);
}

void the_lowest_gap_is_filled() {
  check::in_child([] {
    close_stdio(2);
    CHECK_EQUAL(sp::os::open_lowest_null(), 1);
    CHECK_EQUAL(::fcntl(1, F_GETFD), FD_CLOEXEC);
  });
}

class Directory {
 public:
  Directory() { CHECK(::mkdtemp(path_) != nullptr); }
  ~Directory() {
    ::unlink(file().c_str());
    ::rmdir(path_);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] std::string file() const { return std::string(path_) + "/file"; }
  [[nodiscard]] const char* path() const { return path_; }

 private:
  char path_[32] = "/tmp/subprocess-unit-XXXXXX";
};

void write_file(const Directory& directory, OpenMode mode, const char* text) {
  UniqueFd fd;
  CHECK_EQUAL(sp::os::open_file(directory.file().c_str(), mode, fd), 0);
  check_private(fd);
  CHECK_EQUAL(::write(fd.get(), text, std::strlen(text)), static_cast<ssize_t>(std::strlen(text)));
}

std::string content(const Directory& directory) {
  UniqueFd fd;
  CHECK_EQUAL(sp::os::open_file(directory.file().c_str(), OpenMode::read, fd), 0);
  char buffer[64];
  const ssize_t count = sp::os::read_some(fd.get(), buffer, sizeof buffer);
  CHECK(count >= 0);
  return {buffer, static_cast<size_t>(count)};
}

void files_are_opened_as_asked() {
  const Directory directory;
  UniqueFd fd;
  CHECK_EQUAL(sp::os::open_file(directory.file().c_str(), OpenMode::read, fd), ENOENT);
  const mode_t umask_before = ::umask(027);
  write_file(directory, OpenMode::truncate, "first");
  ::umask(umask_before);
  struct stat made = {};
  CHECK_EQUAL(::stat(directory.file().c_str(), &made), 0);
  CHECK_EQUAL(made.st_mode & 0777U, 0640U);
  write_file(directory, OpenMode::append, " second");
  CHECK_EQUAL(content(directory), "first second");
  write_file(directory, OpenMode::truncate, "new");
  CHECK_EQUAL(content(directory), "new");
  CHECK_EQUAL(sp::os::open_file(directory.path(), OpenMode::truncate, fd), EISDIR);
  CHECK_EQUAL(sp::os::open_file((directory.file() + "/x").c_str(), OpenMode::read, fd), ENOTDIR);
}

void executables_are_told_from_files() {
  const Directory directory;
  write_file(directory, OpenMode::truncate, "");
  CHECK_EQUAL(sp::os::check_executable("/bin/sh"), 0);
  CHECK_EQUAL(sp::os::check_executable(directory.file().c_str()), EACCES);
  CHECK_EQUAL(sp::os::check_executable(directory.path()), EACCES);
  CHECK_EQUAL(sp::os::check_executable("/no/such/file"), ENOENT);
}

void event_queues_are_told_from_others() {
  UniqueFd queue(::epoll_create1(EPOLL_CLOEXEC));
  CHECK(sp::os::is_event_queue(queue.get()));
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  CHECK(!sp::os::is_event_queue(ends.reader.get()));
  const int closed = queue.get();
  queue.reset();
  CHECK(!sp::os::is_event_queue(closed));
  CHECK(!sp::os::is_open(closed));
  CHECK(!sp::os::is_open(-1));
  CHECK(sp::os::is_open(ends.reader.get()));
}

void reading_tells_nothing_yet_from_the_end() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  char buffer[8];
  sp::os::set_blocking(ends.reader.get(), false);
  CHECK((::fcntl(ends.reader.get(), F_GETFL) & O_NONBLOCK) != 0);
  CHECK_EQUAL(sp::os::read_some(ends.reader.get(), buffer, sizeof buffer), -EAGAIN);
  CHECK_EQUAL(::write(ends.writer.get(), "abc", 3), 3);
  CHECK_EQUAL(sp::os::read_some(ends.reader.get(), buffer, sizeof buffer), 3);
  ends.writer.reset();
  CHECK_EQUAL(sp::os::read_some(ends.reader.get(), buffer, sizeof buffer), 0);
  sp::os::set_blocking(ends.reader.get(), true);
  CHECK((::fcntl(ends.reader.get(), F_GETFL) & O_NONBLOCK) == 0);
  CHECK_EQUAL(sp::os::read_some(-1, buffer, sizeof buffer), -EBADF);
}

void pipes_are_enlarged() {
  PipeEnds ends;
  CHECK_EQUAL(sp::os::make_pipe(ends), 0);
  sp::os::set_pipe_capacity(ends.reader.get(), 128 * 1024);
  CHECK_EQUAL(::fcntl(ends.writer.get(), F_GETPIPE_SZ), 128 * 1024);
}

void closing_keeps_errno() {
  UniqueFd fd(::fcntl(1, F_DUPFD_CLOEXEC, 3));
  const int number = fd.get();
  errno = ERANGE;
  fd.reset();
  CHECK_EQUAL(errno, ERANGE);
  CHECK(!sp::os::is_open(number));
}

}  // namespace

int descriptor_tests() {
  const CMUnitTest tests[] = {
      TEST(nothing_lands_below_three),
      TEST(a_failed_maker_leaves_nothing),
      TEST(high_descriptors_stay),
      TEST(the_lowest_gap_is_filled),
      TEST(files_are_opened_as_asked),
      TEST(executables_are_told_from_files),
      TEST(event_queues_are_told_from_others),
      TEST(reading_tells_nothing_yet_from_the_end),
      TEST(pipes_are_enlarged),
      TEST(closing_keeps_errno),
  };
  return cmocka_run_group_tests_name("descriptor", tests, nullptr, nullptr);
}
