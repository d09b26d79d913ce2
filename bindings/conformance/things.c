/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

struct scope_block {
  scope_block *next;
  long double memory[]; /* aligned for anything */
};

static void *allocate(size_t size) {
  void *memory = calloc(1, size);
  if (memory != NULL) return memory;
  fputs("out of memory\n", stderr);
  exit(1);
}

void *scope_alloc(scope *scope, size_t size) {
  scope_block *block = allocate(sizeof *block + size);
  block->next = scope->blocks;
  scope->blocks = block;
  return block->memory;
}

void scope_free(scope *scope) {
  while (scope->blocks != NULL) {
    scope_block *next = scope->blocks->next;
    free(scope->blocks);
    scope->blocks = next;
  }
}

bytes joined(scope *scope, bytes first, bytes second) {
  const bytes both = {scope_alloc(scope, first.size + second.size + 1), first.size + second.size};
  if (first.size > 0) memcpy(both.data, first.data, first.size);
  if (second.size > 0) memcpy(both.data + first.size, second.data, second.size);
  return both;
}

void step_fail(step *step, const char *format, ...) {
  if (step->failure != NULL) return;
  va_list args;
  va_start(args, format);
  if (vasprintf(&step->failure, format, args) < 0) abort();
  va_end(args);
}

thing *make_thing(step *step, thing_kind kind) {
  const char *name = json_string_value(json_object_get(step->spec, "as"));
  if (name == NULL) {
    step_fail(step, "\"as\" is missing");
    return NULL;
  }
  thing *made = allocate(sizeof *made);
  made->kind = kind;
  made->name = name;
  made->fd = -1;
  made->owner = step->owner;
  pthread_mutex_lock(&step->owner->lock);
  made->next = step->owner->things;
  step->owner->things = made;
  pthread_mutex_unlock(&step->owner->lock);
  return made;
}

thing *find_thing(step *step, const char *name, thing_kind kind) {
  pthread_mutex_lock(&step->owner->lock);
  thing *found = step->owner->things;
  while (found != NULL && (found->kind != kind || strcmp(found->name, name) != 0)) found = found->next;
  pthread_mutex_unlock(&step->owner->lock);
  if (found == NULL) step_fail(step, "nothing of that kind is called \"%s\"", name);
  return found;
}

thing *thing_of(step *step, thing_kind kind) {
  const char *name = json_string_value(json_object_get(step->spec, "of"));
  if (name != NULL) return find_thing(step, name, kind);
  step_fail(step, "\"of\" is missing");
  return NULL;
}

/* Nothing may block afterwards: children die, calls are woken. */
static void end_thing(thing *thing) {
  if (thing->token != NULL) sp_cancel_trigger(thing->token);
  if (thing->process == NULL || thing->closed) return;
  sp_kill(thing->process, NULL);
  sp_close(thing->process);
}

static void release_thing(thing *thing) {
  sp_process_free(thing->process);
  sp_cancel_free(thing->token);
  if (thing->fd >= 0) close(thing->fd);
  free(thing->failure);
  free(thing);
}

void release_things(running_case *owner) {
  for (thing *one = owner->things; one != NULL; one = one->next) end_thing(one);
  for (thing *one = owner->things; one != NULL; one = one->next)
    if (one->kind == THING_THREAD && !one->joined) pthread_join(one->thread, NULL);
  while (owner->things != NULL) {
    thing *next = owner->things->next;
    release_thing(owner->things);
    owner->things = next;
  }
}
