/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "case.h"

typedef struct {
  const char *name;
  uint64_t flag;
} named_flag;

static const named_flag flags[] = {
    {"shell", SP_SHELL},
    {"check", SP_CHECK},
    {"capture", SP_CAPTURE},
    {"keep_fds", SP_KEEP_FDS},
    {"keep_signals", SP_KEEP_SIGNALS},
    {"keep_signal_mask", SP_KEEP_SIGMASK},
    {"new_session", SP_NEW_SESSION},
    {"new_group", SP_NEW_GROUP},
    {"controlling_tty", SP_CONTROLLING_TTY},
    {"pipefail", SP_PIPEFAIL},
    {"kill_on_free", SP_KILL_ON_FREE},
    {"universal_newlines", SP_UNIVERSAL_NEWLINES},
    {"kill_group_on_timeout", SP_KILL_GROUP_ON_TIMEOUT},
};

static bool read_flag(const char *name, json_t *value, sp_options *options) {
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
    if (strcmp(flags[i].name, name) != 0) continue;
    if (json_is_true(value)) options->flags |= flags[i].flag;
    return true;
  }
  return false;
}

static void read_kind(step *step, const char *name, sp_stdio *to) {
  static const char *const kinds[] = {
      [SP_INHERIT] = "inherit", [SP_PIPE] = "pipe", [SP_DEVNULL] = "devnull", [SP_STDOUT] = "stdout"};
  for (to->kind = SP_INHERIT; to->kind <= SP_STDOUT; to->kind++)
    if (strcmp(kinds[to->kind], name) == 0) return;
  step_fail(step, "no stream is connected to \"%s\"", name);
}

static void read_stdio(step *step, json_t *value, sp_stdio *to) {
  json_t *path = json_object_get(value, "path");
  const char *source = json_string_value(json_object_get(value, "stream_of"));
  if (json_is_string(value)) {
    read_kind(step, json_string_value(value), to);
  } else if (path != NULL) {
    to->kind = SP_FILE;
    to->path = text_of(step, path).data;
    to->flags = json_is_true(json_object_get(value, "append")) ? SP_APPEND : 0;
  } else if (source != NULL) {
    const thing *process = find_thing(step, source, THING_PROCESS);
    to->kind = SP_HANDLE;
    to->handle = process != NULL ? sp_stream_handle(process->process, SP_OUT) : -1;
  } else {
    step_fail(step, "a stream of an unknown form");
  }
}

static bool read_stream(step *step, const char *name, json_t *value, sp_options *options) {
  if (strcmp(name, "stdin") == 0)
    read_stdio(step, value, &options->std_in);
  else if (strcmp(name, "stdout") == 0)
    read_stdio(step, value, &options->std_out);
  else if (strcmp(name, "stderr") == 0)
    read_stdio(step, value, &options->std_err);
  else
    return false;
  return true;
}

static const char *variable(step *step, const char *name, json_t *value) {
  if (json_is_null(value)) return name;
  const char *text = text_of(step, value).data;
  const size_t size = strlen(name) + strlen(text) + 2;
  char *entry = scope_alloc(&step->scope, size);
  snprintf(entry, size, "%s=%s", name, text);
  return entry;
}

static void read_env(step *step, json_t *object, sp_options *options) {
  const char **env = scope_alloc(&step->scope, (json_object_size(object) + 1) * sizeof *env);
  options->env = env;
  for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at))
    *env++ = variable(step, json_object_iter_key(at), json_object_iter_value(at));
}

static int32_t *numbers(step *step, json_t *list) {
  int32_t *all = scope_alloc(&step->scope, json_array_size(list) * sizeof *all);
  for (size_t i = 0; i < json_array_size(list); i++) all[i] = (int32_t)number_of(step, json_array_get(list, i));
  return all;
}

static void read_fd_map(step *step, json_t *object, sp_options *options) {
  sp_fd_map *map = scope_alloc(&step->scope, json_object_size(object) * sizeof *map);
  options->fd_map = map;
  for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
    sp_fd_map *entry = &map[options->fd_map_len++];
    if (sscanf(json_object_iter_key(at), "%d", &entry->child_fd) != 1) step_fail(step, "fd_map: no number");
    entry->host_fd = (int32_t)number_of(step, json_object_iter_value(at));
  }
}

static bool read_list(step *step, const char *name, json_t *value, sp_options *options) {
  if (strcmp(name, "env") == 0) {
    read_env(step, value, options);
  } else if (strcmp(name, "env_extend") == 0) {
    options->flags |= SP_ENV_EXTEND;
    read_env(step, value, options);
  } else if (strcmp(name, "fd_map") == 0) {
    read_fd_map(step, value, options);
  } else if (strcmp(name, "pass_fds") == 0) {
    options->pass_fds = numbers(step, value);
    options->pass_fds_len = json_array_size(value);
  } else if (strcmp(name, "groups") == 0) {
    options->flags |= SP_SET_GROUPS;
    options->groups = (uint32_t *)numbers(step, value);
    options->groups_len = json_array_size(value);
  } else {
    return false;
  }
  return true;
}

static bool read_text(step *step, const char *name, json_t *value, sp_options *options) {
  const char **field = strcmp(name, "executable") == 0 ? &options->executable
                       : strcmp(name, "cwd") == 0      ? &options->cwd
                       : strcmp(name, "user") == 0     ? &options->user
                       : strcmp(name, "group") == 0    ? &options->group
                                                       : NULL;
  if (field != NULL) *field = text_of(step, value).data;
  return field != NULL;
}

static bool read_limit(step *step, const char *name, json_t *value, sp_options *options) {
  int64_t *field = strcmp(name, "timeout_ms") == 0      ? &options->timeout_ms
                   : strcmp(name, "drain_ms") == 0      ? &options->drain_ms
                   : strcmp(name, "kill_grace_ms") == 0 ? &options->kill_grace_ms
                                                        : NULL;
  if (field != NULL) *field = number_of(step, value);
  return field != NULL;
}

typedef struct {
  const char *name;
  size_t offset;
  uint64_t flag;
} number_field;

/* Those of 32 bits. */
static const number_field number_fields[] = {
    {"uid", offsetof(sp_options, uid), SP_SET_UID},
    {"gid", offsetof(sp_options, gid), SP_SET_GID},
    {"umask", offsetof(sp_options, umask), SP_SET_UMASK},
    {"pipe_size", offsetof(sp_options, pipe_size), 0},
};

static bool read_number(step *step, const char *name, json_t *value, sp_options *options) {
  for (size_t i = 0; i < sizeof number_fields / sizeof *number_fields; i++) {
    if (strcmp(number_fields[i].name, name) != 0) continue;
    const int32_t number = (int32_t)number_of(step, value);
    memcpy((char *)options + number_fields[i].offset, &number, sizeof number);
    options->flags |= number_fields[i].flag;
    return true;
  }
  return false;
}

static int observe(void *arg, int stream, const void *data, size_t size) {
  step *observer = arg;
  observer->observed[stream] = joined(&observer->scope, observer->observed[stream], (bytes){(char *)data, size});
  return observer->observer_stops;
}

static bool read_other(step *step, const char *name, json_t *value, sp_options *options) {
  if (strcmp(name, "join_group") == 0) {
    options->flags |= SP_JOIN_GROUP;
    options->process_group = number_of(step, value);
  } else if (strcmp(name, "max_output") == 0) {
    options->max_output = (size_t)number_of(step, value);
  } else if (strcmp(name, "death_signal") == 0) {
    options->death_signal = signal_of(step, value);
  } else if (strcmp(name, "input") == 0) {
    const bytes input = data_of(step, value);
    options->input = input.data;
    options->input_len = input.size;
  } else if (strcmp(name, "on_output") == 0) {
    options->on_output = observe;
    options->on_output_arg = step;
    step->observer_stops = strcmp(json_string_value(value), "stop") == 0;
  } else if (strcmp(name, "cancel") == 0) {
    const thing *token = find_thing(step, json_string_value(value), THING_TOKEN);
    if (token != NULL) options->cancel = token->token;
  } else {
    return false;
  }
  return true;
}

sp_options *options_of(step *step, json_t *object) {
  sp_options *options = scope_alloc(&step->scope, sizeof *options);
  options->size = sizeof *options;
  for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
    const char *name = json_object_iter_key(at);
    json_t *value = json_object_iter_value(at);
    const bool known = read_flag(name, value, options) || read_stream(step, name, value, options) ||
                       read_list(step, name, value, options) || read_text(step, name, value, options) ||
                       read_limit(step, name, value, options) || read_number(step, name, value, options) ||
                       read_other(step, name, value, options);
    if (!known) step_fail(step, "no option is called \"%s\"", name);
  }
  return options;
}
