/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case.h"

typedef void (*checker)(step *step, json_t *expected);

/* The beginning of some bytes, to be read by a human. */
static const char *shown(step *step, const void *data, size_t size) {
  const size_t most = 60;
  char *text = scope_alloc(&step->scope, 4 * most + 40);
  char *at = text;
  at += sprintf(at, "%zu bytes '", size);
  for (size_t i = 0; i < size && i < most; i++) {
    const unsigned char byte = ((const unsigned char *)data)[i];
    at += isprint(byte) ? sprintf(at, "%c", byte) : sprintf(at, "\\x%02x", byte);
  }
  sprintf(at, size > most ? "'..." : "'");
  return text;
}

static void check_bytes(step *step, const char *what, json_t *expected, const void *data, size_t size) {
  const bytes wanted = data_of(step, expected);
  if (wanted.size == size && (size == 0 || memcmp(wanted.data, data, size) == 0)) return;
  step_fail(step, "%s is %s, not %s", what, shown(step, data, size), shown(step, wanted.data, wanted.size));
}

static void check_number(step *step, const char *what, json_t *expected, int64_t seen) {
  const int64_t wanted = number_of(step, expected);
  if (seen != wanted) step_fail(step, "%s is %" PRId64 ", not %" PRId64, what, seen, wanted);
}

static void check_returncode(step *step, json_t *expected) {
  check_number(step, "returncode", expected, sp_result_returncode(step->result));
}

static void check_stream(step *step, json_t *expected, const char *what, int stream) {
  size_t size = 0;
  const void *data = sp_result_output(step->result, stream, &size);
  if (step->result == NULL)
    step_fail(step, "there is no result");
  else if (json_is_null(expected) && data != NULL)
    step_fail(step, "%s was captured: %s", what, shown(step, data, size));
  else if (!json_is_null(expected) && data == NULL)
    step_fail(step, "%s was not captured", what);
  else if (data != NULL)
    check_bytes(step, what, expected, data, size);
}

static void check_stdout(step *step, json_t *expected) { check_stream(step, expected, "stdout", SP_OUT); }
static void check_stderr(step *step, json_t *expected) { check_stream(step, expected, "stderr", SP_ERR); }

static void check_stages(step *step, json_t *expected) {
  const size_t count = json_array_size(expected);
  for (size_t i = 0; i < count; i++)
    check_number(step, "the return code of a stage", json_array_get(expected, i),
                 sp_result_stage_returncode(step->result, i));
  if (sp_result_stage_returncode(step->result, count) != SP_NO_RETURNCODE) step_fail(step, "there are more stages");
}

static void check_dropped(step *step, json_t *expected) {
  check_number(step, "dropped stdout", json_object_get(expected, "stdout"),
               (int64_t)sp_result_dropped(step->result, SP_OUT));
  check_number(step, "dropped stderr", json_object_get(expected, "stderr"),
               (int64_t)sp_result_dropped(step->result, SP_ERR));
}

static void check_observed(step *step, json_t *expected) {
  for (void *at = json_object_iter(expected); at != NULL; at = json_object_iter_next(expected, at)) {
    const bytes seen = step->observed[stream_named(json_object_iter_key(at))];
    check_bytes(step, "what on_output saw", json_object_iter_value(at), seen.data, seen.size);
  }
}

static void check_pipes_held(step *step, json_t *expected) {
  if ((sp_result_pipes_held(step->result) != 0) != json_is_true(expected)) step_fail(step, "pipes_held is wrong");
}

static void check_usage(step *step, json_t *expected) {
  sp_usage usage = {0};
  usage.size = sizeof usage;
  (void)expected;
  if (sp_result_usage(step->result, &usage) != SP_OK || usage.wall_us <= 0 || usage.max_rss_bytes <= 0)
    step_fail(step, "usage is not told");
}

static void check_list(step *step, json_t *expected) {
  size_t i = 0;
  for (; step->list != NULL && step->list[i] != NULL && i < json_array_size(expected); i++)
    check_bytes(step, "an element", json_array_get(expected, i), step->list[i], strlen(step->list[i]));
  if (step->list == NULL || step->list[i] != NULL || i < json_array_size(expected))
    step_fail(step, "the list has another length");
}

static void check_value(step *step, json_t *expected) {
  if (json_is_null(expected)) {
    if (step->value_kind != NULL_VALUE) step_fail(step, "the value is %" PRId64 ", not null", step->number);
  } else if (step->value_kind == BYTES_VALUE) {
    check_bytes(step, "the value", expected, step->data.data, step->data.size);
  } else if (step->value_kind == LIST_VALUE) {
    check_list(step, expected);
  } else if (step->value_kind == NUMBER_VALUE) {
    check_number(step, "the value", expected, step->number);
  } else {
    step_fail(step, "there is no value");
  }
}

static void check_at_least(step *step, json_t *expected) {
  if (step->elapsed_ms < json_integer_value(expected)) step_fail(step, "took only %" PRId64 " ms", step->elapsed_ms);
}

static void check_at_most(step *step, json_t *expected) {
  if (step->elapsed_ms > json_integer_value(expected)) step_fail(step, "took %" PRId64 " ms", step->elapsed_ms);
}

static void check_text(step *step, const char *what, json_t *expected, const char *seen) {
  if (expected == NULL) return;
  const char *wanted = text_of(step, expected).data;
  if (seen == NULL || strcmp(seen, wanted) != 0)
    step_fail(step, "%s is \"%s\", not \"%s\" (%s)", what, seen, wanted, step->err.message);
}

static void check_error(step *step, json_t *expected) {
  const sp_error *err = &step->err;
  json_t *stage = json_object_get(expected, "stage");
  json_t *part = json_object_get(expected, "message_has");
  check_text(step, "code", json_object_get(expected, "code"), sp_code_name(step->code));
  check_text(step, "step", json_object_get(expected, "step"), sp_step_name(err->step));
  check_text(step, "path", json_object_get(expected, "path"), err->path);
  check_text(step, "errno", json_object_get(expected, "errno"), strerrorname_np(err->sys_errno));
  if (stage != NULL) check_number(step, "stage", stage, err->stage);
  if (part != NULL && strstr(err->message, text_of(step, part).data) == NULL)
    step_fail(step, "\"%s\" tells something else", err->message);
}

static const struct {
  const char *name;
  checker function;
} checkers[] = {
    {"error", check_error},       {"returncode", check_returncode}, {"stdout", check_stdout},
    {"stderr", check_stderr},     {"stages", check_stages},         {"dropped", check_dropped},
    {"observed", check_observed}, {"pipes_held", check_pipes_held}, {"usage", check_usage},
    {"value", check_value},       {"at_least_ms", check_at_least},  {"at_most_ms", check_at_most},
};

static checker find_checker(const char *name) {
  for (size_t i = 0; i < sizeof checkers / sizeof *checkers; i++)
    if (strcmp(checkers[i].name, name) == 0) return checkers[i].function;
  return NULL;
}

void check_expectations(step *step) {
  json_t *expect = json_object_get(step->spec, "expect");
  if (step->code != SP_OK && json_object_get(expect, "error") == NULL)
    step_fail(step, "%s: %s", sp_code_name(step->code), step->err.message);
  for (void *at = json_object_iter(expect); at != NULL; at = json_object_iter_next(expect, at)) {
    const checker check = find_checker(json_object_iter_key(at));
    if (check == NULL)
      step_fail(step, "no expectation is called \"%s\"", json_object_iter_key(at));
    else
      check(step, json_object_iter_value(at));
  }
}
