/* SPDX-License-Identifier: MIT
 *
 * The environment of the child: inherited, replaced, or extended.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* Entries as the child sees them, each followed by a NUL. */
typedef struct {
  char *bytes;
  size_t len;
} entries;

static entries environment_of(const char *const *env, uint64_t flags) {
  sp_error err = SP_ERROR_INIT;
  sp_options options = {.size = sizeof options, .env = env, .flags = flags};
  entries seen = {NULL, 0};
  check_ok(sp_check_output(CHILD("environment"), &options, &seen.bytes, &seen.len, &err), err);
  char *copy = keep(malloc(seen.len + 1));
  memcpy(copy, seen.bytes, seen.len + 1);
  sp_mem_free(seen.bytes);
  return (entries){copy, seen.len};
}

static int count(entries seen, const char *entry) {
  int found = 0;
  for (size_t at = 0; at < seen.len; at += strlen(seen.bytes + at) + 1) found += strcmp(seen.bytes + at, entry) == 0;
  return found;
}

static int count_key(entries seen, const char *key) {
  int found = 0;
  for (size_t at = 0; at < seen.len; at += strlen(seen.bytes + at) + 1)
    found += strncmp(seen.bytes + at, key, strlen(key)) == 0 && seen.bytes[at + strlen(key)] == '=';
  return found;
}

static int total(entries seen) {
  int found = 0;
  for (size_t at = 0; at < seen.len; at += strlen(seen.bytes + at) + 1) found++;
  return found;
}

static void is_inherited_by_default(void **state) {
  (void)state;
  int own = 0;
  assert_int_equal(setenv("SP_TEST_FRUIT", "orange", 1), 0);
  entries seen = environment_of(NULL, 0), extended = environment_of(NULL, SP_ENV_EXTEND);
  for (char **entry = environ; *entry != NULL; entry++, own++) assert_int_equal(count(seen, *entry), 1);
  assert_int_equal(total(seen), own);
  assert_int_equal(total(extended), own);
  assert_int_equal(unsetenv("SP_TEST_FRUIT"), 0);
  assert_int_equal(count_key(environment_of(NULL, 0), "SP_TEST_FRUIT"), 0);
}

static void is_replaced_exactly(void **state) {
  (void)state;
  assert_int_equal(total(environment_of(LIST("FRUIT=orange"), 0)), 1);
  assert_int_equal(count(environment_of(LIST("FRUIT=orange"), 0), "FRUIT=orange"), 1);
  entries order = environment_of(LIST("B=2", "A=1", "C=3"), 0);
  assert_int_equal(order.len, 12);
  assert_memory_equal(order.bytes, "B=2\0A=1\0C=3\0", 12);
}

static void may_be_empty(void **state) {
  (void)state;
  static const char *const nothing[] = {NULL};
  assert_int_equal(environment_of(nothing, 0).len, 0);
}

static void keeps_every_byte(void **state) {
  (void)state;
  char all[256 + 2] = "V=";
  for (int i = 1; i < 256; i++) all[i + 1] = (char)i;
  entries seen = environment_of(LIST(all, "EMPTY=", "FORMULA=a=b=c", "\xff\xfe=undecodable", "LINES=a\nb"), 0);
  assert_int_equal(total(seen), 5);
  assert_int_equal(count(seen, all), 1);
  assert_int_equal(count(seen, "EMPTY="), 1);
  assert_int_equal(count(seen, "FORMULA=a=b=c"), 1);
  assert_int_equal(count(seen, "\xff\xfe=undecodable"), 1);
  assert_int_equal(count(seen, "LINES=a\nb"), 1);
}

static void may_be_large(void **state) {
  (void)state;
  enum { ENTRIES = 2000 };
  const char **env = keep(calloc(ENTRIES + 1, sizeof *env));
  for (int i = 0; i < ENTRIES; i++) env[i] = kept_text("KEY_%d=%0100d", i, i);
  entries seen = environment_of(env, 0);
  assert_int_equal(total(seen), ENTRIES);
  assert_int_equal(count(seen, env[ENTRIES - 1]), 1);
}

static void extending_adds_replaces_and_removes(void **state) {
  (void)state;
  assert_int_equal(setenv("SP_TEST_KEPT", "1", 1), 0);
  assert_int_equal(setenv("SP_TEST_CHANGED", "old", 1), 0);
  assert_int_equal(setenv("SP_TEST_REMOVED", "2", 1), 0);
  assert_int_equal(setenv("SP_TEST_REMOVED_LONGER", "3", 1), 0);
  int own = 0;
  while (environ[own] != NULL) own++;
  entries seen = environment_of(LIST("SP_TEST_NEW=4", "SP_TEST_CHANGED=new", "SP_TEST_REMOVED", "SP_TEST_NEVER_SET"),
                                SP_ENV_EXTEND);
  assert_int_equal(total(seen), own);
  assert_int_equal(count(seen, "SP_TEST_KEPT=1"), 1);
  assert_int_equal(count(seen, "SP_TEST_NEW=4"), 1);
  assert_int_equal(count(seen, "SP_TEST_CHANGED=new"), 1);
  assert_int_equal(count_key(seen, "SP_TEST_CHANGED"), 1);
  assert_int_equal(count_key(seen, "SP_TEST_REMOVED"), 0);
  assert_int_equal(count(seen, "SP_TEST_REMOVED_LONGER=3"), 1);
  assert_int_equal(count_key(seen, "SP_TEST_NEVER_SET"), 0);
  /* The host's own environment is as it was. */
  assert_string_equal(getenv("SP_TEST_CHANGED"), "old");
  assert_string_equal(getenv("SP_TEST_REMOVED"), "2");
  assert_null(getenv("SP_TEST_NEW"));
}

static void the_last_of_two_wins_when_extending(void **state) {
  (void)state;
  entries seen = environment_of(LIST("SP_TEST_TWICE=1", "SP_TEST_TWICE=2"), SP_ENV_EXTEND);
  assert_int_equal(count_key(seen, "SP_TEST_TWICE"), 1);
  assert_int_equal(count(seen, "SP_TEST_TWICE=2"), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(is_inherited_by_default),
      fixture_test(is_replaced_exactly),
      fixture_test(may_be_empty),
      fixture_test(keeps_every_byte),
      fixture_test(may_be_large),
      fixture_test(extending_adds_replaces_and_removes),
      fixture_test(the_last_of_two_wins_when_extending),
  };
  return run_fixture_tests(tests);
}
