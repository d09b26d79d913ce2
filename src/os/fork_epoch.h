// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace sp::os {

// A number that changes in a forked child: it tells handles and caches of the parent from the child's own. Costs one
// load, needs no pthread_atfork handler, and is async-signal-safe after the first call.
uint64_t fork_epoch();

}  // namespace sp::os
