// SPDX-License-Identifier: MIT
#include "core/exchange.h"

#include <algorithm>
#include <cerrno>

#include "io/loop.h"

namespace sp::core {
namespace {

constexpr int kInput = 0;

class LoopSleeper final : public Sleeper {
 public:
  explicit LoopSleeper(io::Loop& loop) : loop_(loop) {}
  void wake() override { loop_.wake(); }

 private:
  io::Loop& loop_;
};

Error stopped_error() { return make_error(Code::canceled, Step::io, "on_output asked to stop"); }

}  // namespace

Exchange::Exchange(Process& process) : process_(process), captures_{io::Capture(1), io::Capture(2)} {
  const Options& options = process.options_;
  for (io::Capture& capture : captures_) capture.configure(options.max_output, options.pipe_size == 0);
}

bool Exchange::output(int stream, const char* data, size_t size) {
  const Options& options = process_.options_;
  if (options.on_output == nullptr || stopped_) return true;
  stopped_ = options.on_output(options.on_output_argument, stream, data, size) != 0;
  return !stopped_;
}

void Exchange::finished(int stream) {
  const std::lock_guard<std::mutex> lock(process_.mutex_);
  process_.streams_[static_cast<size_t>(stream)].fd.reset();
}

bool Exchange::closing() {
  if (process_.closed_) return true;
  const std::lock_guard<std::mutex> lock(process_.mutex_);
  return std::any_of(claims_.begin(), claims_.end(),
                     [](const std::optional<StreamClaim>& claim) { return claim && (*claim)->close_wanted; });
}

// Takes every pipe that is still open; all or none.
Status Exchange::claim(bool has_input) {
  for (int index = 0; index < kStreamCount; ++index) {
    const bool wanted = index == kInput && has_input;
    if (!wanted && !process_.has_open_pipe(index)) continue;
    auto claim = StreamClaim::claim(process_, index);
    if (claim) {
      claims_[static_cast<size_t>(index)].emplace(std::move(*claim));
      continue;
    }
    const Code code = claim.error().code;
    if (code == Code::busy)
      return make_error(Code::busy, Step::io, "another thread is using the streams of this process");
    if (!wanted) continue;
    if (code == Code::closed) return claim.error();
    return invalid("input needs a child that was started with std_in = SP_PIPE");
  }
  return success();
}

// The first call's input counts. Repeating the call with it, or with none, goes on where that one ended.
Status Exchange::accept_input(const char* input, size_t size, io::PumpJob& job) {
  if (!started_) {
    input_size_ = size;
    started_ = true;
  } else if (input != nullptr && size != input_size_) {
    return invalid("input differs from that of the first call, which this one goes on with");
  }
  const bool kept = !unsent_.empty();
  if (sent_ < input_size_ && !kept && input == nullptr)
    return make_error(Code::no_memory, Step::call,
                      "the rest of input could not be kept: repeat the call with the same input");
  job.outlet.data = kept ? unsent_.data() : (input != nullptr ? input + sent_ : nullptr);
  job.outlet.size = input_size_ - sent_;
  return success();
}

Status Exchange::take_read_ahead() {
  for (size_t i = 0; i < captures_.size(); ++i) {
    if (!claims_[i + 1]) continue;
    io::LineBuffer& ahead = (**claims_[i + 1]).ahead;
    if (ahead.size() == 0) continue;
    if (!captures_[i].prepend(ahead.data(), ahead.size())) return out_of_memory();
    ahead = io::LineBuffer();
  }
  return success();
}

void Exchange::add_pipes(io::PumpJob& job) {
  job.owner = this;
  for (size_t i = 0; i < captures_.size(); ++i) {
    if (!claims_[i + 1]) continue;
    job.inlets[i].fd = (**claims_[i + 1]).fd.get();
    job.inlets[i].capture = &captures_[i];
  }
  if (claims_[kInput]) job.outlet.fd = (**claims_[kInput]).fd.get();
  for (const auto& child : process_.children_) job.exit_fds.push_back(child->exit_fd());
}

// What the child has not taken yet is kept, because the caller's memory may be gone by the next call. Without memory
// for it the next call has to bring the input again, which accept_input() says.
void Exchange::keep_unsent(const io::Outlet& outlet) {
  const bool all_sent = outlet.fd < 0 || outlet.size == 0;
  const size_t sent = all_sent ? input_size_ : input_size_ - outlet.size;
  const size_t newly_sent = sent - sent_;
  sent_ = sent;
  if (all_sent) {
    unsent_ = Bytes();
  } else if (!unsent_.empty()) {
    unsent_.erase_front(newly_sent);
  } else if (!process_.private_) {
    static_cast<void>(unsent_.append(outlet.data, outlet.size));
  }
}

Status Exchange::end_of(const io::PumpResult& result, io::PumpJob& job) {
  switch (result.end) {
    case io::PumpEnd::finished:
      return success();
    case io::PumpEnd::pipes_held:
      io::pump_rest(job, this);
      pipes_held_ = job.is_reading();
      return stopped_ ? stopped_error() : success();
    case io::PumpEnd::timed_out:
      return wake_error(io::Wake::timed_out, Step::io);
    case io::PumpEnd::canceled:
      return wake_error(io::Wake::canceled, Step::io);
    case io::PumpEnd::closed:
      return wake_error(io::Wake::closed, Step::io);
    case io::PumpEnd::interrupted:
      return wake_error(io::Wake::interrupted, Step::io);
    case io::PumpEnd::stopped:
      return stopped_error();
    case io::PumpEnd::out_of_memory:
      return out_of_memory();
    case io::PumpEnd::failed:
      break;
  }
  return system_error(Step::io, result.sys_errno, "", "cannot exchange data with the child");
}

Status Exchange::move_on_loop(io::PumpJob& job, const os::SignalWindow& window) {
  auto loop = io::LoopLease::acquire();
  if (!loop) return move_by_poll(job, window);
  job.interrupts.wait_mask = window.mask();
  LoopSleeper sleeper(**loop);
  const Registration registration(process_, sleeper);
  return end_of(io::pump_on_loop(**loop, job), job);
}

Status Exchange::move_by_poll(io::PumpJob& job, const os::SignalWindow& window) {
  Call call(process_, window);
  for (;;) {
    job.interrupts = call.interrupts();
    const io::PumpResult result = io::pump_by_poll(job);
    if (result.end == io::PumpEnd::closed && !closing() && call.woken_in_vain(nullptr)) continue;
    return end_of(result, job);
  }
}

// The three pipes of one child are fewer system calls by poll than on an event loop, and one pipe that nothing but its
// end can end needs no waiting at all.
Status Exchange::move(io::PumpJob& job, const os::SignalWindow& window) {
  if (job.outlet.fd >= 0 && job.outlet.size == 0) {
    job.outlet.fd = -1;
    finished(kInput);
  }
  if (job.done()) return success();
  if (process_.children_.size() > 1) return move_on_loop(job, window);
  const bool one_pipe = (job.inlets[0].fd < 0) != (job.inlets[1].fd < 0) && job.outlet.fd < 0 && job.drain_ms == 0;
  return one_pipe && is_unlimited(job.deadline) ? end_of(io::pump_to_end(job), job) : move_by_poll(job, window);
}

// Whether nothing but the child's end can end this call.
bool Exchange::is_unlimited(Deadline deadline) const {
  const Options& options = process_.options_;
  return process_.private_ && deadline.is_never() && !options.cancel && !options.return_on_signal;
}

Status Exchange::wait(Deadline deadline, const os::SignalWindow& window) {
  if (is_unlimited(deadline)) {
    process_.children_.front()->wait_alone();
    return success();
  }
  Call call(process_, window);
  return process_.wait_for_end(&call, deadline);
}

Status Exchange::finish_stream(size_t index, bool copy, CapturedStream& into) {
  Bytes& bytes = captures_[index].bytes();
  if (copy && !into.bytes.append(bytes.data(), bytes.size())) return out_of_memory();
  Bytes& content = copy ? into.bytes : bytes;
  if (process_.options_.universal_newlines) normalize_newlines(content);
  if (!content.finish()) return out_of_memory();
  if (!copy) into.bytes = std::move(bytes);
  into.captured = true;
  into.dropped = captures_[index].dropped();
  return success();
}

Result<SharedOutcome> Exchange::conclude(bool copy) {
  auto outcome = std::make_shared<Outcome>();
  outcome->ending = process_.ending();
  outcome->pipes_held = pipes_held_;
  for (size_t i = 0; i < captures_.size(); ++i)
    if (process_.streams_[i + 1].is_pipe) SP_TRY(finish_stream(i, copy, outcome->outputs[i]));
  return SharedOutcome(std::move(outcome));
}

Exchange::Unclaim::~Unclaim() {
  for (std::optional<StreamClaim>& claim : claims) claim.reset();
}

void Exchange::release_pipes() {
  for (size_t i = 0; i < claims_.size(); ++i)
    if (claims_[i]) finished(static_cast<int>(i));
}

Result<SharedOutcome> Exchange::run(const char* input, size_t size, Deadline deadline, SharedOutcome* partial) {
  return alone([&] { return run_alone(input, size, deadline, partial); });
}

Result<SharedOutcome> Exchange::run_alone(const char* input, size_t size, Deadline deadline, SharedOutcome* partial) {
  if (outcome_) {
    if (input != nullptr && size != input_size_) return invalid("input differs from that of the finished call");
    return outcome_;
  }
  const Unclaim unclaim{claims_};
  SP_TRY(claim(input != nullptr && !started_));
  io::PumpJob job;
  SP_TRY(accept_input(input, size, job));
  SP_TRY(take_read_ahead());
  add_pipes(job);
  const Options& options = process_.options_;
  job.drain_ms = options.drain_ms;
  job.deadline = deadline;
  if (options.cancel) job.interrupts.cancel_fd = options.cancel->fd();
  job.interrupts.return_on_signal = options.return_on_signal;

  pipes_held_ = false;
  stopped_ = false;
  const os::SignalWindow window(options.return_on_signal);
  Status moved = move(job, window);
  keep_unsent(job.outlet);
  if (moved) moved = wait(deadline, window);
  if (moved) {
    release_pipes();
    auto outcome = conclude(false);
    if (outcome) outcome_ = *outcome;
    return outcome;
  }
  const Code code = moved.error().code;
  if (partial != nullptr && (code == Code::timed_out || code == Code::canceled)) {
    pipes_held_ = job.is_reading() && process_.all_ended();
    auto outcome = conclude(true);
    if (!outcome) return outcome;
    *partial = *outcome;
  }
  return moved.error();
}

// -- Process ----------------------------------------------------------------------------------------------------------

Result<SharedOutcome> Process::communicate(const char* input, size_t size, Deadline deadline, SharedOutcome* partial) {
  SP_TRY(usable());
  return exchange_->run(input, size, deadline, partial);
}

}  // namespace sp::core
