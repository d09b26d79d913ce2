// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>

#include "core/process.h"
#include "io/pump.h"

namespace sp::core {

// The state of communicate(): it survives a call that ended early, so that the next one can go on.
class Exchange final : public io::PumpOwner {
 public:
  explicit Exchange(Process& process);

  Result<SharedOutcome> run(const char* input, size_t size, Deadline deadline, SharedOutcome* partial);
  SharedOutcome cut_short(int64_t grace_ms, bool whole_group);
  // The same for a process that others may be using; the outcome stays.
  Result<SharedOutcome> finish(int64_t grace_ms, bool whole_group);

 private:
  using Claims = std::array<std::optional<StreamClaim>, kStreamCount>;
  // Gives the streams back when a call ends.
  struct Unclaim {
    Claims& claims;
    ~Unclaim();
  };

  bool output(int stream, const char* data, size_t size) override;
  void finished(int stream) override;
  bool all_exited() override { return process_.all_ended(); }
  bool closing() override;

  template <typename Body>
  Result<SharedOutcome> alone(Body body);
  Result<SharedOutcome> run_alone(const char* input, size_t size, Deadline deadline, SharedOutcome* partial);
  Status claim(bool has_input);
  Status accept_input(const char* input, size_t size, io::PumpJob& job);
  Status take_read_ahead();
  void add_pipes(io::PumpJob& job);
  void keep_unsent(const io::Outlet& outlet);
  Status move(io::PumpJob& job, const os::SignalWindow& window);
  Status move_on_loop(io::PumpJob& job, const os::SignalWindow& window);
  Status move_by_poll(io::PumpJob& job, const os::SignalWindow& window);
  Status end_of(const io::PumpResult& result, io::PumpJob& job);
  [[nodiscard]] bool is_unlimited(Deadline deadline) const;
  Status wait(Deadline deadline, const os::SignalWindow& window);
  Result<SharedOutcome> conclude(bool copy);
  Status finish_stream(size_t index, bool copy, CapturedStream& into);
  void terminate(int64_t grace_ms, bool whole_group);
  void signal(int number, bool whole_group);
  void release_pipes();

  Process& process_;
  Claims claims_;  // during a call
  std::array<io::Capture, 2> captures_;
  Bytes unsent_;
  size_t sent_ = 0;
  size_t input_size_ = 0;
  std::atomic<bool> active_{false};
  bool started_ = false;
  bool pipes_held_ = false;
  bool stopped_ = false;  // on_output wants to see no more
  SharedOutcome outcome_;
};

template <typename Body>
Result<SharedOutcome> Exchange::alone(Body body) {
  if (active_.exchange(true))
    return make_error(Code::busy, Step::io, "another thread is in sp_communicate with this process");
  struct Leave {
    std::atomic<bool>& active;
    ~Leave() { active = false; }
  } const leave{active_};
  return body();
}

}  // namespace sp::core
