// SPDX-License-Identifier: MIT
#pragma once

#include "io/pump.h"

namespace sp::io {

// What both pumps share: moving bytes once a pipe is ready, and knowing when to stop.
class PumpState {
 public:
  explicit PumpState(PumpJob& job);
  PumpState(const PumpState&) = delete;
  PumpState& operator=(const PumpState&) = delete;
  virtual ~PumpState() = default;

  // Turns until the end. After a limit has passed, one more turn takes what is there: a limit of 0 asks for just that.
  PumpResult run();

 protected:
  // Waits for something to happen, not at all if `expired`, and handles it.
  virtual void turn(bool expired) = 0;
  virtual void finish_inlet(int index);
  virtual void finish_outlet();
  // The drain limit has begun.
  virtual void exits_seen() {}

  void end(PumpEnd end, int sys_errno = 0);
  void read(int index);
  void write();
  // `told`: every exit descriptor has announced an end. If there is none yet, a tracer has to be told first, and only
  // asking again finds out.
  void check_exits(bool told);

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] PumpJob& job() { return job_; }
  // The next limit, or the next time to ask for children without an exit descriptor.
  [[nodiscard]] Deadline next_limit() const;
  [[nodiscard]] bool asks_for_exits() const { return asks_for_exits_ && !exits_seen_; }
  [[nodiscard]] bool awaits_exits() const { return job_.drain_ms > 0 && !exits_seen_; }

 private:
  PumpJob& job_;
  Deadline drain_ = Deadline::never();
  bool asks_for_exits_;  // some child has no exit descriptor, or one that tells too early
  bool exits_seen_ = false;
  bool ended_ = false;
  PumpResult result_;
};

}  // namespace sp::io
