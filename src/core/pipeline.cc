// SPDX-License-Identifier: MIT
#include <cerrno>

#include "core/launch.h"
#include "core/orphans.h"
#include "core/start.h"
#include "os/descriptor.h"

namespace sp::core {
namespace {

constexpr size_t kInput = 0;
constexpr size_t kOutput = 1;
constexpr size_t kError = 2;

// Starts the stages one after the other, handing each one's output to the next.
class PipelineStart {
 public:
  PipelineStart(const std::vector<Stage>& stages, const Options& options, OpenStdio& stdio,
                const Process::Children& children)
      : stages_(stages), options_(options), stdio_(stdio), children_(children) {}
  Status start_stage(size_t index);

 private:
  Status connect(size_t index, const Options& own, StdioSources& sources);
  Status connect_error(const Options& own, StdioSources& sources);
  [[nodiscard]] Status check_group(size_t index, const Options& own) const;
  Result<os::Spawned> launch_in_group(Command& command, Options& options, const StdioSources& sources) const;

  const std::vector<Stage>& stages_;
  const Options& options_;
  OpenStdio& stdio_;         // of the pipeline as a whole
  OpenStdio error_stdio_;    // a standard error of the current stage's own
  UniqueFd input_, output_;  // of the current stage
  UniqueFd next_input_;
  const Process::Children& children_;
};

Status PipelineStart::connect_error(const Options& own, StdioSources& sources) {
  const StdioKind whole_kind = options_.streams[kError].kind;
  const StdioKind own_kind = own.streams[kError].kind;
  const StdioKind kind = own_kind == StdioKind::inherit ? whole_kind : own_kind;
  sources[kError] = stdio_.sources[kError];
  if (kind == StdioKind::standard_output) {
    sources[kError] = merged_source(sources[kOutput]);
  } else if (&own != &options_ && own_kind != StdioKind::inherit) {
    auto opened = OpenStdio::open(own);
    if (!opened) return opened.error();
    error_stdio_ = std::move(*opened);
    sources[kError] = error_stdio_.sources[kError];
  }
  return success();
}

Status PipelineStart::connect(size_t index, const Options& own, StdioSources& sources) {
  input_ = std::move(next_input_);
  sources[kInput] = index == 0 ? stdio_.sources[kInput] : input_.get();
  sources[kOutput] = stdio_.sources[kOutput];
  if (index + 1 < stages_.size()) {
    os::PipeEnds ends;
    if (const int error = os::make_pipe(ends)) return system_error(Step::stdio, error, "", "cannot make a pipe");
    if (options_.pipe_size > 0) os::set_pipe_capacity(ends.writer.get(), options_.pipe_size);
    next_input_ = std::move(ends.reader);
    output_ = std::move(ends.writer);
    sources[kOutput] = output_.get();
  }
  return connect_error(own, sources);
}

Status PipelineStart::check_group(size_t index, const Options& own) const {
  if (&own == &options_ || !options_.new_group || !(own.leads_group() || own.join_group)) return success();
  return invalid("flags of stage %zu: SP_NEW_GROUP of the pipeline already decides its group", index);
}

// Where the host ignores SIGCHLD, a first stage that has already ended took its group with it: then the stage leads one
// of its own, and sp_kill_group() signals both.
Result<os::Spawned> PipelineStart::launch_in_group(Command& command, Options& options,
                                                   const StdioSources& sources) const {
  const bool joins = options_.new_group && children_.front()->pid() > 0;
  if (joins) {
    options.new_group = false;
    options.join_group = true;
    options.process_group = static_cast<int>(children_.front()->pid());
  }
  auto spawned = launch(command, options, sources);
  if (spawned || !joins || spawned.error().step != Step::group) return spawned;
  options.join_group = false;
  options.new_group = true;
  options.process_group = 0;
  return launch(command, options, sources);
}

Status PipelineStart::start_stage(size_t index) {
  const Stage& stage = stages_[index];
  const Options& own = stage.options != nullptr ? *stage.options : options_;
  SP_TRY(check_group(index, own));
  Options options = own;
  options.new_group = own.new_group || options_.new_group;
  auto command = Command::make(stage.argv, options);
  if (!command) return command.error();
  StdioSources sources;
  SP_TRY(connect(index, own, sources));
  auto spawned = launch_in_group(*command, options, sources);
  if (!spawned) return spawned.error();
  children_[index]->begin(std::move(*spawned), options.leads_group());
  // What only this stage writes to or reads from must not stay open here: its neighbours wait for its end.
  output_.reset();
  input_.reset();
  error_stdio_ = OpenStdio();
  return success();
}

// A stage that cannot be started takes those before it along.
class PartialStart {
 public:
  explicit PartialStart(Process& process) : process_(&process) {}
  PartialStart(const PartialStart&) = delete;
  PartialStart& operator=(const PartialStart&) = delete;
  ~PartialStart() {
    if (process_ != nullptr) process_->kill_remaining();
  }
  void dismiss() { process_ = nullptr; }

 private:
  Process* process_;
};

}  // namespace

Result<std::unique_ptr<Process>> start_pipeline(const std::vector<Stage>& stages, const Options& options,
                                                const Process::Children& children) {
  auto stdio = OpenStdio::open(options);
  if (!stdio) return stdio.error();
  sweep_orphans(kSweepSome);
  auto process = std::make_unique<Process>(children, std::move(stdio->host_ends), options);
  PipelineStart start(stages, options, *stdio, children);
  PartialStart partial(*process);
  for (size_t index = 0; index < stages.size(); ++index) {
    const Status started = start.start_stage(index);
    if (started) continue;
    Error error = started.error();
    error.stage = static_cast<int32_t>(index);
    return error;
  }
  partial.dismiss();
  return {std::move(process)};
}

}  // namespace sp::core
