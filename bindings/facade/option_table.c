/* SPDX-License-Identifier: MIT */
#include "option_table.h"

#include <string.h>

#include "spec.h"

typedef struct {
  const char *name;
  enum spb_kind kind;
  spb_integer_field field;
} option_entry;

#define NUMBER(name, member, flag, least, most) \
  { \
    name, SPB_KIND_INTEGER, { offsetof(sp_options, member), sizeof(((sp_options *)0)->member), flag, least, most } \
  }
#define FLAG(name, flag) \
  { \
    name, SPB_KIND_FLAG, { 0, 0, flag, 0, 1 } \
  }
#define OTHER(name, kind) \
  { \
    name, kind, { 0, 0, 0, 0, 0 } \
  }

/* Ranges that the library checks itself are left to it, so that its sentence is the one that is seen. */
static const option_entry table[SPB_OPTION_COUNT] = {
    [SPB_ARGV] = OTHER("argv", SPB_KIND_ARGV),
    [SPB_STAGES] = OTHER("stages", SPB_KIND_STAGES),
    [SPB_INPUT] = OTHER("input", SPB_KIND_INPUT),
    [SPB_CANCEL] = OTHER("cancel", SPB_KIND_CANCEL),
    [SPB_ON_OUTPUT] = OTHER("on_output", SPB_KIND_OUTPUT),
    [SPB_STDIN] = OTHER("stdin", SPB_KIND_STDIO),
    [SPB_STDOUT] = OTHER("stdout", SPB_KIND_STDIO),
    [SPB_STDERR] = OTHER("stderr", SPB_KIND_STDIO),
    [SPB_EXECUTABLE] = OTHER("executable", SPB_KIND_TEXT),
    [SPB_CWD] = OTHER("cwd", SPB_KIND_TEXT),
    [SPB_USER] = OTHER("user", SPB_KIND_TEXT),
    [SPB_GROUP] = OTHER("group", SPB_KIND_TEXT),
    [SPB_ENV] = OTHER("env", SPB_KIND_ENV),
    [SPB_ENV_EXTEND] = OTHER("env_extend", SPB_KIND_ENV),
    [SPB_PASS_FDS] = OTHER("pass_fds", SPB_KIND_INTEGERS),
    [SPB_FD_MAP] = OTHER("fd_map", SPB_KIND_PAIRS),
    [SPB_GROUPS] = OTHER("groups", SPB_KIND_INTEGERS),
    [SPB_TIMEOUT_MS] = NUMBER("timeout_ms", timeout_ms, 0, INT64_MIN, INT64_MAX),
    [SPB_DRAIN_MS] = NUMBER("drain_ms", drain_ms, 0, INT64_MIN, INT64_MAX),
    [SPB_KILL_GRACE_MS] = NUMBER("kill_grace_ms", kill_grace_ms, 0, INT64_MIN, INT64_MAX),
    [SPB_MAX_OUTPUT] = NUMBER("max_output", max_output, 0, 0, INT64_MAX),
    [SPB_PIPE_SIZE] = NUMBER("pipe_size", pipe_size, 0, INT32_MIN, INT32_MAX),
    [SPB_DEATH_SIGNAL] = NUMBER("death_signal", death_signal, 0, INT32_MIN, INT32_MAX),
    [SPB_JOIN_GROUP] = NUMBER("join_group", process_group, SP_JOIN_GROUP, INT64_MIN, INT64_MAX),
    [SPB_UID] = NUMBER("uid", uid, SP_SET_UID, 0, UINT32_MAX),
    [SPB_GID] = NUMBER("gid", gid, SP_SET_GID, 0, UINT32_MAX),
    [SPB_UMASK] = NUMBER("umask", umask, SP_SET_UMASK, 0, UINT32_MAX),
    [SPB_SHELL] = FLAG("shell", SP_SHELL),
    [SPB_CHECK] = FLAG("check", SP_CHECK),
    [SPB_CAPTURE] = FLAG("capture", SP_CAPTURE),
    [SPB_KEEP_FDS] = FLAG("keep_fds", SP_KEEP_FDS),
    [SPB_KEEP_SIGNALS] = FLAG("keep_signals", SP_KEEP_SIGNALS),
    [SPB_KEEP_SIGNAL_MASK] = FLAG("keep_signal_mask", SP_KEEP_SIGMASK),
    [SPB_NEW_SESSION] = FLAG("new_session", SP_NEW_SESSION),
    [SPB_NEW_GROUP] = FLAG("new_group", SP_NEW_GROUP),
    [SPB_CONTROLLING_TTY] = FLAG("controlling_tty", SP_CONTROLLING_TTY),
    [SPB_PIPEFAIL] = FLAG("pipefail", SP_PIPEFAIL),
    [SPB_KILL_ON_FREE] = FLAG("kill_on_free", SP_KILL_ON_FREE),
    [SPB_RETURN_ON_SIGNAL] = FLAG("return_on_signal", SP_RETURN_ON_SIGNAL),
    [SPB_UNIVERSAL_NEWLINES] = FLAG("universal_newlines", SP_UNIVERSAL_NEWLINES),
    [SPB_KILL_GROUP_ON_TIMEOUT] = FLAG("kill_group_on_timeout", SP_KILL_GROUP_ON_TIMEOUT),
};

static const option_entry *entry_of(int option) {
  return option >= 0 && option < SPB_OPTION_COUNT ? &table[option] : NULL;
}

int spb_option_find(const char *name, size_t len) {
  for (int i = 0; i < SPB_OPTION_COUNT; i++)
    if (strlen(table[i].name) == len && memcmp(table[i].name, name, len) == 0) return i;
  return -1;
}

const char *spb_option_name(int option) {
  const option_entry *entry = entry_of(option);
  return entry != NULL ? entry->name : "?";
}

/* Of no option it is one that no setter takes. */
enum spb_kind spb_option_kind(int option) {
  const option_entry *entry = entry_of(option);
  return entry != NULL ? entry->kind : SPB_KIND_OUTPUT;
}

const spb_integer_field *spb_integer_field_of(int option) {
  const option_entry *entry = entry_of(option);
  const int is_number = entry != NULL && (entry->kind == SPB_KIND_INTEGER || entry->kind == SPB_KIND_FLAG);
  return is_number ? &entry->field : NULL;
}
