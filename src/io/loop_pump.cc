// SPDX-License-Identifier: MIT
#include <poll.h>
#include <uv.h>

#include <cerrno>
#include <new>

#include "io/loop.h"
#include "io/pump_state.h"
#include "os/descriptor.h"
#include "os/poll.h"

namespace sp::io {
namespace {

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

  int start(Loop& loop, int fd, int events, void* data, uv_poll_cb callback) {
    if (!loop.has_room_for(fd)) return ENOMEM;
    handle_ = new (std::nothrow) uv_poll_t;
    if (handle_ == nullptr) return ENOMEM;
    if (const int error = uv_poll_init(loop.get(), handle_, fd)) {
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

class LoopPump final : public PumpState {
 public:
  LoopPump(Loop& loop, PumpJob& job) : PumpState(job), loop_(loop), exit_watches_(job.exit_fds.size()) {}
  ~LoopPump() override;
  // 0 or an errno; nothing has been moved then.
  int start();

 private:
  void turn(bool expired) override;
  void finish_inlet(int index) override;
  void finish_outlet() override;
  void exits_seen() override { arm_timer(); }
  int start_pipes();
  int start_exits();
  int start_timer();
  void one_exit();
  void arm_timer();

  Loop& loop_;
  Watch inlet_watches_[kOutputs];
  Watch outlet_watch_;
  Watch cancel_watch_;
  std::vector<Watch> exit_watches_;
  size_t exits_to_come_ = 0;
  uv_timer_t* timer_ = nullptr;
};

LoopPump::~LoopPump() {
  close_handle(timer_);
  for (Watch& watch : inlet_watches_) watch.stop();
  outlet_watch_.stop();
  // uv_poll_init made them non-blocking; whoever uses them next expects plain pipes.
  for (const Inlet& inlet : job().inlets)
    if (inlet.fd >= 0) os::set_blocking(inlet.fd, true);
  if (job().outlet.fd >= 0) os::set_blocking(job().outlet.fd, true);
}

void LoopPump::finish_inlet(int index) {
  inlet_watches_[index].stop();
  PumpState::finish_inlet(index);
}

void LoopPump::finish_outlet() {
  outlet_watch_.stop();
  PumpState::finish_outlet();
}

// libuv counts whole milliseconds from a cached time: one more makes sure that the limit has passed when it fires.
void LoopPump::arm_timer() {
  const Deadline limit = next_limit();
  if (timer_ == nullptr || limit.is_never()) return;
  constexpr int64_t kMillisecond = 1'000'000;
  const auto wait_ms = static_cast<uint64_t>(limit.remaining_ns() / kMillisecond) + 1;
  uv_update_time(loop_.get());
  uv_timer_start(
      timer_, [](uv_timer_t* timer) { static_cast<LoopPump*>(timer->data)->arm_timer(); }, wait_ms, 0);
}

int LoopPump::start_pipes() {
  static constexpr uv_poll_cb kRead[kOutputs] = {
      [](uv_poll_t* poll, int, int) { static_cast<LoopPump*>(poll->data)->read(0); },
      [](uv_poll_t* poll, int, int) { static_cast<LoopPump*>(poll->data)->read(1); }};
  for (int index = 0; index < kOutputs; ++index) {
    const int fd = job().inlets[index].fd;
    if (fd < 0) continue;
    if (const int error = inlet_watches_[index].start(loop_, fd, UV_READABLE, this, kRead[index])) return error;
  }
  if (job().outlet.fd < 0) return 0;
  // An error event (nobody reads) comes as a status; writing then finds out what it is.
  return outlet_watch_.start(loop_, job().outlet.fd, UV_WRITABLE, this,
                             [](uv_poll_t* poll, int, int) { static_cast<LoopPump*>(poll->data)->write(); });
}

int LoopPump::start_exits() {
  if (!awaits_exits()) return 0;
  for (size_t i = 0; i < job().exit_fds.size(); ++i) {
    if (job().exit_fds[i] < 0) continue;
    const int error =
        exit_watches_[i].start(loop_, job().exit_fds[i], UV_READABLE, this, [](uv_poll_t* poll, int, int) {
          uv_poll_stop(poll);
          static_cast<LoopPump*>(poll->data)->one_exit();
        });
    if (error != 0) return error;
    ++exits_to_come_;
  }
  return 0;
}

void LoopPump::one_exit() {
  --exits_to_come_;
  check_exits(exits_to_come_ == 0);
  arm_timer();
}

int LoopPump::start_timer() {
  if (job().deadline.is_never() && !awaits_exits()) return 0;
  timer_ = new (std::nothrow) uv_timer_t;
  if (timer_ == nullptr) return ENOMEM;
  uv_timer_init(loop_.get(), timer_);
  timer_->data = this;
  arm_timer();
  return 0;
}

int LoopPump::start() {
  if (const int error = start_pipes()) return error;
  if (const int error = start_exits()) return error;
  const int cancel_fd = job().interrupts.cancel_fd;
  if (cancel_fd >= 0) {
    const int error = cancel_watch_.start(loop_, cancel_fd, UV_READABLE, this, [](uv_poll_t* poll, int, int) {
      static_cast<LoopPump*>(poll->data)->end(PumpEnd::canceled);
    });
    if (error != 0) return error;
  }
  return start_timer();
}

// libuv goes on after EINTR, so that the wait for a signal has to be our own.
void LoopPump::turn(bool expired) {
  const bool own_wait = job().interrupts.return_on_signal;
  uv_run(loop_.get(), own_wait || expired ? UV_RUN_NOWAIT : UV_RUN_ONCE);
  if (!own_wait || expired || ended() || job().done()) return;
  pollfd entry = {uv_backend_fd(loop_.get()), POLLIN, 0};
  const int limit = uv_backend_timeout(loop_.get());
  const int ready = os::poll_until(&entry, 1, Deadline::after(limit), job().interrupts.wait_mask);
  if (ready == -EINTR) end(PumpEnd::interrupted);
  if (ready < 0) end(PumpEnd::failed, -ready);
}

}  // namespace

PumpResult pump_on_loop(Loop& loop, PumpJob& job) {
  int error = 0;
  {
    LoopPump pump(loop, job);
    error = pump.start();
    if (error == 0) return pump.run();
  }
  return pump_by_poll(job);
}

}  // namespace sp::io
