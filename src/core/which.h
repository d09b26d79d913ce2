// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"

namespace sp::core {

// The file that a start of `name` would execute; `path` may be null for the host's PATH.
Result<std::string> which(const char* name, const char* path);

}  // namespace sp::core
