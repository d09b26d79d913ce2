// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "base/unique_fd.h"

namespace sp::os {

// All descriptors made here are close-on-exec and above 2, also when the host runs with 0, 1 or 2 closed: otherwise
// its next printf would write into one of ours. Makers return 0 or an errno.

struct PipeEnds {
  UniqueFd reader;
  UniqueFd writer;
};
int make_pipe(PipeEnds& ends);

enum class OpenMode { read, truncate, append, read_write };
int open_file(const char* path, OpenMode mode, UniqueFd& file);
inline constexpr const char* kNullDevice = "/dev/null";

// Moves a descriptor of ours above 2.
int lift_above_stdio(UniqueFd& fd);

// The null device on the lowest free number, -1 on failure: fills a gap below 3.
int open_lowest_null();

// Whether `fd` is (still) what an event loop waits on.
bool is_event_queue(int fd);

bool is_open(int fd);
bool is_pipe(int fd);
// The host cannot have a descriptor of this number or above.
long descriptor_limit();
// 0 for a regular file that may be executed, else an errno.
int check_executable(const char* path);

// Best effort: over the user's quota the pipe keeps the size it has.
void set_pipe_capacity(int fd, int bytes);

void set_blocking(int fd, bool blocking);

// read(2) and a write that never raises SIGPIPE and never blocks on a pipe: counts, or -errno (-EAGAIN: try when poll
// says so).
ssize_t read_some(int fd, void* into, size_t size);
ssize_t write_some(int fd, const void* from, size_t size);

}  // namespace sp::os
