// SPDX-License-Identifier: MIT
#include "io/loop.h"

#include <cerrno>
#include <cstdlib>

#include "io/shelf.h"
#include "os/descriptor.h"

namespace sp::io {
namespace {

constexpr size_t kKeptLoops = 4;
Shelf<Loop, kKeptLoops> idle_loops;

// libuv takes whatever numbers are free. Where the host runs without 0, 1 or 2, these are filled while a loop is made.
class FilledStdio {
 public:
  FilledStdio() {
    for (UniqueFd& filler : fillers_) {
      const int fd = os::open_lowest_null();
      filler.reset(fd);
      if (fd < 0 || fd > 2) break;
    }
  }

 private:
  UniqueFd fillers_[4];
};

bool has_memory(size_t size) {
  void* volatile memory = std::malloc(size);  // volatile: else the compiler may leave it out
  const bool has = memory != nullptr;
  std::free(memory);
  return has;
}

// libuv aborts where its loop runs out of memory or of descriptors for its signal pipes, or leaks what it has opened so
// far. So this makes sure that there is enough; another thread may still take it away in between.
int check_resources() {
  constexpr size_t kLoopMemory = size_t{64} * 1024;
  if (!has_memory(kLoopMemory)) return ENOMEM;
  UniqueFd places[8];
  for (UniqueFd& place : places) {
    place.reset(os::open_lowest_null());
    if (!place) return errno;
  }
  return 0;
}

}  // namespace

int Loop::open_once() {
  if (const int error = uv_loop_init(&loop_)) return -error;
  const int error = uv_async_init(&loop_, &alarm_, [](uv_async_t*) {});
  open_ = error == 0;
  if (!open_) uv_loop_close(&loop_);
  return -error;
}

// libuv asserts that what it closes is above 2.
int Loop::open() {
  if (const int error = check_resources()) return error;
  if (os::is_open(0) && os::is_open(1) && os::is_open(2)) return open_once();
  const FilledStdio filled;
  return open_once();
}

void Loop::close() {
  uv_close(reinterpret_cast<uv_handle_t*>(&alarm_), nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
  open_ = false;
}

Loop::~Loop() {
  if (open_ && intact()) close();
}

bool Loop::has_room_for(int fd) {
  if (fd <= largest_fd_) return true;
  largest_fd_ = 2 * fd + 64;
  constexpr size_t kPerFd = 4 * sizeof(void*);  // the table grows to a power of two
  const bool has_room = has_memory(static_cast<size_t>(largest_fd_) * kPerFd);
  if (!has_room) largest_fd_ = -1;
  return has_room;
}

bool Loop::intact() const { return os::is_event_queue(uv_backend_fd(&loop_)); }

Result<LoopLease> LoopLease::acquire() {
  std::unique_ptr<Loop> loop = idle_loops.take();
  while (loop && !loop->intact()) loop = idle_loops.take();
  if (!loop) {
    loop = std::make_unique<Loop>();
    if (const int error = loop->open()) return system_error(Step::io, error, "", "cannot make an event loop");
  }
  return LoopLease(std::move(loop));
}

LoopLease::~LoopLease() {
  if (loop_) idle_loops.put(std::move(loop_));
}

void release_loops() { idle_loops.clear(); }

}  // namespace sp::io
