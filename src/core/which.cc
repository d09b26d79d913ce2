// SPDX-License-Identifier: MIT
#include "core/which.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/string_vector.h"
#include "core/command.h"
#include "os/descriptor.h"

namespace sp::core {

constexpr int kNameRoom = 100;

Result<std::string> which(const char* name, const char* path) {
  StringVector candidates;
  const bool searched = std::strchr(name, '/') == nullptr;
  if (path == nullptr && environ != nullptr) path = find_variable(environ, "PATH");
  if (path == nullptr) path = kDefaultPath;
  if (searched)
    add_candidates(path, name, candidates);
  else
    candidates.add(name);

  const int size = clipped(name, kNameRoom);
  int told = ENOENT;
  for (const char* const* candidate = candidates.pointers(); *candidate != nullptr; ++candidate) {
    const int error = os::check_executable(*candidate);
    if (error == 0) return std::string(*candidate);
    if (told == ENOENT && error != ENOTDIR) told = error;
  }
  if (told != ENOENT) return system_error(Step::exec, told, name, "'%.*s' cannot be executed", size, name);
  Error missing = searched ? make_error(Code::not_found, Step::exec, "'%.*s' was not found in PATH (%.*s)", size, name,
                                        clipped(path, kNameRoom), path)
                           : make_error(Code::not_found, Step::exec, "'%.*s' does not exist", size, name);
  missing.sys_errno = ENOENT;
  missing.set_path(name);
  return missing;
}

}  // namespace sp::core
