// SPDX-License-Identifier: MIT
//
// Who is inside a process: blocking calls, and the threads that have a stream to themselves.
#include "core/process.h"

namespace sp::core {

Registration::Registration(Process& process, Sleeper& sleeper) : process_(process), sleeper_(sleeper) {
  const std::lock_guard<std::mutex> lock(process.mutex_);
  process.add_sleeper(sleeper);
  if (process.closed_ || process.is_closing_stream()) sleeper.wake();
}

Registration::~Registration() {
  const std::lock_guard<std::mutex> lock(process_.mutex_);
  process_.remove_sleeper(sleeper_);
}

Call::Call(Process& process, const os::SignalWindow& window) : Call(process, window, Unregistered()) {
  registration_.emplace(process, *this);
}

Call::Call(Process& process, const os::SignalWindow& window, Unregistered /*later*/)
    : process_(process), waker_(io::lease_waker()), wait_mask_(window.mask()) {}

Call::~Call() {
  registration_.reset();  // from here on nobody wakes it
  if (!waker_) return;
  if (woken_) waker_->clear();
  io::return_waker(std::move(waker_));
}

void Call::wake() {
  woken_ = true;
  if (waker_) waker_->wake();
}

bool Call::woken_in_vain(const Stream* stream) {
  const std::lock_guard<std::mutex> lock(process_.mutex_);
  if (woken_.exchange(false)) {
    if (waker_) waker_->clear();
  } else if (waker_) {
    // Nobody has woken us: the host has closed the waker's descriptor, and the number may be its own by now.
    waker_->forget();
    waker_.reset();
  }
  return !process_.closed_ && (stream == nullptr || !stream->close_wanted);
}

io::Interrupts Call::interrupts() const {
  io::Interrupts interrupts;
  if (waker_) interrupts.closer_fd = waker_->fd();
  interrupts.closed = &woken_;
  if (process_.options_.cancel && !ignores_cancel_) interrupts.cancel_fd = process_.options_.cancel->fd();
  interrupts.wait_mask = wait_mask_;
  interrupts.return_on_signal = process_.options_.return_on_signal;
  return interrupts;
}

Result<StreamClaim> StreamClaim::claim(Process& process, int index, Sleeper* sleeper) {
  const std::lock_guard<std::mutex> lock(process.mutex_);
  SP_TRY(process.check_stream(index));
  Stream& stream = process.streams_[static_cast<size_t>(index)];
  if (stream.claimed) return make_error(Code::busy, Step::io, "another thread is using this stream");
  if (sleeper != nullptr) process.add_sleeper(*sleeper);
  stream.claimed = true;
  return StreamClaim(process, stream, sleeper);
}

StreamClaim::~StreamClaim() {
  if (process_ == nullptr) return;
  const std::lock_guard<std::mutex> lock(process_->mutex_);
  stream_->claimed = false;
  if (sleeper_ != nullptr) process_->remove_sleeper(*sleeper_);
  if (stream_->close_wanted) stream_->fd.reset();
}

Error wake_error(io::Wake wake, Step step) {
  switch (wake) {
    case io::Wake::timed_out:
      return make_error(Code::timed_out, step, "the time limit passed");
    case io::Wake::canceled:
      return make_error(Code::canceled, step, "the call was cancelled");
    case io::Wake::closed:
      return make_error(Code::closed, step, "the process or stream was closed during the call");
    case io::Wake::interrupted:
      return make_error(Code::interrupted, step, "a signal interrupted the call");
    default:
      return make_error(Code::system, step, "the system cannot wait for descriptors");
  }
}

}  // namespace sp::core
