/* SPDX-License-Identifier: MIT
 *
 * One conformance case while it runs in C: what its steps have made, and what a step gave. README.md tells the format.
 */
#ifndef LIBSUBPROCESS_CONFORMANCE_CASE_H
#define LIBSUBPROCESS_CONFORMANCE_CASE_H

#include <jansson.h>
#include <libsubprocess/sp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char *data; /* with a NUL after it */
  size_t size;
} bytes;

/* Memory that lives as long as one step. */
typedef struct scope_block scope_block;
typedef struct {
  scope_block *blocks;
} scope;

/* Zeroed; never NULL. */
void *scope_alloc(scope *scope, size_t size);
void scope_free(scope *scope);
/* A copy of both, one after the other. */
bytes joined(scope *scope, bytes first, bytes second);

typedef enum { THING_PROCESS, THING_TOKEN, THING_FILE, THING_THREAD } thing_kind;

typedef struct running_case running_case;

/* What a step made with "as". */
typedef struct thing {
  thing_kind kind;
  const char *name;
  sp_process *process;
  bool closed;
  sp_cancel *token;
  int fd;
  pthread_t thread;
  bool joined;
  json_t *steps;
  running_case *owner;
  char *failure; /* of the thread: what failed in it */
  struct thing *next;
} thing;

struct running_case {
  const char *directory;
  pthread_mutex_t lock; /* of `things` */
  thing *things;
};

/* A step that has been made. */
typedef struct {
  running_case *owner;
  json_t *spec;
  scope scope;
  char *failure; /* NULL while all is well; to be freed */
  int code;
  sp_error err;
  sp_result *result;
  enum { NO_VALUE, NULL_VALUE, NUMBER_VALUE, BYTES_VALUE, LIST_VALUE } value_kind;
  int64_t number;
  bytes data;
  char **list;       /* of sp_split() */
  bytes observed[3]; /* what on_output was given, by stream */
  bool observer_stops;
  int64_t elapsed_ms;
} step;

/* Says why the step fails; the first reason stays. */
void step_fail(step *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Runs the steps until one fails. @return NULL, or why; to be freed */
char *run_steps(running_case *owner, json_t *steps);

/* verb.c: makes one step. */
void perform(step *step);
/* expect.c: compares what came with what was expected. */
void check_expectations(step *step);

/* things.c */
thing *make_thing(step *step, thing_kind kind);
/* The thing that the step's `key` names; NULL and a failed step if there is none of that kind. */
thing *find_thing(step *step, const char *name, thing_kind kind);
thing *thing_of(step *step, thing_kind kind);
/* Ends and releases all of them. */
void release_things(running_case *owner);

/* data.c: values of a case, with their ${...} replaced. A wrong one fails the step. */
bytes text_of(step *step, json_t *value);
bytes data_of(step *step, json_t *value);
/* -1 if no stream is called that. */
int stream_named(const char *name);
const char *string_at(step *step, const char *key);
int64_t number_of(step *step, json_t *value);
/* -1, SP_FOREVER, if it is not there. */
int64_t limit_at(step *step, const char *key);
int signal_of(step *step, json_t *value);
int stream_at(step *step);
const char **argv_of(step *step, json_t *list);

/* options.c: NULL of `object` are the defaults. */
sp_options *options_of(step *step, json_t *object);

#endif
