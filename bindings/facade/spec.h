/* SPDX-License-Identifier: MIT
 *
 * What to start and how, built from option names and values: the one way from a language's keyword arguments (or from a
 * record of bytes, see record.h) to argv and sp_options. A spec owns copies of all it is given, but for the input.
 */
#ifndef LIBSUBPROCESS_BINDINGS_SPEC_H
#define LIBSUBPROCESS_BINDINGS_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libsubprocess/sp.h>

typedef struct spb_spec spb_spec;

/* Every option, by the number that records use. New ones go to the end. */
enum spb_option {
  SPB_ARGV,
  SPB_STAGES,
  SPB_INPUT,
  SPB_CANCEL,
  SPB_ON_OUTPUT,
  SPB_STDIN,
  SPB_STDOUT,
  SPB_STDERR,
  SPB_EXECUTABLE,
  SPB_CWD,
  SPB_USER,
  SPB_GROUP,
  SPB_ENV,
  SPB_ENV_EXTEND,
  SPB_PASS_FDS,
  SPB_FD_MAP,
  SPB_GROUPS,
  SPB_TIMEOUT_MS,
  SPB_DRAIN_MS,
  SPB_KILL_GRACE_MS,
  SPB_MAX_OUTPUT,
  SPB_PIPE_SIZE,
  SPB_DEATH_SIGNAL,
  SPB_JOIN_GROUP,
  SPB_UID,
  SPB_GID,
  SPB_UMASK,
  SPB_SHELL,
  SPB_CHECK,
  SPB_CAPTURE,
  SPB_KEEP_FDS,
  SPB_KEEP_SIGNALS,
  SPB_KEEP_SIGNAL_MASK,
  SPB_NEW_SESSION,
  SPB_NEW_GROUP,
  SPB_CONTROLLING_TTY,
  SPB_PIPEFAIL,
  SPB_KILL_ON_FREE,
  SPB_RETURN_ON_SIGNAL,
  SPB_UNIVERSAL_NEWLINES,
  SPB_KILL_GROUP_ON_TIMEOUT,
  SPB_OPTION_COUNT
};

/* What an option's value is, and which of the functions below takes it. */
enum spb_kind {
  SPB_KIND_ARGV,     /* texts: spb_add_argument */
  SPB_KIND_STAGES,   /* specs: spb_add_stage */
  SPB_KIND_INPUT,    /* bytes: spb_set_input */
  SPB_KIND_CANCEL,   /* a token: spb_set_cancel */
  SPB_KIND_OUTPUT,   /* a callback: spb_set_on_output */
  SPB_KIND_STDIO,    /* spb_set_stdio and its siblings */
  SPB_KIND_TEXT,     /* spb_set_text */
  SPB_KIND_ENV,      /* names and values: spb_begin_list, spb_add_variable */
  SPB_KIND_INTEGERS, /* spb_begin_list, spb_add_integer */
  SPB_KIND_PAIRS,    /* child_fd and host_fd: spb_begin_list, spb_add_pair */
  SPB_KIND_INTEGER,  /* spb_set_integer */
  SPB_KIND_FLAG      /* spb_set_integer: 0 or 1 */
};

/* The number of the option called `name` ("cwd", "new_session", ...), or -1. */
int spb_option_find(const char *name, size_t len);
const char *spb_option_name(int option);
enum spb_kind spb_option_kind(int option);

/* NULL without memory. */
spb_spec *spb_spec_new(void);
void spb_spec_free(spb_spec *spec);

/* All of these return SP_OK, or an sp_code with the sentence in `err`, which starts with SP_ERROR_INIT and is never
 * NULL. */
int spb_add_argument(spb_spec *spec, const char *text, size_t len, sp_error *err);
/* A further command of a pipeline; belongs to `spec`. NULL without memory. */
spb_spec *spb_add_stage(spb_spec *spec, sp_error *err);
/* The bytes are borrowed until the spec has been used. */
void spb_set_input(spb_spec *spec, const void *data, size_t len);
void spb_set_cancel(spb_spec *spec, sp_cancel *cancel);
void spb_set_on_output(spb_spec *spec, sp_output_fn on_output, void *arg);
void spb_set_preexec(spb_spec *spec, sp_preexec_fn preexec, void *arg);
int spb_set_integer(spb_spec *spec, int option, int64_t value, sp_error *err);
int spb_set_text(spb_spec *spec, int option, const char *text, size_t len, sp_error *err);
/* "inherit", "pipe", "devnull" or "stdout". */
int spb_set_stdio(spb_spec *spec, int option, const char *name, size_t len, sp_error *err);
int spb_set_stdio_fd(spb_spec *spec, int option, int64_t fd, sp_error *err);
int spb_set_stdio_path(spb_spec *spec, int option, const char *path, size_t len, bool append, sp_error *err);
/* An empty list is not the same as none. */
void spb_begin_list(spb_spec *spec, int option);
/* `value` is NULL to remove the variable (env_extend). */
int spb_add_variable(spb_spec *spec, int option, const char *name, size_t name_len, const char *value, size_t value_len,
                     sp_error *err);
int spb_add_integer(spb_spec *spec, int option, int64_t value, sp_error *err);
int spb_add_pair(spb_spec *spec, int option, int64_t child_fd, int64_t host_fd, sp_error *err);

/* What has been built; valid until the spec is changed or freed. */
const char *const *spb_spec_argv(const spb_spec *spec);
const sp_options *spb_spec_options(spb_spec *spec);
/* Starts it with `options`: one command, or the pipeline of its stages. */
int spb_spec_start(spb_spec *spec, const sp_options *options, sp_process **ret, sp_error *err);
/* Whether a limit was set: 0 is one, although sp_options takes it for none. */
bool spb_spec_has_timeout(const spb_spec *spec);
bool spb_spec_has_stages(const spb_spec *spec);
/* Whether a callback of the language runs in the forked child. */
bool spb_spec_has_preexec(const spb_spec *spec);

#endif
