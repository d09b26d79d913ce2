// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"
#include "core/outcome.h"
#include "core/process.h"

namespace sp::core {

// One command.
Result<std::unique_ptr<Process>> start(const char* const* argv, const Options& options);

// Starts a command and sees it through. `partial` receives what there is if the call ends otherwise.
Result<SharedOutcome> run(const char* const* argv, const Options& options, SharedOutcome& partial);

struct Stage {
  const char* const* argv;
  const Options* options;  // nullptr: those of the pipeline
};

// Commands joined by pipes, as one process of the given children, one per stage.
Result<std::unique_ptr<Process>> start_pipeline(const std::vector<Stage>& stages, const Options& options,
                                                const Process::Children& children);

}  // namespace sp::core
