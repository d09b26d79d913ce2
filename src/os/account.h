// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/result.h"

namespace sp::os {

// The number of a user or group, by name.
Result<uint32_t> find_user(const char* name);
Result<uint32_t> find_group(const char* name);

}  // namespace sp::os
