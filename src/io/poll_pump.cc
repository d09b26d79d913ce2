// SPDX-License-Identifier: MIT
#include <poll.h>

#include <cerrno>
#include <iterator>

#include "io/pump_state.h"
#include "os/descriptor.h"
#include "os/poll.h"

namespace sp::io {
namespace {

constexpr int64_t kBlindTurnMs = 10;  // what has no descriptor here is asked for

class PollPump final : public PumpState {
 public:
  using PumpState::PumpState;

 private:
  void turn(bool expired) override;
  static int exit_fd(const PumpJob& job) { return job.exit_fds.size() == 1 ? job.exit_fds.front() : -1; }
};

void PollPump::turn(bool expired) {
  const Interrupts& interrupts = job().interrupts;
  const int exit = awaits_exits() && !asks_for_exits() ? exit_fd(job()) : -1;
  const bool blind = (awaits_exits() && exit < 0) || interrupts.closer_fd < 0;
  pollfd entries[] = {{job().inlets[0].fd, POLLIN, 0},   {job().inlets[1].fd, POLLIN, 0},
                      {job().outlet.fd, POLLOUT, 0},     {interrupts.closer_fd, POLLIN, 0},
                      {interrupts.cancel_fd, POLLIN, 0}, {exit, POLLIN, 0}};
  Deadline until = expired ? Deadline::after(0) : next_limit();
  if (blind) until = Deadline::earlier(until, Deadline::after(kBlindTurnMs));
  const int ready = os::poll_until(entries, std::size(entries), until, interrupts.wait_mask);
  if (ready == -EINTR && interrupts.return_on_signal) return end(PumpEnd::interrupted);
  if (ready < 0 && ready != -EINTR) return end(PumpEnd::failed, -ready);
  if (awaits_exits() && (exit < 0 || entries[5].revents != 0)) check_exits(exit >= 0);
  if (ready <= 0) return;
  if (entries[3].revents != 0) return end(PumpEnd::closed);
  if ((entries[4].revents & POLLIN) != 0) return end(PumpEnd::canceled);
  if (entries[4].revents != 0) return end(PumpEnd::failed, EBADF);
  for (int index = 0; index < kOutputs; ++index)
    if (entries[index].revents != 0) read(index);
  if (entries[2].revents != 0) write();
}

}  // namespace

PumpResult pump_by_poll(PumpJob& job) { return PollPump(job).run(); }

PumpResult pump_to_end(PumpJob& job) {
  const int index = job.inlets[0].fd >= 0 ? 0 : 1;
  Inlet& inlet = job.inlets[index];
  for (;;) {
    switch (inlet.capture->read_from(inlet.fd, job.owner)) {
      case ReadEnd::more:
        continue;
      case ReadEnd::would_block:  // the host has made it non-blocking
        await(inlet.fd, POLLIN, Interrupts(), Deadline::never());
        continue;
      case ReadEnd::end_of_file:
        inlet.fd = -1;
        job.owner->finished(index + 1);
        return {};
      case ReadEnd::stopped:
        return {PumpEnd::stopped, 0};
      case ReadEnd::out_of_memory:
        return {PumpEnd::out_of_memory, ENOMEM};
      case ReadEnd::failed:
        return {PumpEnd::failed, inlet.capture->sys_errno()};
    }
  }
}

void pump_rest(PumpJob& job, OutputObserver* observer) {
  constexpr int kMostReads = 64;  // a grandchild may write for ever
  for (int index = 0; index < kOutputs; ++index) {
    Inlet& inlet = job.inlets[index];
    if (inlet.fd < 0) continue;
    os::set_blocking(inlet.fd, false);
    ReadEnd end = ReadEnd::more;
    for (int i = 0; i < kMostReads && (end == ReadEnd::more || end == ReadEnd::stopped); ++i)
      end = inlet.capture->read_from(inlet.fd, observer);
    os::set_blocking(inlet.fd, true);
    if (end != ReadEnd::end_of_file) continue;
    inlet.fd = -1;
    job.owner->finished(index + 1);
  }
}

}  // namespace sp::io
