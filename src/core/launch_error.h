// SPDX-License-Identifier: MIT
#pragma once

#include "base/error.h"
#include "core/command.h"
#include "core/options.h"
#include "os/spawn.h"

namespace sp::core {

// What stopped a start, as a sentence for people and a code, step and path for programs.
Error explain(const os::SpawnFailure& failure, Command& command, const Options& options, const os::SpawnPlan& plan);

}  // namespace sp::core
