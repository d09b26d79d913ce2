// SPDX-License-Identifier: MIT
#include "core/stdio.h"

#include <algorithm>

#include "os/descriptor.h"

namespace sp::core {
namespace {

constexpr int kNameRoom = 120;
constexpr int kInput = 0;
constexpr int kOutput = 1;
constexpr int kError = 2;

os::OpenMode file_mode(const Stdio& stdio, int index) {
  if (index == kInput) return os::OpenMode::read;
  return stdio.append ? os::OpenMode::append : os::OpenMode::truncate;
}

}  // namespace

int merged_source(int output_source) { return output_source >= 0 ? output_source : kOutput; }

Status OpenStdio::open_pipe(const Options& options, int index) {
  const auto at = static_cast<size_t>(index);
  os::PipeEnds ends;
  if (const int error = os::make_pipe(ends)) return system_error(Step::stdio, error, "", "cannot make a pipe");
  if (options.pipe_size > 0) os::set_pipe_capacity(ends.writer.get(), options.pipe_size);
  host_ends[at] = std::move(index == kInput ? ends.writer : ends.reader);
  child_ends[at] = std::move(index == kInput ? ends.reader : ends.writer);
  sources[at] = child_ends[at].get();
  return success();
}

Status OpenStdio::open_stream(const Options& options, int index) {
  const auto at = static_cast<size_t>(index);
  const Stdio& stdio = options.streams[at];
  const bool null_device = stdio.kind == StdioKind::null_device;
  switch (stdio.kind) {
    case StdioKind::inherit:
      return success();
    case StdioKind::pipe:
      return open_pipe(options, index);
    case StdioKind::standard_output:
      sources[kError] = merged_source(sources[kOutput]);
      return success();
    case StdioKind::handle:
      sources[at] = stdio.handle;
      return success();
    case StdioKind::null_device:
    case StdioKind::file:
      break;
  }
  const char* path = null_device ? os::kNullDevice : stdio.path;
  const os::OpenMode mode = null_device ? os::OpenMode::read_write : file_mode(stdio, index);
  if (const int error = os::open_file(path, mode, child_ends[at]))
    return system_error(Step::stdio, error, path, "cannot open '%.*s'", clipped(path, kNameRoom), path);
  sources[at] = child_ends[at].get();
  return success();
}

Result<OpenStdio> OpenStdio::open(const Options& options) {
  OpenStdio stdio;
  for (int index = 0; index < kStreamCount; ++index) SP_TRY(stdio.open_stream(options, index));
  return stdio;
}

void FdMoves::add(int from, int to) {
  const bool overwritten = from != to && std::any_of(moves_.begin(), moves_.end(),
                                                     [from](const os::FdMove& earlier) { return earlier.to == from; });
  moves_.push_back({from, to, overwritten});
  if (to > kError) kept_.push_back(to);
}

FdMoves::FdMoves(const StdioSources& sources, const Options& options) {
  moves_.reserve(sources.size() + options.pass_fd_count + options.fd_map.size());
  for (int index = 0; index < kStreamCount; ++index) {
    const int source = sources[static_cast<size_t>(index)];
    if (source >= 0) add(source, index);
  }
  // 0 to 2 are the child's in any case.
  for (size_t i = 0; i < options.pass_fd_count; ++i)
    if (options.pass_fds[i] > kError) add(options.pass_fds[i], options.pass_fds[i]);
  for (const FdMapping& mapping : options.fd_map) add(mapping.host_fd, mapping.child_fd);
  std::sort(kept_.begin(), kept_.end());
  kept_.erase(std::unique(kept_.begin(), kept_.end()), kept_.end());
  lifted_.resize(moves_.size());
}

void FdMoves::put_into(os::SpawnPlan& plan) {
  plan.moves = moves_.data();
  plan.move_count = moves_.size();
  plan.lifted = lifted_.data();
  plan.kept = kept_.data();
  plan.kept_count = kept_.size();
}

}  // namespace sp::core
