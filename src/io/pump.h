// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/deadline.h"
#include "io/capture.h"
#include "io/wake.h"

namespace sp::io {

class Loop;

inline constexpr int kOutputs = 2;

// A pipe to read from; -1 once it has ended.
struct Inlet {
  int fd = -1;
  Capture* capture = nullptr;
};

// A pipe to write to; -1 once all is written or nobody reads.
struct Outlet {
  int fd = -1;
  const char* data = nullptr;
  size_t size = 0;
};

// What the owner of the pipes and children contributes.
class PumpOwner : public OutputObserver {
 public:
  // The pump is done with a pipe, which may be closed now.
  virtual void finished(int stream) = 0;
  // Whether all children have ended; asked when an exit descriptor becomes readable.
  virtual bool all_exited() = 0;
  // Whether the handle was closed meanwhile by another thread.
  virtual bool closing() = 0;

 protected:
  ~PumpOwner() = default;
};

// What to move, and until when.
struct PumpJob {
  PumpOwner* owner = nullptr;
  Inlet inlets[kOutputs];     // standard output and standard error
  Outlet outlet;              // standard input
  std::vector<int> exit_fds;  // needed with drain_ms; -1 where there is none
  int64_t drain_ms = 0;       // after the last exit read at most so long; 0: until end of file
  Deadline deadline = Deadline::never();
  Interrupts interrupts;  // on a loop closer_fd is not used: Loop::wake() does that

  [[nodiscard]] bool is_reading() const { return inlets[0].fd >= 0 || inlets[1].fd >= 0; }
  [[nodiscard]] bool done() const { return !is_reading() && outlet.fd < 0; }
};

enum class PumpEnd { finished, pipes_held, timed_out, canceled, closed, interrupted, stopped, out_of_memory, failed };

struct PumpResult {
  PumpEnd end = PumpEnd::finished;
  int sys_errno = 0;
};

// Both move bytes in all directions at once until everything has ended or something ends it. What has not ended by then
// is left in `job`, to go on with.

// On libuv: what many pipes and children want.
PumpResult pump_on_loop(Loop& loop, PumpJob& job);
// With poll(2): one pipe does not need more, and it goes on where there is no memory or descriptor left for a loop.
PumpResult pump_by_poll(PumpJob& job);

// Reads the one pipe that there is to its end, which nothing else can end.
PumpResult pump_to_end(PumpJob& job);

// Reads what is in the pipes at this moment, shown to `observer` if there is one.
void pump_rest(PumpJob& job, OutputObserver* observer);

}  // namespace sp::io
