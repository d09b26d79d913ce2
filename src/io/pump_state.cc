// SPDX-License-Identifier: MIT
#include "io/pump_state.h"

#include <algorithm>
#include <cerrno>

#include "os/descriptor.h"
#include "os/poll.h"

namespace sp::io {
namespace {

constexpr int kInput = 0;
constexpr int64_t kExitCheckMs = 10;

bool lacks_exit_fd(const PumpJob& job) {
  return job.drain_ms > 0 && std::find(job.exit_fds.begin(), job.exit_fds.end(), -1) != job.exit_fds.end();
}

}  // namespace

PumpState::PumpState(PumpJob& job) : job_(job), asks_for_exits_(lacks_exit_fd(job)) {}

void PumpState::end(PumpEnd end, int sys_errno) {
  if (ended_) return;
  ended_ = true;
  result_ = {end, sys_errno};
}

void PumpState::finish_inlet(int index) {
  job_.inlets[index].fd = -1;
  job_.owner->finished(index + 1);
}

void PumpState::finish_outlet() {
  job_.outlet.fd = -1;
  job_.owner->finished(kInput);
}

void PumpState::read(int index) {
  if (ended_) return;  // by another pipe in the same turn
  Inlet& inlet = job_.inlets[index];
  switch (inlet.capture->read_from(inlet.fd, job_.owner)) {
    case ReadEnd::more:
    case ReadEnd::would_block:
      break;
    case ReadEnd::end_of_file:
      finish_inlet(index);
      break;
    case ReadEnd::stopped:
      end(PumpEnd::stopped);
      break;
    case ReadEnd::out_of_memory:
      end(PumpEnd::out_of_memory);
      break;
    case ReadEnd::failed:
      end(PumpEnd::failed, inlet.capture->sys_errno());
  }
}

void PumpState::write() {
  if (ended_) return;
  Outlet& outlet = job_.outlet;
  // One write a turn: a child that reads fast must not keep the limits and the other pipes waiting.
  const ssize_t written = os::write_some(outlet.fd, outlet.data, outlet.size);
  if (written == -EAGAIN || written == -EINTR) return;
  // A child that does not read its input is no failure (Python's communicate() says so too).
  if (written < 0 && written != -EPIPE) return end(PumpEnd::failed, static_cast<int>(-written));
  if (written > 0) {
    outlet.data += written;
    outlet.size -= static_cast<size_t>(written);
  }
  if (written < 0 || outlet.size == 0) finish_outlet();
}

void PumpState::check_exits(bool told) {
  if (!awaits_exits()) return;
  if (!job_.owner->all_exited()) {
    if (told) asks_for_exits_ = true;
    return;
  }
  exits_seen_ = true;
  drain_ = Deadline::after(job_.drain_ms);
  exits_seen();
}

Deadline PumpState::next_limit() const {
  const Deadline limit = Deadline::earlier(job_.deadline, drain_);
  return asks_for_exits_ && !exits_seen_ ? Deadline::earlier(limit, Deadline::after(kExitCheckMs)) : limit;
}

PumpResult PumpState::run() {
  bool last_turn = false;
  while (!ended_ && !job_.done()) {
    if (job_.owner->closing()) end(PumpEnd::closed);
    if (asks_for_exits_) check_exits(false);
    const bool drained = drain_.expired();
    const bool expired = drained || job_.deadline.expired();
    if (expired && last_turn) end(drained ? PumpEnd::pipes_held : PumpEnd::timed_out);
    if (!ended_) turn(expired);
    const sigset_t* mask = job_.interrupts.wait_mask;
    if (!ended_ && mask != nullptr && os::let_signals_in(mask)) end(PumpEnd::interrupted);
    last_turn = expired;
  }
  return result_;
}

}  // namespace sp::io
