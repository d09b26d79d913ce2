// SPDX-License-Identifier: MIT
#include "io/loop.h"

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

}  // namespace

int Loop::open_once() {
  if (const int error = uv_loop_init(&loop_)) return -error;
  const int error = uv_async_init(&loop_, &alarm_, [](uv_async_t*) {});
  open_ = error == 0;
  if (!open_) uv_loop_close(&loop_);
  return -error;
}

int Loop::open() {
  const int error = open_once();
  if (error != 0 || uv_backend_fd(&loop_) > 2) return error;
  close();
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
