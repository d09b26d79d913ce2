// SPDX-License-Identifier: MIT
#include "os/account.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace sp::os {
namespace {

constexpr size_t kUsualEntry = 1024;
constexpr size_t kLargestEntry = size_t{1} << 22;  // groups with many thousand members

// The getXXnam_r family wants a buffer of unknown size.
template <typename Entry, typename Lookup>
Result<Entry> look_up(Lookup lookup, const char* name, Step step, const char* kind) {
  std::vector<char> buffer(kUsualEntry);
  for (;;) {
    Entry entry{};
    Entry* found = nullptr;
    const int error = lookup(name, &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return entry;
    if (error == ERANGE && buffer.size() < kLargestEntry) {
      buffer.resize(buffer.size() * 4);
      continue;
    }
    if (error == EINTR) continue;
    // Absence is reported as 0 or, depending on the source, as one of these.
    if (error == 0 || error == ENOENT || error == ESRCH) {
      Error missing = make_error(Code::not_found, step, "%s '%s' does not exist", kind, name);
      missing.set_path(name);
      return missing;
    }
    return system_error(step, error, name, "cannot look up %s '%s'", kind, name);
  }
}

}  // namespace

Result<uint32_t> find_user(const char* name) {
  const auto entry = look_up<passwd>(getpwnam_r, name, Step::uid, "user");
  if (!entry) return entry.error();
  return (*entry).pw_uid;
}

Result<uint32_t> find_group(const char* name) {
  const auto entry = look_up<group>(getgrnam_r, name, Step::gid, "group");
  if (!entry) return entry.error();
  return (*entry).gr_gid;
}

}  // namespace sp::os
