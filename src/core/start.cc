// SPDX-License-Identifier: MIT
#include "core/start.h"

#include "core/launch.h"
#include "core/orphans.h"

namespace sp::core {

constexpr int kNameRoom = 150;

Result<std::unique_ptr<Process>> start(const char* const* argv, const Options& options) {
  auto command = Command::make(argv, options);
  if (!command) return command.error();
  auto stdio = OpenStdio::open(options);
  if (!stdio) return stdio.error();
  sweep_orphans(kSweepSome);
  auto child = std::make_shared<Child>(argv[0]);
  auto process = std::make_unique<Process>(Process::Children{child}, std::move(stdio->host_ends), options);
  auto spawned = launch(*command, options, stdio->sources);
  if (!spawned) return spawned.error();
  child->begin(std::move(*spawned), options.leads_group());
  return {std::move(process)};
}

Result<SharedOutcome> run(const char* const* argv, const Options& options, SharedOutcome& partial) {
  const Deadline deadline = Deadline::after(options.timeout_ms);
  Options own = options;
  own.kill_on_free = true;  // whatever ends this call, it leaves no child behind
  auto process = start(argv, own);
  if (!process) return process.error();
  Process& child = **process;
  child.set_private();
  auto outcome = child.communicate(options.input, options.input_size, deadline, nullptr);
  if (!outcome) {
    SharedOutcome rest = child.cut_short(options.kill_grace_ms, options.kill_group_on_timeout);
    Error error = outcome.error();
    const bool tells = error.code == Code::timed_out || error.code == Code::canceled || error.code == Code::interrupted;
    if (tells) partial = std::move(rest);
    if (error.code == Code::timed_out)
      error.set_message("command '%.*s' did not end within %lld ms", clipped(argv[0], kNameRoom), argv[0],
                        static_cast<long long>(options.timeout_ms));
    error.set_path(argv[0]);
    return error;
  }
  const Status checked = child.check(**outcome);
  if (checked) return outcome;
  partial = *outcome;
  return checked.error();
}

}  // namespace sp::core
