/* SPDX-License-Identifier: MIT
 *
 * Runs the conformance cases in C: SP_CONFORMANCE_CASES=cases.json [SP_CONFORMANCE_RESULTS=c.json] run_c [CASE ...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *run_step(running_case *owner, json_t *spec) {
  step made = {.owner = owner, .spec = spec, .err = SP_ERROR_INIT};
  const int64_t started = now_ms();
  perform(&made);
  made.elapsed_ms = now_ms() - started;
  if (made.failure == NULL) check_expectations(&made);
  sp_result_free(made.result);
  sp_mem_free(made.list);
  scope_free(&made.scope);
  return made.failure;
}

char *run_steps(running_case *owner, json_t *steps) {
  for (size_t i = 0; i < json_array_size(steps); i++) {
    json_t *spec = json_array_get(steps, i);
    char *why = run_step(owner, spec);
    if (why == NULL) continue;
    char *text = NULL;
    if (asprintf(&text, "step %zu (%s): %s", i + 1, json_string_value(json_object_get(spec, "do")), why) < 0) abort();
    free(why);
    return text;
  }
  return NULL;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place) {
  (void)info, (void)kind, (void)place;
  return remove(path);
}

/* Its real path, to be freed. */
static char *make_directory(void) {
  char path[] = "/tmp/sp-conformance-XXXXXX";
  char *real = mkdtemp(path) != NULL ? realpath(path, NULL) : NULL;
  if (real != NULL) return real;
  perror(path);
  exit(1);
}

/* @return NULL, or why it failed; to be freed */
static char *run_case(json_t *spec) {
  char *directory = make_directory();
  running_case owner = {.directory = directory, .lock = PTHREAD_MUTEX_INITIALIZER};
  char *why = run_steps(&owner, json_object_get(spec, "steps"));
  release_things(&owner);
  pthread_mutex_destroy(&owner.lock);
  nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  free(directory);
  return why;
}

static const char *reason_to_skip(json_t *spec) {
  const char *needs = json_string_value(json_object_get(spec, "needs"));
  if (needs != NULL && strcmp(needs, "root") == 0 && geteuid() != 0) return "needs root";
  return json_string_value(json_object_get(json_object_get(spec, "not_in"), "c"));
}

static json_t *result_of(json_t *spec) {
  const char *skipped = reason_to_skip(spec);
  if (skipped != NULL) return json_sprintf("skip: %s", skipped);
  char *why = run_case(spec);
  json_t *result = why != NULL ? json_sprintf("fail: %s", why) : json_string("pass");
  free(why);
  return result;
}

static bool is_wanted(const char *name, int count, char **names) {
  for (int i = 0; i < count; i++)
    if (strcmp(names[i], name) == 0) return true;
  return count == 0;
}

/* @return the number of failures */
static int run_cases(json_t *cases, json_t *results, int count, char **names) {
  int failed = 0;
  for (size_t i = 0; i < json_array_size(cases); i++) {
    json_t *spec = json_array_get(cases, i);
    const char *name = json_string_value(json_object_get(spec, "name"));
    if (!is_wanted(name, count, names)) continue;
    json_t *result = result_of(spec);
    printf("%-50s %s\n", name, json_string_value(result));
    fflush(stdout);
    failed += strncmp(json_string_value(result), "fail", 4) == 0;
    json_object_set_new(results, name, result);
  }
  printf("%zu cases, %d failed\n", json_object_size(results), failed);
  return failed;
}

/* Whether it could be written, if it was asked for. */
static bool write_results(json_t *results) {
  const char *path = getenv("SP_CONFORMANCE_RESULTS");
  if (path == NULL) return true;
  json_t *file =
      json_pack("{s:s, s:s, s:O}", "language", "c", "version", "C99, " SP_VERSION_STRING, "results", results);
  const bool written = json_dump_file(file, path, JSON_INDENT(1)) == 0;
  json_decref(file);
  if (!written) perror(path);
  return written;
}

int main(int argc, char **argv) {
  json_error_t error;
  const char *path = getenv("SP_CONFORMANCE_CASES");
  json_t *file = json_load_file(path != NULL ? path : "cases.json", JSON_ALLOW_NUL, &error);
  if (file == NULL) {
    fprintf(stderr, "%s:%d: %s\n", error.source, error.line, error.text);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  json_t *results = json_object();
  const int failed = run_cases(json_object_get(file, "cases"), results, argc - 1, argv + 1);
  const bool written = write_results(results);
  json_decref(results);
  json_decref(file);
  return failed == 0 && written && argc >= 1 ? 0 : 1;
}
