// SPDX-License-Identifier: MIT
//
// How a child that has run into a limit is ended, and what it leaves taken.
#include <algorithm>
#include <csignal>

#include "core/exchange.h"

namespace sp::core {
namespace {

constexpr int64_t kKillPatienceMs = 5000;  // for a child that cannot even be killed, such as one stuck in the kernel
constexpr int64_t kInstantDrainMs = 1;

}  // namespace

void Exchange::signal(int number, bool whole_group) {
  for (const auto& child : process_.children_)
    if (whole_group && child->leads_group())
      child->signal_group(number);
    else
      child->signal(number);
}

void Exchange::terminate(int64_t grace_ms, bool whole_group) {
  if (grace_ms == 0) return;
  signal(SIGTERM, whole_group);
  signal(SIGCONT, whole_group);
  io::PumpJob job;
  add_pipes(job);
  job.outlet.fd = -1;
  job.drain_ms = kInstantDrainMs;
  job.deadline = Deadline::after(grace_ms);
  io::pump_by_poll(job);
}

SharedOutcome Exchange::cut_short(int64_t grace_ms, bool whole_group) {
  const Unclaim unclaim{claims_};
  static_cast<void>(claim(false));
  static_cast<void>(take_read_ahead());
  const Deadline grace = Deadline::after(grace_ms);
  io::PumpJob job;
  add_pipes(job);
  // Judged before anything is killed: a grandchild that holds the pipes may be in the group.
  pipes_held_ = job.is_reading() && process_.all_ended();
  terminate(grace_ms, whole_group);
  if (grace_ms != 0) static_cast<void>(process_.wait_for_end(nullptr, grace));
  signal(SIGKILL, whole_group);
  static_cast<void>(process_.wait_for_end(nullptr, Deadline::after(kKillPatienceMs)));
  job = io::PumpJob();
  add_pipes(job);
  io::pump_rest(job, this);
  pipes_held_ = pipes_held_ || (job.is_reading() && process_.all_ended());
  release_pipes();
  auto outcome = conclude(false);
  return outcome ? *outcome : nullptr;
}

Result<SharedOutcome> Exchange::finish(int64_t grace_ms, bool whole_group) {
  return alone([&]() -> Result<SharedOutcome> {
    if (outcome_) return outcome_;
    SharedOutcome rest = cut_short(grace_ms, whole_group);
    if (!rest) return out_of_memory();
    if (!process_.all_ended()) return make_error(Code::timed_out, Step::wait, "the child outlives SIGKILL");
    outcome_ = std::move(rest);
    return outcome_;
  });
}

SharedOutcome Process::cut_short(int64_t grace_ms, bool whole_group) {
  return exchange_->cut_short(grace_ms, whole_group);
}

Result<SharedOutcome> Process::finish(int64_t grace_ms, bool whole_group) {
  SP_TRY(usable());
  const bool leads =
      std::any_of(children_.begin(), children_.end(), [](const auto& child) { return child->leads_group(); });
  if (whole_group && !leads) return invalid("whole_group needs a process started with SP_NEW_GROUP or SP_NEW_SESSION");
  return exchange_->finish(grace_ms, whole_group);
}

}  // namespace sp::core
