// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "os/exit.h"

namespace sp::core {

inline constexpr int64_t kNoReturncode = INT64_MIN;  // SP_NO_RETURNCODE

struct CapturedStream {
  Bytes bytes;
  bool captured = false;
  uint64_t dropped = 0;
};

// What one child, or a whole pipeline, returned.
struct Returned {
  int64_t code = kNoReturncode;
  bool lost = false;  // somebody else has taken it
  size_t stage = 0;   // the one that decided
};

// How it ended.
struct Ending {
  Returned returned;
  bool core_dumped = false;
  bool has_usage = false;
  os::Usage usage;
  int64_t wall_us = 0;
  std::vector<int64_t> stage_returncodes;
};

// What sp_result shows: never changed once made.
struct Outcome {
  std::array<CapturedStream, 2> outputs;  // standard output, standard error
  bool pipes_held = false;
  Ending ending;
};

using SharedOutcome = std::shared_ptr<const Outcome>;

}  // namespace sp::core
