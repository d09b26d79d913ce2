// SPDX-License-Identifier: MIT
#include "io/pump.h"

#include <poll.h>
#include <uv.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "io/loop.h"
#include "os/descriptor.h"
#include "os/poll.h"

namespace sp::io {
namespace {

constexpr int kInput = 0;
constexpr uint64_t kExitCheckMs = 10;  // for children without an exit descriptor

// libuv's handles must outlive uv_close() by one turn of the loop, which may come only with the next lease.
template <typename Handle>
void close_handle(Handle*& handle) {
  if (handle == nullptr) return;
  uv_close(reinterpret_cast<uv_handle_t*>(handle),
           [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  handle = nullptr;
}

// Polls one descriptor that stays its owner's: libuv's own pipes would close it.
class Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { stop(); }

  template <typename Callback>
  int start(uv_loop_t* loop, int fd, int events, void* data, Callback callback) {
    handle_ = new (std::nothrow) uv_poll_t;
    if (handle_ == nullptr) return ENOMEM;
    if (const int error = uv_poll_init(loop, handle_, fd)) {
      delete std::exchange(handle_, nullptr);
      return -error;
    }
    handle_->data = data;
    return -uv_poll_start(handle_, events, callback);
  }
  void stop() { close_handle(handle_); }

 private:
  uv_poll_t* handle_ = nullptr;
};

class Pump {
 public:
  Pump(Loop& loop, PumpJob& job)
      : loop_(loop),
        job_(job),
        exit_watches_(job.exit_fds.size()),
        polls_exits_(job.drain_ms > 0 &&
                     std::find(job.exit_fds.begin(), job.exit_fds.end(), -1) != job.exit_fds.end()) {}
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;
  PumpResult run();

 private:
  int start();
  int start_pipes();
  int start_exits();
  int start_timers();
  void wait(bool expired);
  void end(PumpEnd end, int sys_errno = 0);
  void read(int index);
  void write();
  void finish_inlet(int index);
  void finish_outlet();
  void check_exits();
  void rearm_deadline();

  Loop& loop_;
  PumpJob& job_;
  Watch inlet_watches_[kOutputs];
  Watch outlet_watch_;
  Watch cancel_watch_;
  std::vector<Watch> exit_watches_;
  uv_timer_t* timer_ = nullptr;
  Deadline drain_ = Deadline::never();
  const bool polls_exits_;  // some child has no exit descriptor
  bool exits_seen_ = false;
  bool ended_ = false;
  PumpResult result_;
};

Pump::~Pump() {
  close_handle(timer_);
  for (Watch& watch : inlet_watches_) watch.stop();
  outlet_watch_.stop();
  // uv_poll_init made them non-blocking; whoever uses them next expects plain pipes.
  for (const Inlet& inlet : job_.inlets)
    if (inlet.fd >= 0) os::set_blocking(inlet.fd, true);
  if (job_.outlet.fd >= 0) os::set_blocking(job_.outlet.fd, true);
}

void Pump::end(PumpEnd end, int sys_errno) {
  if (ended_) return;
  ended_ = true;
  result_ = {end, sys_errno};
}

void Pump::finish_inlet(int index) {
  inlet_watches_[index].stop();
  job_.inlets[index].fd = -1;
  job_.owner->finished(index + 1);
}

void Pump::finish_outlet() {
  outlet_watch_.stop();
  job_.outlet.fd = -1;
  job_.owner->finished(kInput);
}

void Pump::read(int index) {
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

void Pump::write() {
  Outlet& outlet = job_.outlet;
  while (outlet.size > 0) {
    const ssize_t written = os::write_some(outlet.fd, outlet.data, outlet.size);
    if (written == -EAGAIN) return;
    if (written == -EINTR) continue;
    if (written < 0) {
      // A child that does not read its input is no failure (Python's communicate() says so too).
      if (written != -EPIPE) end(PumpEnd::failed, static_cast<int>(-written));
      break;
    }
    outlet.data += written;
    outlet.size -= static_cast<size_t>(written);
  }
  if (!ended_) finish_outlet();
}

void Pump::check_exits() {
  if (exits_seen_ || !job_.owner->all_exited()) return;
  exits_seen_ = true;
  drain_ = Deadline::after(job_.drain_ms);
  rearm_deadline();
}

// libuv's timers count whole milliseconds from a cached time, so that they may come early: run() looks at the clock.
void Pump::rearm_deadline() {
  if (timer_ == nullptr) return;
  uv_update_time(loop_.get());
  const Deadline next = Deadline::earlier(job_.deadline, drain_);
  constexpr int64_t kMillisecond = 1'000'000;
  uint64_t wait_ms = UINT64_MAX;
  if (!next.is_never()) wait_ms = static_cast<uint64_t>(next.remaining_ns() / kMillisecond) + 1;
  if (polls_exits_ && !exits_seen_) wait_ms = std::min(wait_ms, kExitCheckMs);
  if (wait_ms == UINT64_MAX) return;
  uv_timer_start(
      timer_, [](uv_timer_t* timer) { static_cast<Pump*>(timer->data)->rearm_deadline(); }, wait_ms, 0);
}

int Pump::start_pipes() {
  static constexpr uv_poll_cb kRead[kOutputs] = {
      [](uv_poll_t* poll, int, int) { static_cast<Pump*>(poll->data)->read(0); },
      [](uv_poll_t* poll, int, int) { static_cast<Pump*>(poll->data)->read(1); }};
  for (int index = 0; index < kOutputs; ++index) {
    const int fd = job_.inlets[index].fd;
    if (fd < 0) continue;
    if (const int error = inlet_watches_[index].start(loop_.get(), fd, UV_READABLE, this, kRead[index])) return error;
  }
  if (job_.outlet.fd < 0) return 0;
  // An error event (nobody reads) comes as a status; writing then finds out what it is.
  return outlet_watch_.start(loop_.get(), job_.outlet.fd, UV_WRITABLE, this,
                             [](uv_poll_t* poll, int, int) { static_cast<Pump*>(poll->data)->write(); });
}

int Pump::start_exits() {
  if (job_.drain_ms == 0) return 0;
  for (size_t i = 0; i < job_.exit_fds.size(); ++i) {
    if (job_.exit_fds[i] < 0) continue;
    const int error =
        exit_watches_[i].start(loop_.get(), job_.exit_fds[i], UV_READABLE, this, [](uv_poll_t* poll, int, int) {
          uv_poll_stop(poll);
          static_cast<Pump*>(poll->data)->check_exits();
        });
    if (error != 0) return error;
  }
  return 0;
}

int Pump::start_timers() {
  if (job_.deadline.is_never() && job_.drain_ms == 0) return 0;
  timer_ = new (std::nothrow) uv_timer_t;
  if (timer_ == nullptr) return ENOMEM;
  uv_timer_init(loop_.get(), timer_);
  timer_->data = this;
  rearm_deadline();
  return 0;
}

int Pump::start() {
  if (const int error = start_pipes()) return error;
  if (const int error = start_exits()) return error;
  if (job_.interrupts.cancel_fd >= 0) {
    const int error =
        cancel_watch_.start(loop_.get(), job_.interrupts.cancel_fd, UV_READABLE, this,
                            [](uv_poll_t* poll, int, int) { static_cast<Pump*>(poll->data)->end(PumpEnd::canceled); });
    if (error != 0) return error;
  }
  return start_timers();
}

// libuv goes on after EINTR, so that the wait for a signal has to be our own.
void Pump::wait(bool expired) {
  const bool own_wait = job_.interrupts.return_on_signal;
  uv_run(loop_.get(), own_wait || expired ? UV_RUN_NOWAIT : UV_RUN_ONCE);
  if (!own_wait || expired || ended_ || job_.done()) return;
  pollfd entry = {uv_backend_fd(loop_.get()), POLLIN, 0};
  const int limit = uv_backend_timeout(loop_.get());
  if (os::poll_until(&entry, 1, Deadline::after(limit)) == -EINTR) end(PumpEnd::interrupted);
}

// After a limit has passed, one more turn takes what is there: a limit of 0 is a way to ask for it.
PumpResult Pump::run() {
  if (const int error = start()) end(error == ENOMEM ? PumpEnd::out_of_memory : PumpEnd::failed, error);
  bool last_turn = false;
  while (!ended_ && !job_.done()) {
    if (job_.owner->closing()) end(PumpEnd::closed);
    if (polls_exits_) check_exits();
    const bool drained = drain_.expired();
    const bool expired = drained || job_.deadline.expired();
    if (expired && last_turn) end(drained ? PumpEnd::pipes_held : PumpEnd::timed_out);
    if (!ended_) wait(expired);
    last_turn = expired;
  }
  return result_;
}

PumpEnd end_of(Wake wake) {
  switch (wake) {
    case Wake::timed_out:
      return PumpEnd::timed_out;
    case Wake::canceled:
      return PumpEnd::canceled;
    case Wake::closed:
      return PumpEnd::closed;
    default:
      return PumpEnd::interrupted;
  }
}

}  // namespace

PumpResult pump(Loop& loop, PumpJob& job) { return Pump(loop, job).run(); }

PumpResult pump_one(PumpJob& job, bool limited) {
  const int index = job.inlets[0].fd >= 0 ? 0 : 1;
  Inlet& inlet = job.inlets[index];
  while (inlet.fd >= 0) {
    if (limited) {
      const Wake wake = await(inlet.fd, POLLIN, job.interrupts, job.deadline);
      if (wake != Wake::ready) return {end_of(wake), 0};
    }
    switch (inlet.capture->read_from(inlet.fd, job.owner)) {
      case ReadEnd::more:
      case ReadEnd::would_block:
        break;
      case ReadEnd::end_of_file:
        inlet.fd = -1;
        job.owner->finished(index + 1);
        break;
      case ReadEnd::stopped:
        return {PumpEnd::stopped, 0};
      case ReadEnd::out_of_memory:
        return {PumpEnd::out_of_memory, ENOMEM};
      case ReadEnd::failed:
        return {PumpEnd::failed, inlet.capture->sys_errno()};
    }
  }
  return {};
}

void pump_rest(PumpJob& job) {
  constexpr int kMostReads = 64;  // a grandchild may write for ever
  for (int index = 0; index < kOutputs; ++index) {
    Inlet& inlet = job.inlets[index];
    if (inlet.fd < 0) continue;
    os::set_blocking(inlet.fd, false);
    ReadEnd end = ReadEnd::more;
    for (int i = 0; i < kMostReads && end == ReadEnd::more; ++i) end = inlet.capture->read_from(inlet.fd, nullptr);
    os::set_blocking(inlet.fd, true);
    if (end != ReadEnd::end_of_file) continue;
    inlet.fd = -1;
    job.owner->finished(index + 1);
  }
}

}  // namespace sp::io
