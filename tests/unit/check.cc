// SPDX-License-Identifier: MIT
#include "check.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace check {
namespace {

constexpr unsigned kHangSeconds = 60;
constexpr int kReportFd = 200;  // out of the way of tests that count on the lowest numbers

[[noreturn]] void run_in_child(const std::function<void()>& body, int report) {
  ::alarm(kHangSeconds);
  char text[512];
  const bool passed = passes(body, text, sizeof text);
  if (!passed && ::write(report, text, std::strlen(text)) < 0) ::_exit(2);
  ::_exit(passed ? 0 : 1);
}

std::string read_all(int fd) {
  std::string all;
  char buffer[512];
  for (ssize_t count = 0; (count = ::read(fd, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<size_t>(count));
  return all;
}

}  // namespace

void in_child(const std::function<void()>& body) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure{"no pipe for a child"};
  const int writer = ::fcntl(ends[1], F_DUPFD_CLOEXEC, kReportFd);
  ::close(ends[1]);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw Failure{"no process for a child"};
  if (pid == 0) {
    ::close(ends[0]);
    run_in_child(body, writer);
  }
  ::close(writer);
  const std::string report = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) throw Failure{"the child was lost"};
  if (WIFSIGNALED(status)) throw Failure{"the child was ended by signal " + std::to_string(WTERMSIG(status))};
  if (status != 0) throw Failure{"in the child: " + report};
}

}  // namespace check
