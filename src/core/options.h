// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"

struct sp_options;  // the public struct, read by parse_options() alone

namespace sp::core {

class CancelToken;

enum class StdioKind { inherit, pipe, null_device, standard_output, handle, file };

struct Stdio {
  StdioKind kind = StdioKind::inherit;
  bool append = false;
  int handle = -1;
  const char* path = nullptr;
};

struct FdMapping {
  int child_fd;
  int host_fd;
};

// Which call the options are for: each refuses what it would have to ignore.
enum class Purpose { run, check_output, popen, pipeline, stage };

using OutputFunction = int (*)(void* argument, int stream, const void* data, size_t size);

// sp_options, checked, in the terms of the implementation. Pointers are the caller's.
struct Options {
  std::array<Stdio, 3> streams;
  const char* executable = nullptr;
  const char* cwd = nullptr;
  const char* const* env = nullptr;
  const int32_t* pass_fds = nullptr;
  size_t pass_fd_count = 0;
  std::vector<FdMapping> fd_map;
  const char* input = nullptr;
  size_t input_size = 0;
  int64_t timeout_ms = -1;
  int64_t drain_ms = 0;
  int64_t kill_grace_ms = 0;
  size_t max_output = 0;
  int pipe_size = 0;
  int death_signal = 0;
  int process_group = 0;
  const char* user = nullptr;
  const char* group = nullptr;
  uint32_t uid = 0;
  uint32_t gid = 0;
  uint32_t umask = 0;
  const uint32_t* groups = nullptr;
  size_t group_count = 0;
  std::shared_ptr<CancelToken> cancel;
  int (*preexec)(void*) = nullptr;
  void* preexec_argument = nullptr;
  OutputFunction on_output = nullptr;
  void* on_output_argument = nullptr;

  bool shell = false;
  bool check = false;
  bool env_extend = false;
  bool keep_fds = false;
  bool keep_signals = false;
  bool keep_signal_mask = false;
  bool new_session = false;
  bool new_group = false;
  bool join_group = false;
  bool controlling_tty = false;
  bool set_uid = false;
  bool set_gid = false;
  bool set_groups = false;
  bool set_umask = false;
  bool pipefail = false;
  bool kill_on_free = false;
  bool return_on_signal = false;
  bool universal_newlines = false;
  bool kill_group_on_timeout = false;

  [[nodiscard]] bool leads_group() const { return new_group || new_session; }
};

// Reads and checks everything that can be checked before anything is started. `raw` may be null.
Result<Options> parse_options(const sp_options* raw, Purpose purpose);

// SP_FOREVER, 0 or a span that the clock can add.
Status check_timeout(int64_t timeout_ms, const char* argument);

}  // namespace sp::core
