/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

static const int last_signal = 64;

static bytes new_bytes(step *step, size_t size) { return (bytes){scope_alloc(&step->scope, size + 1), size}; }

static bool is_fixed_number(const thing *thing) { return thing->kind == THING_PROCESS || thing->kind == THING_FILE; }

/* What ${name} stands for. */
static const char *variable(step *step, const char *name, size_t len) {
  if (len == 3 && strncmp(name, "tmp", len) == 0) return step->owner->directory;
  char *text = scope_alloc(&step->scope, 24);
  pthread_mutex_lock(&step->owner->lock);
  for (thing *one = step->owner->things; one != NULL && text[0] == 0; one = one->next)
    if (is_fixed_number(one) && strlen(one->name) == len && strncmp(one->name, name, len) == 0)
      snprintf(text, 24, "%" PRId64, one->kind == THING_PROCESS ? sp_pid(one->process) : (int64_t)one->fd);
  pthread_mutex_unlock(&step->owner->lock);
  if (text[0] == 0) step_fail(step, "nothing is called ${%.*s}", (int)len, name);
  return text;
}

/* Writes `text` with its variables replaced to `to`, unless that is NULL. @return the size */
static size_t expand(step *step, const char *text, size_t size, char *to) {
  size_t written = 0;
  for (const char *at = text, *end = text + size; at < end;) {
    const char *close = end - at > 2 && at[0] == '$' && at[1] == '{' ? memchr(at, '}', (size_t)(end - at)) : NULL;
    const char *piece = close != NULL ? variable(step, at + 2, (size_t)(close - at - 2)) : at;
    const size_t len = close != NULL ? strlen(piece) : 1;
    if (to != NULL) memcpy(to + written, piece, len);
    written += len;
    at = close != NULL ? close + 1 : at + 1;
  }
  return written;
}

bytes text_of(step *step, json_t *value) {
  const char *text = json_string_value(value);
  if (text == NULL) {
    step_fail(step, "a text is missing");
    return new_bytes(step, 0);
  }
  bytes result = new_bytes(step, expand(step, text, json_string_length(value), NULL));
  expand(step, text, json_string_length(value), result.data);
  return result;
}

static bytes hex_bytes(step *step, const char *digits) {
  bytes result = new_bytes(step, strlen(digits) / 2);
  for (size_t i = 0; i < result.size; i++) {
    const char pair[] = {digits[2 * i], digits[2 * i + 1], 0};
    result.data[i] = (char)strtoul(pair, NULL, 16);
  }
  return result;
}

static bytes repeated(step *step, bytes piece, size_t size) {
  bytes result = new_bytes(step, size);
  for (size_t i = 0; i < size && piece.size > 0; i++) result.data[i] = piece.data[i % piece.size];
  return result;
}

static bytes every_byte(step *step) {
  bytes result = new_bytes(step, 256);
  for (size_t i = 0; i < result.size; i++) result.data[i] = (char)i;
  return result;
}

bytes data_of(step *step, json_t *value) {
  if (json_is_string(value)) return text_of(step, value);
  const char *hex = json_string_value(json_object_get(value, "hex"));
  if (hex != NULL) return hex_bytes(step, hex);
  const size_t size = (size_t)json_integer_value(json_object_get(value, "size"));
  json_t *text = json_object_get(value, "repeat");
  if (text != NULL) return repeated(step, text_of(step, text), size);
  if (json_object_get(value, "pattern") != NULL) return repeated(step, every_byte(step), size);
  step_fail(step, "data of an unknown form");
  return new_bytes(step, 0);
}

const char *string_at(step *step, const char *key) { return text_of(step, json_object_get(step->spec, key)).data; }

int64_t number_of(step *step, json_t *value) {
  if (json_is_integer(value)) return json_integer_value(value);
  const char *text = text_of(step, value).data;
  char *end = NULL;
  const long long number = strtoll(text, &end, 10);
  if (end == text || *end != 0) step_fail(step, "\"%s\" is no number", text);
  return number;
}

int64_t limit_at(step *step, const char *key) {
  json_t *value = json_object_get(step->spec, key);
  return value == NULL ? SP_FOREVER : number_of(step, value);
}

int signal_of(step *step, json_t *value) {
  if (json_is_integer(value)) return (int)json_integer_value(value);
  const char *name = json_string_value(value);
  for (int number = 1; name != NULL && number <= last_signal; number++) {
    const char *abbreviation = sigabbrev_np(number);
    if (abbreviation != NULL && strcmp(abbreviation, name) == 0) return number;
  }
  step_fail(step, "no signal is called that");
  return 0;
}

int stream_named(const char *name) {
  static const char *const names[] = {"stdin", "stdout", "stderr"};
  for (int stream = SP_IN; name != NULL && stream <= SP_ERR; stream++)
    if (strcmp(names[stream], name) == 0) return stream;
  return -1;
}

int stream_at(step *step) {
  const int stream = stream_named(json_string_value(json_object_get(step->spec, "stream")));
  if (stream < 0) step_fail(step, "no stream is called that");
  return stream;
}

const char **argv_of(step *step, json_t *list) {
  const size_t size = json_array_size(list);
  if (!json_is_array(list)) step_fail(step, "\"argv\" is missing");
  const char **argv = scope_alloc(&step->scope, (size + 1) * sizeof *argv);
  for (size_t i = 0; i < size; i++) argv[i] = text_of(step, json_array_get(list, i)).data;
  return argv;
}
