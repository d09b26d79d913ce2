// SPDX-License-Identifier: MIT
#include "core/process.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/exchange.h"
#include "os/descriptor.h"

namespace sp::core {
namespace {

constexpr int kNameRoom = 150;
constexpr int64_t kKilledPatienceMs = 100;  // for sp_process_free()
constexpr int64_t kFirstCheckMs = 1;        // without an exit descriptor the end can only be asked for
constexpr int64_t kLastCheckMs = 50;

int64_t later_check(int64_t check_ms) { return std::min(check_ms * 2, kLastCheckMs); }

void add_usage(Ending& ending, const os::Usage& usage) {
  os::Usage& sum = ending.usage;
  sum.user_us += usage.user_us;
  sum.system_us += usage.system_us;
  sum.max_rss_bytes = std::max(sum.max_rss_bytes, usage.max_rss_bytes);
  sum.minor_faults += usage.minor_faults;
  sum.major_faults += usage.major_faults;
  sum.voluntary_switches += usage.voluntary_switches;
  sum.involuntary_switches += usage.involuntary_switches;
  sum.blocks_in += usage.blocks_in;
  sum.blocks_out += usage.blocks_out;
}

Error lost_error() {
  return make_error(Code::lost, Step::wait, "somebody else reaped the child and its status is gone");
}

}  // namespace

Process::Process(Children children, std::array<UniqueFd, kStreamCount> host_ends, Options options)
    : children_(std::move(children)), options_(std::move(options)) {
  for (size_t i = 0; i < streams_.size(); ++i) {
    streams_[i].is_pipe = static_cast<bool>(host_ends[i]);
    streams_[i].fd = std::move(host_ends[i]);
  }
  exchange_ = std::make_unique<Exchange>(*this);
}

Process::~Process() {
  if (epoch_ == os::fork_epoch()) {
    if (options_.kill_on_free) kill_remaining();
    return;
  }
  for (int index = 0; index < kStreamCount; ++index) give_up_copy(index);
}

void Process::kill_remaining() {
  for (const auto& child : children_) child->signal(SIGKILL);
  const Deadline patience = Deadline::after(kKilledPatienceMs);
  for (const auto& child : children_)
    while (child->poll() == ChildState::running && !patience.expired())
      io::await(child->exit_fd(), POLLIN, {}, child->exit_fd() >= 0 ? patience : Deadline::after(kFirstCheckMs));
}

Status Process::usable() const {
  if (epoch_ != os::fork_epoch()) return invalid("process was made before this process was forked");
  if (closed_) return make_error(Code::closed, Step::call, "the process was closed");
  return success();
}

void Process::wake_sleepers() {
  for (Sleeper* sleeper = sleepers_; sleeper != nullptr; sleeper = sleeper->next_) sleeper->wake();
}

void Process::add_sleeper(Sleeper& sleeper) {
  sleeper.next_ = sleepers_;
  sleepers_ = &sleeper;
}

void Process::remove_sleeper(Sleeper& sleeper) {
  Sleeper** link = &sleepers_;
  while (*link != &sleeper) link = &(*link)->next_;
  *link = sleeper.next_;
}

void Process::close() {
  if (epoch_ != os::fork_epoch()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  for (Stream& stream : streams_) stream.close_wanted = true;
  // First: a child that sees its input closed may end before its reader here is told why.
  wake_sleepers();
  for (Stream& stream : streams_)
    if (!stream.claimed) stream.fd.reset();
}

bool Process::all_ended() {
  bool ended = true;
  for (const auto& child : children_) ended = child->poll() != ChildState::running && ended;
  return ended;
}

// A pipeline's code is its last stage's; with pipefail that of the last one that failed.
Returned Process::returned() {
  Returned returned;
  returned.stage = children_.size() - 1;
  for (size_t stage = 0; stage < children_.size(); ++stage) {
    const ChildState state = children_[stage]->state();
    if (state == ChildState::running) return {};
    returned.lost = returned.lost || state == ChildState::lost;
    const bool failed = state == ChildState::exited && children_[stage]->status().returncode != 0;
    if (options_.pipefail && failed) returned.stage = stage;
  }
  Child& decides = *children_[returned.stage];
  if (decides.state() == ChildState::exited) returned.code = decides.status().returncode;
  return returned;
}

Ending Process::ending() {
  Ending ending;
  ending.returned = returned();
  ending.core_dumped = ending.returned.code < 0 && ending.returned.code != kNoReturncode &&
                       children_[ending.returned.stage]->status().core_dumped;
  ending.has_usage = true;
  for (const auto& child : children_) {
    const ChildState state = child->state();
    const bool exited = state == ChildState::exited;
    ending.stage_returncodes.push_back(exited ? child->status().returncode : kNoReturncode);
    ending.wall_us = std::max(ending.wall_us, state == ChildState::running ? 0 : child->wall_us());
    ending.has_usage = ending.has_usage && exited && child->status().has_usage;
    if (exited) add_usage(ending, child->status().usage);
  }
  return ending;
}

// A wake-up that was for somebody else is no reason to stop.
Status Process::wait_for_child(Child& child, Call* call, Deadline deadline) {
  const bool blind = child.exit_fd() < 0;
  int64_t check_ms = kFirstCheckMs;
  while (child.state() == ChildState::running) {
    const Deadline check = blind ? Deadline::earlier(deadline, Deadline::after(check_ms)) : deadline;
    const io::Interrupts interrupts = call != nullptr ? call->interrupts() : io::Interrupts();
    const io::Wake wake = io::await(child.exit_fd(), POLLIN, interrupts, check);
    if (wake == io::Wake::closed && !call->woken_in_vain(nullptr)) return wake_error(wake, Step::wait);
    if (child.poll() != ChildState::running) break;
    if (wake == io::Wake::closed) continue;
    const bool only_checked = wake == io::Wake::timed_out && !deadline.expired();
    if (wake != io::Wake::ready && !only_checked) return wake_error(wake, Step::wait);
    if (blind) check_ms = later_check(check_ms);
    if (wake != io::Wake::ready) continue;
    // Ended, but a debugger has to be told first: nothing to wait for announces that.
    if (deadline.expired()) return wake_error(io::Wake::timed_out, Step::wait);
    io::await(-1, 0, interrupts, Deadline::after(kFirstCheckMs));
  }
  return success();
}

Status Process::wait_for_end(Call* call, Deadline deadline) {
  for (const auto& child : children_) SP_TRY(wait_for_child(*child, call, deadline));
  return success();
}

Result<int64_t> Process::wait(Deadline deadline) {
  SP_TRY(usable());
  const os::SignalWindow window(options_.return_on_signal);
  Call call(*this, window);
  return wait(call, deadline);
}

Result<int64_t> Process::wait(Call& call, Deadline deadline) {
  SP_TRY(wait_for_end(&call, deadline));
  const Returned end = returned();
  if (end.lost) return lost_error();
  return end.code;
}

Result<bool> Process::poll(int64_t& returncode) {
  SP_TRY(usable());
  if (!all_ended()) return false;
  const Returned end = returned();
  if (end.lost) return lost_error();
  returncode = end.code;
  return true;
}

Status Process::signal_children(int number, const char* verb) {
  Status first = success();
  for (const auto& child : children_) {
    const int error = child->signal(number);
    if (error != 0 && first)
      first = system_error(Step::signal, error, "", "cannot %s process %d", verb, static_cast<int>(child->pid()));
  }
  return first;
}

Status Process::send_signal(int number) {
  SP_TRY(usable());
  return signal_children(number, "signal");
}

Status Process::kill_group(int number) {
  SP_TRY(usable());
  bool leads = false;
  Status first = success();
  for (const auto& child : children_) {
    if (!child->leads_group()) continue;
    leads = true;
    const int error = child->signal_group(number);
    if (error == 0 || !first) continue;
    if (error == ENOSYS)
      first = make_error(Code::unsupported, Step::signal,
                         "the group's leader is gone and this kernel cannot name the group safely");
    else
      first = system_error(Step::signal, error, "", "cannot signal process group %d", static_cast<int>(child->pid()));
  }
  if (!leads) return invalid("process leads no group: start it with SP_NEW_GROUP or SP_NEW_SESSION");
  return first;
}

Status Process::check(const Outcome& outcome) const {
  const Returned& returned = outcome.ending.returned;
  if (returned.lost) return lost_error();
  if (!options_.check || returned.code == 0) return success();
  const char* name = children_[returned.stage]->name().c_str();
  const bool signalled = returned.code < 0;
  Error error = make_error(Code::failed, Step::wait, "command '%.*s' %s %lld", clipped(name, kNameRoom), name,
                           signalled ? "was ended by signal" : "returned",
                           static_cast<long long>(signalled ? -returned.code : returned.code));
  error.set_path(name);
  error.stage = static_cast<int32_t>(returned.stage);
  return error;
}

// A cancel is the usual reason to stop a child, and its token is still triggered then.
Result<int64_t> Process::stop(int64_t grace_ms) {
  SP_TRY(usable());
  const os::SignalWindow window(options_.return_on_signal);
  Call call(*this, window);
  call.ignore_cancel();
  if (grace_ms != 0) {
    const Status sent = signal_children(SIGTERM, "terminate");
    static_cast<void>(signal_children(SIGCONT, "continue"));
    SP_TRY(sent);
    auto ended = wait(call, Deadline::after(grace_ms));
    if (ended || ended.error().code != Code::timed_out) return ended;
  }
  SP_TRY(signal_children(SIGKILL, "kill"));
  return wait(call, Deadline::never());
}

}  // namespace sp::core
