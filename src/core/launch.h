// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"
#include "core/command.h"
#include "core/options.h"
#include "core/stdio.h"
#include "os/spawn.h"

namespace sp::core {

// Starts one child with its streams on `sources`. A busy program file and a full process table are given a little time.
Result<os::Spawned> launch(Command& command, const Options& options, const StdioSources& sources);

}  // namespace sp::core
