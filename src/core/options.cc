// SPDX-License-Identifier: MIT
#include "core/options.h"

#include <libsubprocess/sp.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "base/deadline.h"
#include "core/cancel.h"
#include "os/descriptor.h"

namespace sp::core {
namespace {

// The size of sp_options in version 0.1: no caller can have a shorter one.
constexpr size_t kFirstSize = offsetof(sp_options, on_output_arg) + sizeof(void*);

// Guards against a size that was never set: the tail beyond our own fields is read to see whether it is used.
constexpr size_t kLargestSize = 4096;

constexpr uint64_t kKnownFlags = (uint64_t{SP_KILL_GROUP_ON_TIMEOUT} << 1) - 1;
// What is meaningful for a whole pipeline only, and what for a single run only.
constexpr uint64_t kWholeFlags = SP_CHECK | SP_CAPTURE | SP_PIPEFAIL | SP_KILL_ON_FREE | SP_RETURN_ON_SIGNAL |
                                 SP_UNIVERSAL_NEWLINES | SP_KILL_GROUP_ON_TIMEOUT;

constexpr const char* kStreamNames[] = {"std_in", "std_out", "std_err"};

bool is_run(Purpose purpose) { return purpose == Purpose::run || purpose == Purpose::check_output; }

bool is_blank(const unsigned char* from, size_t size) {
  return std::all_of(from, from + size, [](unsigned char byte) { return byte == 0; });
}

// Brings the caller's struct, older or newer than ours, to our size.
Result<sp_options> read_struct(const sp_options* raw) {
  sp_options known = {};
  known.size = sizeof known;
  if (raw == nullptr) return known;
  if (raw->size > kLargestSize)
    return make_error(Code::abi, Step::call, "options.size is %zu, which is no size of sp_options", raw->size);
  if (raw->size < kFirstSize)
    return make_error(Code::abi, Step::call, "options.size is %zu, but no version has fewer than %zu bytes", raw->size,
                      kFirstSize);
  const size_t common = std::min(raw->size, sizeof known);
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw);
  if (!is_blank(bytes + common, raw->size - common))
    return make_error(Code::abi, Step::call,
                      "options.size is %zu and the part beyond %zu bytes is used: this library is too old for it",
                      raw->size, sizeof known);
  std::memcpy(&known, raw, common);
  return known;
}

Status check_flags(const sp_options& raw, Purpose purpose) {
  const auto has = [&](uint64_t flag) { return (raw.flags & flag) != 0; };
  if (has(~kKnownFlags))
    return invalid("flags has bits that this version does not know: 0x%llx",
                   static_cast<unsigned long long>(raw.flags & ~kKnownFlags));
  if (has(SP_JOIN_GROUP) && has(SP_NEW_GROUP | SP_NEW_SESSION))
    return invalid("flags: SP_JOIN_GROUP conflicts with SP_NEW_GROUP and SP_NEW_SESSION");
  if (has(SP_CONTROLLING_TTY) && !has(SP_NEW_SESSION)) return invalid("flags: SP_CONTROLLING_TTY needs SP_NEW_SESSION");
  if (has(SP_KILL_GROUP_ON_TIMEOUT) && !is_run(purpose))
    return invalid("flags: SP_KILL_GROUP_ON_TIMEOUT is for sp_run and sp_check_output");
  if (has(SP_KILL_GROUP_ON_TIMEOUT) && !has(SP_NEW_GROUP | SP_NEW_SESSION))
    return invalid("flags: SP_KILL_GROUP_ON_TIMEOUT needs SP_NEW_GROUP or SP_NEW_SESSION");
  if (has(SP_PIPEFAIL) && purpose != Purpose::pipeline) return invalid("flags: SP_PIPEFAIL is for sp_pipeline");
  if (purpose == Purpose::stage && has(kWholeFlags))
    return invalid("flags: 0x%llx concerns the whole pipeline and not one stage",
                   static_cast<unsigned long long>(raw.flags & kWholeFlags));
  if (purpose == Purpose::pipeline && has(SP_NEW_SESSION))
    return invalid(
        "flags: SP_NEW_SESSION is not for sp_pipeline, whose stages cannot share a session: use SP_NEW_GROUP");
  return success();
}

Status read_flags(const sp_options& raw, Options& options) {
  const auto has = [&](uint64_t flag) { return (raw.flags & flag) != 0; };
  options.shell = has(SP_SHELL);
  options.check = has(SP_CHECK);
  options.env_extend = has(SP_ENV_EXTEND);
  options.keep_fds = has(SP_KEEP_FDS);
  options.keep_signals = has(SP_KEEP_SIGNALS);
  options.keep_signal_mask = has(SP_KEEP_SIGMASK);
  options.new_session = has(SP_NEW_SESSION);
  options.new_group = has(SP_NEW_GROUP);
  options.join_group = has(SP_JOIN_GROUP);
  options.controlling_tty = has(SP_CONTROLLING_TTY);
  options.set_uid = has(SP_SET_UID);
  options.set_gid = has(SP_SET_GID);
  options.set_groups = has(SP_SET_GROUPS);
  options.set_umask = has(SP_SET_UMASK);
  options.pipefail = has(SP_PIPEFAIL);
  options.kill_on_free = has(SP_KILL_ON_FREE);
  options.return_on_signal = has(SP_RETURN_ON_SIGNAL);
  options.universal_newlines = has(SP_UNIVERSAL_NEWLINES);
  options.kill_group_on_timeout = has(SP_KILL_GROUP_ON_TIMEOUT);
  return success();
}

Result<Stdio> read_stdio(const sp_stdio& raw, int index) {
  const char* name = kStreamNames[index];
  if (raw.kind < SP_INHERIT || raw.kind > SP_FILE)
    return invalid("%s.kind is %d, which is no sp_stdio_kind", name, static_cast<int>(raw.kind));
  if ((raw.flags & ~SP_APPEND) != 0)
    return invalid("%s.flags has unknown bits: 0x%x", name, static_cast<unsigned>(raw.flags));
  if (raw.flags != 0 && (raw.kind != SP_FILE || index == SP_IN))
    return invalid("%s.flags: SP_APPEND is for an SP_FILE that is written", name);
  if (raw.kind == SP_STDOUT && index != SP_ERR) return invalid("%s.kind: SP_STDOUT is for std_err only", name);
  Stdio stdio;
  stdio.kind = static_cast<StdioKind>(raw.kind);
  stdio.append = raw.flags == SP_APPEND;
  if (raw.kind == SP_FILE) {
    if (raw.path == nullptr || raw.path[0] == '\0') return invalid("%s.path is missing for SP_FILE", name);
    stdio.path = raw.path;
  }
  if (raw.kind == SP_HANDLE) {
    if (raw.handle < 0 || raw.handle > INT_MAX || !os::is_open(static_cast<int>(raw.handle)))
      return invalid("%s.handle %lld is not an open descriptor", name, static_cast<long long>(raw.handle));
    stdio.handle = static_cast<int>(raw.handle);
  }
  return stdio;
}

// Python refuses the same combinations.
Status check_streams(const sp_options& raw, Purpose purpose) {
  const bool capture = (raw.flags & SP_CAPTURE) != 0;
  if (capture && (raw.std_out.kind != SP_INHERIT || raw.std_err.kind != SP_INHERIT))
    return invalid("std_out and std_err must be unset with SP_CAPTURE");
  if (purpose == Purpose::check_output && (capture || raw.std_out.kind != SP_INHERIT))
    return invalid("std_out must be unset for sp_check_output, which captures it");
  if (raw.input != nullptr && raw.std_in.kind != SP_INHERIT) return invalid("std_in must be unset with input");
  if (purpose != Purpose::stage) return success();
  if (raw.std_in.kind != SP_INHERIT) return invalid("std_in of a stage must be unset: set it on the pipeline");
  if (raw.std_out.kind != SP_INHERIT) return invalid("std_out of a stage must be unset: set it on the pipeline");
  if (raw.std_err.kind == SP_PIPE) return invalid("std_err of a stage cannot be SP_PIPE: set it on the pipeline");
  return success();
}

Status read_streams(const sp_options& raw, Purpose purpose, Options& options) {
  SP_TRY(check_streams(raw, purpose));
  const sp_stdio* sources[] = {&raw.std_in, &raw.std_out, &raw.std_err};
  for (int index = 0; index < 3; ++index) {
    auto stdio = read_stdio(*sources[index], index);
    if (!stdio) return stdio.error();
    options.streams[static_cast<size_t>(index)] = *stdio;
  }
  const bool capture = (raw.flags & SP_CAPTURE) != 0;
  if (capture || purpose == Purpose::check_output) options.streams[SP_OUT].kind = StdioKind::pipe;
  if (capture) options.streams[SP_ERR].kind = StdioKind::pipe;
  if (raw.input != nullptr) options.streams[SP_IN].kind = StdioKind::pipe;
  return success();
}

Status read_run_fields(const sp_options& raw, Purpose purpose, Options& options) {
  if (raw.input == nullptr && raw.input_len != 0) return invalid("input is NULL but input_len is %zu", raw.input_len);
  if (!is_run(purpose)) {
    if (raw.input != nullptr) return invalid("input is for sp_run: pass it to sp_communicate");
    if (raw.timeout_ms != 0) return invalid("timeout_ms is for sp_run: pass it to sp_wait or sp_communicate");
    if (raw.kill_grace_ms != 0) return invalid("kill_grace_ms is for sp_run: pass it to sp_stop");
  }
  SP_TRY(check_timeout(raw.timeout_ms, "timeout_ms"));
  if (raw.kill_grace_ms < 0) return invalid("kill_grace_ms is negative");
  SP_TRY(check_timeout(raw.kill_grace_ms, "kill_grace_ms"));
  options.input = static_cast<const char*>(raw.input);
  options.input_size = raw.input_len;
  options.timeout_ms = raw.timeout_ms == 0 ? kForever : raw.timeout_ms;
  options.kill_grace_ms = raw.kill_grace_ms;
  return success();
}

Status read_output_fields(const sp_options& raw, Purpose purpose, Options& options) {
  const bool unset = raw.drain_ms == 0 && raw.max_output == 0 && raw.cancel == nullptr && raw.on_output == nullptr &&
                     raw.pipe_size == 0;
  if (purpose == Purpose::stage && !unset)
    return invalid(
        "drain_ms, max_output, cancel, on_output and pipe_size of a stage must be unset: set them on the pipeline");
  if (raw.drain_ms < 0) return invalid("drain_ms is negative");
  SP_TRY(check_timeout(raw.drain_ms, "drain_ms"));
  options.drain_ms = raw.drain_ms;
  options.max_output = raw.max_output;
  options.on_output = raw.on_output;
  options.on_output_argument = raw.on_output_arg;
  if (raw.cancel == nullptr) return success();
  if (!raw.cancel->token->is_ours()) return invalid("cancel was made before this process was forked");
  options.cancel = raw.cancel->token;
  return success();
}

Status check_mapping(const sp_options& raw, size_t index) {
  const sp_fd_map& entry = raw.fd_map[index];
  if (entry.child_fd < 3)
    return invalid("fd_map[%zu].child_fd is %d: 0 to 2 are std_in, std_out and std_err", index, entry.child_fd);
  if (entry.child_fd >= os::descriptor_limit())
    return invalid("fd_map[%zu].child_fd %d is beyond the limit of open descriptors", index, entry.child_fd);
  if (!os::is_open(entry.host_fd))
    return invalid("fd_map[%zu].host_fd %d is not an open descriptor", index, entry.host_fd);
  for (size_t other = 0; other < index; ++other)
    if (raw.fd_map[other].child_fd == entry.child_fd)
      return invalid("fd_map[%zu].child_fd %d is there twice", index, entry.child_fd);
  const int32_t* passed_end = raw.pass_fds + raw.pass_fds_len;
  if (std::find(raw.pass_fds, passed_end, entry.child_fd) != passed_end)
    return invalid("fd_map[%zu].child_fd %d is in pass_fds too", index, entry.child_fd);
  return success();
}

Status read_descriptors(const sp_options& raw, Options& options) {
  if (raw.pass_fds == nullptr && raw.pass_fds_len != 0) return invalid("pass_fds is NULL but pass_fds_len is not 0");
  if (raw.fd_map == nullptr && raw.fd_map_len != 0) return invalid("fd_map is NULL but fd_map_len is not 0");
  for (size_t i = 0; i < raw.pass_fds_len; ++i)
    if (!os::is_open(raw.pass_fds[i])) return invalid("pass_fds[%zu] %d is not an open descriptor", i, raw.pass_fds[i]);
  for (size_t i = 0; i < raw.fd_map_len; ++i) {
    SP_TRY(check_mapping(raw, i));
    options.fd_map.push_back({raw.fd_map[i].child_fd, raw.fd_map[i].host_fd});
  }
  options.pass_fds = raw.pass_fds;
  options.pass_fd_count = raw.pass_fds_len;
  return success();
}

Status read_identity(const sp_options& raw, Options& options) {
  constexpr uint32_t kNobody = UINT32_MAX;  // to the kernel it means "leave as it is"
  if (raw.user != nullptr && options.set_uid) return invalid("user and uid (SP_SET_UID) are both set");
  if (raw.group != nullptr && options.set_gid) return invalid("group and gid (SP_SET_GID) are both set");
  if (raw.user != nullptr && raw.user[0] == '\0') return invalid("user is empty");
  if (raw.group != nullptr && raw.group[0] == '\0') return invalid("group is empty");
  if (options.set_uid && raw.uid == kNobody) return invalid("uid %u is not a user", raw.uid);
  if (options.set_gid && raw.gid == kNobody) return invalid("gid %u is not a group", raw.gid);
  if (!options.set_uid && raw.uid != 0) return invalid("uid is set without SP_SET_UID");
  if (!options.set_gid && raw.gid != 0) return invalid("gid is set without SP_SET_GID");
  if (!options.set_groups && (raw.groups != nullptr || raw.groups_len != 0))
    return invalid("groups is set without SP_SET_GROUPS");
  if (raw.groups == nullptr && raw.groups_len != 0) return invalid("groups is NULL but groups_len is not 0");
  for (size_t i = 0; i < raw.groups_len; ++i)
    if (raw.groups[i] == kNobody) return invalid("groups[%zu] %u is not a group", i, raw.groups[i]);
  options.user = raw.user;
  options.group = raw.group;
  options.uid = raw.uid;
  options.gid = raw.gid;
  options.groups = raw.groups;
  options.group_count = raw.groups_len;
  return success();
}

Status read_numbers(const sp_options& raw, Options& options) {
  constexpr uint32_t kAllPermissions = 0777;
  constexpr int kLastSignal = 64;
  if (raw.reserved0 != 0) return invalid("reserved0 must be 0");
  if (raw.umask > kAllPermissions) return invalid("umask 0%o is more than 0777", raw.umask);
  if (!options.set_umask && raw.umask != 0) return invalid("umask is set without SP_SET_UMASK");
  if (raw.pipe_size < 0) return invalid("pipe_size is negative");
  if (raw.death_signal < 0 || raw.death_signal > kLastSignal)
    return invalid("death_signal %d is not a signal", raw.death_signal);
  if (options.join_group && (raw.process_group <= 0 || raw.process_group > INT_MAX))
    return invalid("process_group %lld is not a group number", static_cast<long long>(raw.process_group));
  if (!options.join_group && raw.process_group != 0) return invalid("process_group is set without SP_JOIN_GROUP");
  options.umask = raw.umask;
  options.pipe_size = raw.pipe_size;
  options.death_signal = raw.death_signal;
  options.process_group = static_cast<int>(raw.process_group);
  return success();
}

Status check_env(const Options& options) {
  if (options.env == nullptr) return success();
  for (size_t i = 0; options.env[i] != nullptr; ++i) {
    const char* entry = options.env[i];
    if (entry[0] == '\0') return invalid("env[%zu] is empty", i);
    if (entry[0] == '=') return invalid("env[%zu] has no name before its '='", i);
    if (!options.env_extend && std::strchr(entry, '=') == nullptr) return invalid("env[%zu] has no '='", i);
  }
  return success();
}

Status read_texts(const sp_options& raw, Options& options) {
  if (raw.executable != nullptr && raw.executable[0] == '\0') return invalid("executable is empty");
  if (raw.cwd != nullptr && raw.cwd[0] == '\0') return invalid("cwd is empty");
  if (raw.preexec == nullptr && raw.preexec_arg != nullptr) return invalid("preexec_arg is set without preexec");
  options.executable = raw.executable;
  options.cwd = raw.cwd;
  options.env = raw.env;
  options.preexec = raw.preexec;
  options.preexec_argument = raw.preexec_arg;
  return check_env(options);
}

}  // namespace

Status check_timeout(int64_t timeout_ms, const char* argument) {
  if (timeout_ms < kForever) return invalid("%s is negative", argument);
  if (timeout_ms > kLongestTimeout) return invalid("%s is larger than SP_TIMEOUT_MAX", argument);
  return success();
}

Result<Options> parse_options(const sp_options* raw, Purpose purpose) {
  static_assert(kLongestTimeout == SP_TIMEOUT_MAX && kForever == SP_FOREVER);
  auto known = read_struct(raw);
  if (!known) return known.error();
  Options options;
  SP_TRY(check_flags(*known, purpose));
  SP_TRY(read_flags(*known, options));
  SP_TRY(read_streams(*known, purpose, options));
  SP_TRY(read_run_fields(*known, purpose, options));
  SP_TRY(read_output_fields(*known, purpose, options));
  SP_TRY(read_descriptors(*known, options));
  SP_TRY(read_identity(*known, options));
  SP_TRY(read_numbers(*known, options));
  SP_TRY(read_texts(*known, options));
  return options;
}

}  // namespace sp::core
