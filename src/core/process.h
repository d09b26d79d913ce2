// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "core/cancel.h"
#include "core/child.h"
#include "core/options.h"
#include "core/outcome.h"
#include "core/stdio.h"
#include "io/line_buffer.h"
#include "io/wake.h"
#include "os/signal_window.h"

namespace sp::core {

class Call;
class Exchange;

// The host's end of one pipe. Guarded by the process's mutex, but for what the thread that has claimed it does.
struct Stream {
  UniqueFd fd;
  bool is_pipe = false;
  bool claimed = false;
  bool close_wanted = false;  // by another thread: whoever has claimed it closes it
  io::LineBuffer ahead;
};

// A blocking call in progress: what closing has to wake.
class Sleeper {
 public:
  virtual void wake() = 0;

 protected:
  ~Sleeper() = default;

 private:
  friend class Process;
  Sleeper* next_ = nullptr;  // linked, so that blocking needs no memory
};

// A child, or the stages of a pipeline, with their streams.
class Process {
 public:
  using Children = std::vector<std::shared_ptr<Child>>;

  Process(Children children, std::array<UniqueFd, kStreamCount> host_ends, Options options);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  // SP_ECLOSED after close(); SP_EINVAL in a forked child.
  [[nodiscard]] Status usable() const;
  void close();

  Result<int64_t> wait(Deadline deadline);
  // SP_ELOST, or whether all have ended.
  Result<bool> poll(int64_t& returncode);
  Result<int64_t> stop(int64_t grace_ms);
  Status send_signal(int number);
  Status kill_group(int number);

  Result<size_t> read(int index, void* into, size_t size, Deadline deadline);
  Result<size_t> write(const void* from, size_t size, Deadline deadline);
  struct Line {
    const char* data;
    size_t size;
  };
  Result<Line> read_line(int index, Deadline deadline);
  Status close_stream(int index);
  [[nodiscard]] int stream_fd(int index) const;
  int release_stream(int index);

  // `partial` receives what there is when the limit or a cancel ends the call; may be null.
  Result<SharedOutcome> communicate(const char* input, size_t size, Deadline deadline, SharedOutcome* partial);
  // Ends what communicate() could not: terminates, kills, reaps, and takes what is in the pipes.
  SharedOutcome cut_short(int64_t grace_ms, bool whole_group);
  // The same for a process that is not the caller's alone.
  Result<SharedOutcome> finish(int64_t grace_ms, bool whole_group);
  // Kills what still runs and gives it a moment to go.
  void kill_remaining();
  // Nobody else knows this process: no other thread can close it.
  void set_private() { private_ = true; }
  // SP_ELOST if the status is, and SP_EFAILED if SP_CHECK asks for it.
  [[nodiscard]] Status check(const Outcome& outcome) const;

  [[nodiscard]] const Children& children() const { return children_; }
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  friend class Call;
  friend class Registration;
  friend class StreamClaim;
  friend class Exchange;

  bool all_ended();
  [[nodiscard]] Ending ending();
  [[nodiscard]] Returned returned();
  // Without a `call` only the deadline ends these.
  static Status wait_for_child(Child& child, Call* call, Deadline deadline);
  Status wait_for_end(Call* call, Deadline deadline);
  Result<int64_t> wait(Call& call, Deadline deadline);
  Status signal_children(int number, const char* verb);
  void wake_sleepers();
  void add_sleeper(Sleeper& sleeper);
  void remove_sleeper(Sleeper& sleeper);
  [[nodiscard]] bool is_closing_stream() const;
  Status check_stream(int index) const;
  void give_up_copy(int index);
  // The same without a sentence, which costs more than the question.
  bool has_open_pipe(int index) const;

  mutable std::mutex mutex_;
  Children children_;
  std::array<Stream, kStreamCount> streams_;
  Sleeper* sleepers_ = nullptr;
  std::unique_ptr<Exchange> exchange_;
  Options options_;  // of which the pointers into the caller's memory are not used any more
  std::atomic<bool> closed_{false};
  bool private_ = false;
  uint64_t epoch_ = os::fork_epoch();
};

// Makes a sleeper known to its process for as long as it lives; wakes it at once if the process or one of the streams
// that somebody is using has been closed: that may be one which its owner has claimed before.
class Registration {
 public:
  Registration(Process& process, Sleeper& sleeper);
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration();

 private:
  Process& process_;
  Sleeper& sleeper_;
};

// A blocking call that waits with poll.
class Call final : public Sleeper {
 public:
  Call(Process& process, const os::SignalWindow& window);
  // For a StreamClaim, which makes it known together with the claim.
  struct Unregistered {};
  Call(Process& process, const os::SignalWindow& window, Unregistered later);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();
  void wake() override;
  // Whether the wake-up was meant for somebody else; the next one will be seen again.
  bool woken_in_vain(const Stream* stream);
  // For what has a limit of its own.
  void ignore_cancel() { ignores_cancel_ = true; }
  [[nodiscard]] io::Interrupts interrupts() const;

 private:
  Process& process_;
  std::unique_ptr<os::Waker> waker_;
  std::atomic<bool> woken_{false};
  const sigset_t* wait_mask_;
  bool ignores_cancel_ = false;
  std::optional<Registration> registration_;
};

// Sole use of one stream, or SP_EBUSY.
class StreamClaim {
 public:
  // With `sleeper`, closing the stream or the process wakes that.
  static Result<StreamClaim> claim(Process& process, int index, Sleeper* sleeper = nullptr);
  StreamClaim(StreamClaim&& other) noexcept
      : process_(std::exchange(other.process_, nullptr)), stream_(other.stream_), sleeper_(other.sleeper_) {}
  StreamClaim& operator=(StreamClaim&&) = delete;
  StreamClaim(const StreamClaim&) = delete;
  StreamClaim& operator=(const StreamClaim&) = delete;
  ~StreamClaim();
  Stream& operator*() const { return *stream_; }
  Stream* operator->() const { return stream_; }

 private:
  StreamClaim(Process& process, Stream& stream, Sleeper* sleeper)
      : process_(&process), stream_(&stream), sleeper_(sleeper) {}
  Process* process_;
  Stream* stream_;
  Sleeper* sleeper_;
};

// What a call that was woken too early reports.
Error wake_error(io::Wake wake, Step step);

}  // namespace sp::core
