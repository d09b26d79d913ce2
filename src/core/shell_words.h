// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sp::core {

// Joins arguments into a line that a POSIX shell splits into the same arguments (Python's shlex.join).
std::string quote(const char* const* argv);

// The inverse, by the shell's quoting rules (XCU 2.2) without expansions; nothing if a quotation or escape is
// unfinished.
std::optional<std::vector<std::string>> split(const char* line);

}  // namespace sp::core
