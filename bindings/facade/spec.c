/* SPDX-License-Identifier: MIT */
#include "spec.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "option_table.h"

struct spb_spec {
  spb_arena arena;
  spb_list argv;      /* const char * */
  spb_list variables; /* const char * */
  spb_list pass_fds;  /* int32_t */
  spb_list fd_map;    /* sp_fd_map */
  spb_list groups;    /* uint32_t */
  spb_list commands;  /* sp_command, made when it is started */
  sp_options options;
  bool has_timeout;
  bool has_stages;
  spb_spec *stages; /* in order */
  spb_spec *last_stage;
  spb_spec *next;
};

static int fail(sp_error *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int fail(sp_error *err, int code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  err->code = code;
  err->step = SP_AT_CALL;
  vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  return code;
}

static int out_of_memory(sp_error *err) { return fail(err, SP_ENOMEM, "no memory"); }

spb_spec *spb_spec_new(void) {
  spb_spec *spec = calloc(1, sizeof *spec);
  if (spec == NULL) return NULL;
  spec->options.size = sizeof spec->options;
  return spec;
}

static void release(spb_spec *spec) {
  free(spec->argv.items);
  free(spec->variables.items);
  free(spec->pass_fds.items);
  free(spec->fd_map.items);
  free(spec->groups.items);
  free(spec->commands.items);
  spb_arena_release(&spec->arena);
  free(spec);
}

void spb_spec_free(spb_spec *spec) {
  if (spec == NULL) return;
  for (spb_spec *stage = spec->stages, *next; stage != NULL; stage = next) {
    next = stage->next;
    release(stage);
  }
  release(spec);
}

/* -- texts --------------------------------------------------------------------------------------------------------------- */

/* Copies a text that must not contain a NUL. `what` names it in the sentence. */
static const char *copy(spb_spec *spec, const char *what, const char *text, size_t len, sp_error *err) {
  if (len > 0 && memchr(text, 0, len) != NULL) {
    fail(err, SP_EINVAL, "%s contains a NUL byte", what);
    return NULL;
  }
  char *own = spb_arena_take(&spec->arena, len + 1);
  if (own == NULL) {
    out_of_memory(err);
    return NULL;
  }
  if (len > 0) memcpy(own, text, len);
  own[len] = 0;
  return own;
}

/* Adds a pointer to a list that always has a NULL behind its end. */
static int add_pointer(spb_list *list, const char *pointer, sp_error *err) {
  const char **items = spb_list_reserve(list, 2, sizeof *items);
  if (items == NULL) return out_of_memory(err);
  items[list->count++] = pointer;
  items[list->count] = NULL;
  return SP_OK;
}

int spb_add_argument(spb_spec *spec, const char *text, size_t len, sp_error *err) {
  char what[32];
  snprintf(what, sizeof what, "argv[%zu]", spec->argv.count);
  const char *own = copy(spec, what, text, len, err);
  return own == NULL ? err->code : add_pointer(&spec->argv, own, err);
}

static const char **text_field(spb_spec *spec, int option) {
  switch (option) {
    case SPB_EXECUTABLE:
      return &spec->options.executable;
    case SPB_CWD:
      return &spec->options.cwd;
    case SPB_USER:
      return &spec->options.user;
    default:
      return &spec->options.group;
  }
}

int spb_set_text(spb_spec *spec, int option, const char *text, size_t len, sp_error *err) {
  if (spb_option_kind(option) != SPB_KIND_TEXT)
    return fail(err, SP_EINVAL, "%s does not take a text", spb_option_name(option));
  const char *own = copy(spec, spb_option_name(option), text, len, err);
  if (own == NULL) return err->code;
  *text_field(spec, option) = own;
  return SP_OK;
}

/* -- environment --------------------------------------------------------------------------------------------------------- */

static int check_variable(const char *name, size_t name_len, const char *value, size_t value_len, sp_error *err) {
  const int shown = name_len < 100 ? (int)name_len : 100;
  if (name_len == 0) return fail(err, SP_EINVAL, "env has a variable with an empty name");
  if (memchr(name, 0, name_len) != NULL) return fail(err, SP_EINVAL, "env has a name with a NUL byte");
  if (memchr(name, '=', name_len) != NULL)
    return fail(err, SP_EINVAL, "env has the name '%.*s', which contains '='", shown, name);
  if (value_len > 0 && memchr(value, 0, value_len) != NULL)
    return fail(err, SP_EINVAL, "env['%.*s'] contains a NUL byte", shown, name);
  return SP_OK;
}

int spb_add_variable(spb_spec *spec, int option, const char *name, size_t name_len, const char *value, size_t value_len,
                     sp_error *err) {
  if (check_variable(name, name_len, value, value_len, err) != SP_OK) return err->code;
  if (value == NULL && option != SPB_ENV_EXTEND)
    return fail(err, SP_EINVAL, "env can remove a variable only as env_extend");
  char *own = spb_arena_take(&spec->arena, name_len + value_len + 2);
  if (own == NULL) return out_of_memory(err);
  memcpy(own, name, name_len);
  if (value != NULL) {
    own[name_len] = '=';
    if (value_len > 0) memcpy(own + name_len + 1, value, value_len);
    name_len += value_len + 1;
  }
  own[name_len] = 0;
  return add_pointer(&spec->variables, own, err);
}

/* -- numbers ------------------------------------------------------------------------------------------------------------- */

static int out_of_range(int option, int64_t value, sp_error *err) {
  return fail(err, SP_EINVAL, "%s is %lld, which is out of range", spb_option_name(option), (long long)value);
}

int spb_set_integer(spb_spec *spec, int option, int64_t value, sp_error *err) {
  const spb_integer_field *field = spb_integer_field_of(option);
  if (field == NULL) return fail(err, SP_EINVAL, "%s does not take a number", spb_option_name(option));
  if (value < field->least || value > field->most) return out_of_range(option, value, err);
  char *at = (char *)&spec->options + field->offset;
  if (field->size == 0) { /* a flag */
    spec->options.flags = value != 0 ? spec->options.flags | field->flag : spec->options.flags & ~field->flag;
    return SP_OK;
  }
  if (field->size == 4)
    memcpy(at, &(int32_t){(int32_t)(uint32_t)value}, 4);
  else
    memcpy(at, &value, 8);
  spec->options.flags |= field->flag;
  if (option == SPB_TIMEOUT_MS) spec->has_timeout = value != SP_FOREVER;
  return SP_OK;
}

void spb_begin_list(spb_spec *spec, int option) {
  switch (option) {
    case SPB_ENV:
    case SPB_ENV_EXTEND:
      spec->variables.count = 0;
      spec->variables.begun = true;
      spec->options.flags &= ~(uint64_t)SP_ENV_EXTEND;
      if (option == SPB_ENV_EXTEND) spec->options.flags |= SP_ENV_EXTEND;
      break;
    case SPB_GROUPS:
      spec->groups.count = 0;
      spec->options.flags |= SP_SET_GROUPS;
      break;
    case SPB_PASS_FDS:
      spec->pass_fds.count = 0;
      break;
    case SPB_FD_MAP:
      spec->fd_map.count = 0;
      break;
    case SPB_ARGV:
      spec->argv.count = 0;
      break;
    case SPB_STAGES:
      spec->has_stages = true;
      break;
    default:
      break;
  }
}

int spb_add_integer(spb_spec *spec, int option, int64_t value, sp_error *err) {
  if (option == SPB_GROUPS) {
    if (value < 0 || value > UINT32_MAX) return out_of_range(option, value, err);
    uint32_t *groups = spb_list_reserve(&spec->groups, 1, sizeof *groups);
    if (groups == NULL) return out_of_memory(err);
    groups[spec->groups.count++] = (uint32_t)value;
    return SP_OK;
  }
  if (option != SPB_PASS_FDS) return fail(err, SP_EINVAL, "%s is not a list of numbers", spb_option_name(option));
  if (value < 0 || value > INT32_MAX) return out_of_range(option, value, err);
  int32_t *fds = spb_list_reserve(&spec->pass_fds, 1, sizeof *fds);
  if (fds == NULL) return out_of_memory(err);
  fds[spec->pass_fds.count++] = (int32_t)value;
  return SP_OK;
}

int spb_add_pair(spb_spec *spec, int option, int64_t child_fd, int64_t host_fd, sp_error *err) {
  if (option != SPB_FD_MAP) return fail(err, SP_EINVAL, "%s is not a map of descriptors", spb_option_name(option));
  if (child_fd < 0 || child_fd > INT32_MAX) return out_of_range(option, child_fd, err);
  if (host_fd < 0 || host_fd > INT32_MAX) return out_of_range(option, host_fd, err);
  sp_fd_map *map = spb_list_reserve(&spec->fd_map, 1, sizeof *map);
  if (map == NULL) return out_of_memory(err);
  map[spec->fd_map.count++] = (sp_fd_map){(int32_t)child_fd, (int32_t)host_fd};
  return SP_OK;
}

/* -- streams and what is only handed on -------------------------------------------------------------------------------- */

static sp_stdio *stdio_field(spb_spec *spec, int option, sp_error *err) {
  switch (option) {
    case SPB_STDIN:
      return &spec->options.std_in;
    case SPB_STDOUT:
      return &spec->options.std_out;
    case SPB_STDERR:
      return &spec->options.std_err;
    default:
      fail(err, SP_EINVAL, "%s is not a stream", spb_option_name(option));
      return NULL;
  }
}

int spb_set_stdio(spb_spec *spec, int option, const char *name, size_t len, sp_error *err) {
  static const char *const names[] = {"inherit", "pipe", "devnull", "stdout"}; /* in the order of sp_stdio_kind */
  sp_stdio *field = stdio_field(spec, option, err);
  if (field == NULL) return err->code;
  for (int kind = 0; kind < (int)(sizeof names / sizeof names[0]); kind++)
    if (strlen(names[kind]) == len && memcmp(names[kind], name, len) == 0) {
      *field = (sp_stdio){.kind = kind};
      return SP_OK;
    }
  return fail(err, SP_EINVAL, "%s is '%.*s', which is no kind of stream", spb_option_name(option),
              len < 100 ? (int)len : 100, name);
}

int spb_set_stdio_fd(spb_spec *spec, int option, int64_t fd, sp_error *err) {
  sp_stdio *field = stdio_field(spec, option, err);
  if (field == NULL) return err->code;
  if (fd < 0 || fd > INT32_MAX) return out_of_range(option, fd, err);
  *field = (sp_stdio){.kind = SP_HANDLE, .handle = (intptr_t)fd};
  return SP_OK;
}

int spb_set_stdio_path(spb_spec *spec, int option, const char *path, size_t len, bool append, sp_error *err) {
  sp_stdio *field = stdio_field(spec, option, err);
  if (field == NULL) return err->code;
  const char *own = copy(spec, spb_option_name(option), path, len, err);
  if (own == NULL) return err->code;
  *field = (sp_stdio){.kind = SP_FILE, .flags = append ? SP_APPEND : 0, .path = own};
  return SP_OK;
}

void spb_set_input(spb_spec *spec, const void *data, size_t len) {
  spec->options.input = data != NULL ? data : ""; /* no bytes are not the same as no input */
  spec->options.input_len = len;
}

void spb_set_cancel(spb_spec *spec, sp_cancel *cancel) { spec->options.cancel = cancel; }

void spb_set_on_output(spb_spec *spec, sp_output_fn on_output, void *arg) {
  spec->options.on_output = on_output;
  spec->options.on_output_arg = arg;
}

void spb_set_preexec(spb_spec *spec, sp_preexec_fn preexec, void *arg) {
  spec->options.preexec = preexec;
  spec->options.preexec_arg = arg;
}

/* -- what has been built ------------------------------------------------------------------------------------------------- */

spb_spec *spb_add_stage(spb_spec *spec, sp_error *err) {
  spb_spec *stage = spb_spec_new();
  if (stage == NULL) {
    out_of_memory(err);
    return NULL;
  }
  spec->has_stages = true;
  if (spec->last_stage == NULL)
    spec->stages = stage;
  else
    spec->last_stage->next = stage;
  spec->last_stage = stage;
  return stage;
}

const char *const *spb_spec_argv(const spb_spec *spec) {
  static const char *const none[] = {NULL};
  return spec->argv.count == 0 ? none : (const char *const *)spec->argv.items;
}

const sp_options *spb_spec_options(spb_spec *spec) {
  static const char *const none[] = {NULL};
  sp_options *options = &spec->options;
  if (spec->variables.begun)
    options->env = spec->variables.count == 0 ? none : (const char *const *)spec->variables.items;
  options->pass_fds = spec->pass_fds.items;
  options->pass_fds_len = spec->pass_fds.count;
  options->fd_map = spec->fd_map.items;
  options->fd_map_len = spec->fd_map.count;
  options->groups = spec->groups.items;
  options->groups_len = spec->groups.count;
  return options;
}

static bool is_default(spb_spec *stage) {
  sp_options none;
  memset(&none, 0, sizeof none);
  none.size = sizeof none;
  return memcmp(spb_spec_options(stage), &none, sizeof none) == 0;
}

int spb_spec_start(spb_spec *spec, const sp_options *options, sp_process **ret, sp_error *err) {
  if (!spec->has_stages) return sp_popen(spb_spec_argv(spec), options, ret, err);
  if (spec->argv.count > 0) return fail(err, SP_EINVAL, "argv and stages exclude each other");
  spec->commands.count = 0;
  for (spb_spec *stage = spec->stages; stage != NULL; stage = stage->next) {
    sp_command *commands = spb_list_reserve(&spec->commands, 1, sizeof *commands);
    if (commands == NULL) return out_of_memory(err);
    /* A stage without options of its own has the pipeline's. */
    commands[spec->commands.count++] =
        (sp_command){spb_spec_argv(stage), is_default(stage) ? NULL : spb_spec_options(stage)};
  }
  return sp_pipeline(spec->commands.items, spec->commands.count, options, ret, err);
}

bool spb_spec_has_timeout(const spb_spec *spec) { return spec->has_timeout; }
bool spb_spec_has_stages(const spb_spec *spec) { return spec->has_stages; }
bool spb_spec_has_preexec(const spb_spec *spec) { return spec->options.preexec != NULL; }
