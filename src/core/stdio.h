// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "core/options.h"
#include "os/spawn.h"

namespace sp::core {

inline constexpr int kStreamCount = 3;

// Which descriptors of the host become the child's 0, 1 and 2; -1 inherits.
using StdioSources = std::array<int, kStreamCount>;

// The standard streams of a child (or of a pipeline as a whole), opened.
struct OpenStdio {
  StdioSources sources = {-1, -1, -1};
  std::array<UniqueFd, kStreamCount> host_ends;   // of the pipes
  std::array<UniqueFd, kStreamCount> child_ends;  // of the pipes, files and null devices: closed after the start

  static Result<OpenStdio> open(const Options& options);

 private:
  Status open_stream(const Options& options, int index);
  Status open_pipe(const Options& options, int index);
};

// 2>&1: the source of standard error where standard output has this one.
int merged_source(int output_source);

// The order in which the child moves its descriptors, and what survives close_fds.
class FdMoves {
 public:
  FdMoves(const StdioSources& sources, const Options& options);
  void put_into(os::SpawnPlan& plan);
  [[nodiscard]] const os::FdMove& at(size_t index) const { return moves_[index]; }

 private:
  void add(int from, int to);

  std::vector<os::FdMove> moves_;
  std::vector<int> lifted_;
  std::vector<int> kept_;
};

}  // namespace sp::core
