// SPDX-License-Identifier: MIT
#include "core/process.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/exchange.h"

namespace sp::core {
namespace {

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

Process::Process(Children children, std::array<UniqueFd, kStreamCount> host_ends, Options options, const char* name)
    : children_(std::move(children)), options_(std::move(options)), name_(name) {
  for (size_t i = 0; i < streams_.size(); ++i) {
    streams_[i].is_pipe = static_cast<bool>(host_ends[i]);
    streams_[i].fd = std::move(host_ends[i]);
  }
  exchange_ = std::make_unique<Exchange>(*this);
}

Process::~Process() {
  if (options_.kill_on_free && epoch_ == os::fork_epoch()) kill_remaining();
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
  for (Sleeper* sleeper : sleepers_) sleeper->wake();
}

void Process::remove_sleeper(Sleeper& sleeper) {
  sleepers_.erase(std::find(sleepers_.begin(), sleepers_.end(), &sleeper));
}

void Process::close() {
  if (epoch_ != os::fork_epoch()) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  for (Stream& stream : streams_) {
    stream.close_wanted = true;
    if (!stream.claimed) stream.fd.reset();
  }
  wake_sleepers();
}

bool Process::all_ended() {
  bool ended = true;
  for (const auto& child : children_) ended = child->poll() != ChildState::running && ended;
  return ended;
}

// A pipeline's code is its last stage's; with pipefail that of the last one that failed.
Ending Process::ending() {
  Ending ending;
  ending.has_usage = true;
  const Child* decides = children_.back().get();
  for (const auto& child : children_) {
    const ChildState state = child->state();
    const bool exited = state == ChildState::exited;
    ending.lost = ending.lost || state == ChildState::lost;
    ending.stage_returncodes.push_back(exited ? child->status().returncode : kNoReturncode);
    ending.wall_us = std::max(ending.wall_us, state == ChildState::running ? 0 : child->wall_us());
    ending.has_usage = ending.has_usage && exited && child->status().has_usage;
    if (!exited) continue;
    add_usage(ending, child->status().usage);
    if (options_.pipefail && child->status().returncode != 0) decides = child.get();
  }
  const bool known = std::all_of(children_.begin(), children_.end(),
                                 [](const auto& child) { return child->state() != ChildState::running; });
  for (size_t i = 0; i < children_.size(); ++i) {
    if (children_[i].get() != decides || !known) continue;
    ending.returncode = ending.stage_returncodes[i];
    ending.core_dumped = ending.returncode != kNoReturncode && decides->status().core_dumped;
  }
  return ending;
}

// Waits for one child after the other; a wake-up that was for somebody else is no reason to stop.
Status Process::wait_for_end(Call* call, const io::Interrupts& interrupts, Deadline deadline) {
  int64_t check_ms = kFirstCheckMs;
  for (const auto& child : children_) {
    while (child->state() == ChildState::running) {
      const bool blind = child->exit_fd() < 0;
      const Deadline check = blind ? Deadline::earlier(deadline, Deadline::after(check_ms)) : deadline;
      const io::Wake wake = io::await(child->exit_fd(), POLLIN, interrupts, check);
      if (child->poll() != ChildState::running) break;
      if (wake == io::Wake::closed && call != nullptr && call->woken_in_vain(nullptr)) continue;
      const bool only_checked = wake == io::Wake::timed_out && !deadline.expired();
      if (wake != io::Wake::ready && !only_checked) return wake_error(wake, Step::wait);
      if (blind) check_ms = later_check(check_ms);
      // Ended, but a debugger has to be told first: nothing to wait for announces that.
      if (wake == io::Wake::ready && deadline.expired()) return wake_error(io::Wake::timed_out, Step::wait);
      if (wake == io::Wake::ready) io::await(-1, 0, interrupts, Deadline::after(kFirstCheckMs));
    }
  }
  return success();
}

Result<int64_t> Process::wait(Deadline deadline) {
  SP_TRY(usable());
  Call call(*this);
  SP_TRY(wait_for_end(&call, call.interrupts(), deadline));
  const Ending end = ending();
  if (end.lost) return lost_error();
  return end.returncode;
}

Result<bool> Process::poll(int64_t& returncode) {
  SP_TRY(usable());
  if (!all_ended()) return false;
  const Ending end = ending();
  if (end.lost) return lost_error();
  returncode = end.returncode;
  return true;
}

Status Process::signal_children(int number, const char* verb) {
  for (const auto& child : children_)
    if (const int error = child->signal(number))
      return system_error(Step::signal, error, "", "cannot %s process %d", verb, static_cast<int>(child->pid()));
  return success();
}

Status Process::send_signal(int number) {
  SP_TRY(usable());
  return signal_children(number, "signal");
}

Status Process::kill_group(int number) {
  SP_TRY(usable());
  bool leads = false;
  for (const auto& child : children_) {
    if (!child->leads_group()) continue;
    leads = true;
    const int error = child->signal_group(number);
    if (error == ENOSYS)
      return make_error(Code::unsupported, Step::signal,
                        "the group's leader is gone and this kernel cannot name the group safely");
    if (error != 0)
      return system_error(Step::signal, error, "", "cannot signal process group %d", static_cast<int>(child->pid()));
  }
  if (!leads) return invalid("process leads no group: start it with SP_NEW_GROUP or SP_NEW_SESSION");
  return success();
}

Status Process::check(const Outcome& outcome) const {
  const int64_t returncode = outcome.ending.returncode;
  if (outcome.ending.lost) return lost_error();
  if (!options_.check || returncode == 0) return success();
  Error error = make_error(Code::failed, Step::wait, "command '%.150s' %s %lld", name_.c_str(),
                           returncode < 0 ? "was ended by signal" : "returned",
                           static_cast<long long>(returncode < 0 ? -returncode : returncode));
  error.set_path(name_.c_str());
  return error;
}

Result<int64_t> Process::stop(int64_t grace_ms) {
  SP_TRY(usable());
  if (grace_ms != 0) {
    SP_TRY(signal_children(SIGTERM, "terminate"));
    SP_TRY(signal_children(SIGCONT, "continue"));
    auto ended = wait(Deadline::after(grace_ms));
    if (ended || ended.error().code != Code::timed_out) return ended;
  }
  SP_TRY(signal_children(SIGKILL, "kill"));
  return wait(Deadline::never());
}

}  // namespace sp::core
