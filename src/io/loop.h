// SPDX-License-Identifier: MIT
#pragma once

#include <uv.h>

#include <memory>

#include "base/result.h"

namespace sp::io {

// A libuv loop that the calling thread runs and then puts back for the next call.
class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // 0 or an errno.
  int open();
  uv_loop_t* get() { return &loop_; }
  // Makes a running loop return from its wait; from any thread.
  void wake() { uv_async_send(&alarm_); }
  // False once a host that closes all its descriptors has closed the loop's too: libuv would abort on touching it.
  [[nodiscard]] bool intact() const;
  // libuv aborts when it cannot enlarge its table of watched descriptors: so ask for the memory before it does.
  bool has_room_for(int fd);

 private:
  int open_once();
  void close();

  uv_loop_t loop_;
  uv_async_t alarm_;
  bool open_ = false;
  int largest_fd_ = -1;
};

// Puts the loop back when it goes.
class LoopLease {
 public:
  // SP_ENOMEM or SP_ESYS also where libuv would abort for want of memory or descriptors.
  static Result<LoopLease> acquire();
  LoopLease(LoopLease&&) = default;
  LoopLease& operator=(LoopLease&&) = delete;
  LoopLease(const LoopLease&) = delete;
  LoopLease& operator=(const LoopLease&) = delete;
  ~LoopLease();
  Loop& operator*() { return *loop_; }
  Loop* operator->() { return loop_.get(); }

 private:
  explicit LoopLease(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
  std::unique_ptr<Loop> loop_;
};

void release_loops();

}  // namespace sp::io
