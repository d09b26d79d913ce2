/* SPDX-License-Identifier: MIT
 *
 * User, groups and umask of the child. The tests that need root are skipped for others.
 */
#include "fixture.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534, DAEMON = 1 };

/* The child is a program of the system, since an ordinary user may have no way into the directory of our own. */
static char *status_of(const sp_options *options) { return output_of(LIST("cat", "/proc/self/status"), options); }

static void expect_ids(const char *status, const char *field, unsigned id) {
  assert_string_equal(field_of(status, field), kept_text("%u\t%u\t%u\t%u", id, id, id, id));
}

static void need_root(void) {
  if (geteuid() != 0) skip();
}

static void ids_are_inherited_by_default(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options};
  const char *status = status_of(&options), *own = file_content("/proc/self/status");
  assert_string_equal(field_of(status, "Uid"), field_of(own, "Uid"));
  assert_string_equal(field_of(status, "Gid"), field_of(own, "Gid"));
  assert_string_equal(field_of(status, "Groups"), field_of(own, "Groups"));
  assert_string_equal(field_of(status, "Umask"), field_of(own, "Umask"));
}

static void user_and_group_by_number(void **state) {
  (void)state;
  need_root();
  sp_options options = {.size = sizeof options, .flags = SP_SET_UID, .uid = 12345};
  const char *status = status_of(&options);
  expect_ids(status, "Uid", 12345);
  expect_ids(status, "Gid", getegid());
  options = (sp_options){.size = sizeof options, .flags = SP_SET_GID, .gid = 54321};
  status = status_of(&options);
  expect_ids(status, "Uid", 0);
  expect_ids(status, "Gid", 54321);
  options.flags = SP_SET_UID | SP_SET_GID, options.uid = 12345;
  status = status_of(&options);
  expect_ids(status, "Uid", 12345);
  expect_ids(status, "Gid", 54321);
}

static void user_and_group_by_name(void **state) {
  (void)state;
  need_root();
  const struct passwd *nobody = getpwnam("nobody");
  const struct group *daemons = getgrnam("daemon");
  if (nobody == NULL || daemons == NULL) skip();
  sp_options options = {.size = sizeof options, .user = "nobody"};
  const char *status = status_of(&options);
  expect_ids(status, "Uid", nobody->pw_uid);
  expect_ids(status, "Gid", getegid()); /* as in Python, the user's own groups are not taken over */
  options.group = "daemon";
  status = status_of(&options);
  expect_ids(status, "Uid", nobody->pw_uid);
  expect_ids(status, "Gid", daemons->gr_gid);
  options.user = NULL;
  expect_ids(status_of(&options), "Uid", 0);
}

static void check_groups(uint64_t flags, const uint32_t *groups, size_t len, const char *expected) {
  sp_options options = {.size = sizeof options,
                        .flags = flags,
                        .groups = groups,
                        .groups_len = len,
                        .uid = flags & SP_SET_UID ? NOBODY : 0};
  const char *seen = field_of(status_of(&options), "Groups");
  check(seen != NULL);
  check(strncmp(seen, expected, strlen(expected)) == 0 &&
        strspn(seen + strlen(expected), " ") == strlen(seen + strlen(expected)));
}

static void use_groups(void *arg) {
  const gid_t own[] = {7, 8};
  static const uint32_t some[] = {5, 6, 100000};
  (void)arg;
  check(setgroups(2, own) == 0);
  check_groups(0, NULL, 0, "7 8");
  check_groups(SP_SET_UID, NULL, 0, "7 8");
  check_groups(SP_SET_GROUPS, some, 3, "5 6 100000");
  check_groups(SP_SET_GROUPS | SP_SET_UID, some, 3, "5 6 100000");
  check_groups(SP_SET_GROUPS, NULL, 0, "");
  check_groups(SP_SET_GROUPS | SP_SET_UID, some, 0, "");
  check(getgroups(0, NULL) == 2);
}

static void supplementary_groups(void **state) {
  (void)state;
  need_root();
  in_forked_host(use_groups, NULL);
}

static void umask_is_set(void **state) {
  (void)state;
  static const unsigned masks[] = {0, 027, 0777, 0123};
  mode_t own = umask(022);
  for (size_t i = 0; i < 4; i++) {
    const sp_options options = {.size = sizeof options, .flags = SP_SET_UMASK, .umask = masks[i]};
    assert_int_equal(number_of(status_of(&options), "Umask", 8), masks[i]);
  }
  const sp_options plain = {.size = sizeof plain};
  assert_int_equal(number_of(status_of(&plain), "Umask", 8), 022);
  assert_int_equal(umask(own), 022);
}

/* Changing the ids of a child that shares the host's memory must not cost the host its core dumps and debugger. */
static void the_host_stays_as_it_was(void **state) {
  (void)state;
  need_root();
  assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
  const char *before = file_content("/proc/self/status");
  static const uint32_t groups[] = {5};
  const sp_options options = {.size = sizeof options,
                              .flags = SP_SET_UID | SP_SET_GID | SP_SET_GROUPS | SP_SET_UMASK,
                              .uid = NOBODY,
                              .gid = NOBODY,
                              .groups = groups,
                              .groups_len = 1,
                              .umask = 077};
  expect_ids(status_of(&options), "Uid", NOBODY);
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_run(LIST("/no/such/program"), &options, NULL, &err), SP_ENOTFOUND, err);
  const char *after = file_content("/proc/self/status");
  static const char *const fields[] = {"Uid", "Gid", "Groups", "Umask", "CapEff", "CapPrm", "SigBlk"};
  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    assert_string_equal(field_of(after, fields[i]), field_of(before, fields[i]));
  assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
}

static void expect_refused(const sp_options *options, int step) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_popen(LIST("true"), options, &p, &err), SP_EACCESS, err);
  check(err.step == step && err.sys_errno == EPERM && p == NULL);
  check(!has_children());
}

static void ask_for_too_much(void *arg) {
  (void)arg;
  static const uint32_t groups[] = {5};
  sp_options options = {.size = sizeof options, .flags = SP_SET_UID};
  expect_refused(&options, SP_AT_UID);
  options = (sp_options){.size = sizeof options, .user = "root"};
  expect_refused(&options, SP_AT_UID);
  options = (sp_options){.size = sizeof options, .flags = SP_SET_GID};
  expect_refused(&options, SP_AT_GID);
  options = (sp_options){.size = sizeof options, .flags = SP_SET_GROUPS, .groups = groups, .groups_len = 1};
  expect_refused(&options, SP_AT_GROUPS);
  options = (sp_options){.size = sizeof options, .flags = SP_SET_GROUPS};
  expect_refused(&options, SP_AT_GROUPS);
  options = (sp_options){.size = sizeof options, .flags = SP_SET_UID | SP_SET_GID, .uid = geteuid(), .gid = getegid()};
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_run(LIST("true"), &options, NULL, &err), err); /* one's own ids are no privilege */
}

static void ordinary_users_are_refused(void **state) {
  (void)state;
  as_ordinary_user(ask_for_too_much, NULL);
}

static void expect_unknown(const sp_options *options, int step, const char *name) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_popen(LIST("true"), options, &p, &err), SP_ENOTFOUND, err);
  assert_int_equal(err.step, step);
  assert_string_equal(err.path, name);
  assert_non_null(strstr(err.message, name));
}

static void unknown_names(void **state) {
  (void)state;
  static const char *const names[] = {"no-such-name-anywhere", "0", "-1"};
  for (size_t i = 0; i < 3; i++) {
    const sp_options user = {.size = sizeof user, .user = names[i]}, group = {.size = sizeof group, .group = names[i]};
    expect_unknown(&user, SP_AT_UID, names[i]);
    expect_unknown(&group, SP_AT_GID, names[i]);
  }
}

/* The program is executed with the new ids, but cwd is entered before, with the host's: as in Python. */
static void the_child_has_the_users_rights(void **state) {
  (void)state;
  need_root();
  const char *dir = fixture_directory(), *secret = path_in(dir, "secret"), *tool = path_in(dir, "tool"),
             *home = path_in(dir, "home");
  make_file(secret, "secret", 0600);
  make_file(tool, "#!/bin/sh\n", 0700);
  assert_int_equal(mkdir(home, 0700), 0);
  sp_options options = {.size = sizeof options,
                        .flags = SP_SET_UID | SP_SET_GID | SP_SET_GROUPS,
                        .uid = NOBODY,
                        .gid = NOBODY,
                        .std_err.kind = SP_DEVNULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_run(LIST("cat", secret), &options, &result, &err), err);
  assert_int_equal(sp_result_returncode(result), 1);
  sp_result_free(result);
  check_fails(sp_run(LIST(tool), &options, NULL, &err), SP_EACCESS, err);
  assert_int_equal(err.step, SP_AT_EXEC);
  options.cwd = home;
  assert_string_equal(output_of(LIST("/bin/echo", "inside"), &options), "inside\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(ids_are_inherited_by_default),
      fixture_test(user_and_group_by_number),
      fixture_test(user_and_group_by_name),
      fixture_test(supplementary_groups),
      fixture_test(umask_is_set),
      fixture_test(the_host_stays_as_it_was),
      fixture_test(ordinary_users_are_refused),
      fixture_test(unknown_names),
      fixture_test(the_child_has_the_users_rights),
  };
  return run_fixture_tests(tests);
}
