/* SPDX-License-Identifier: MIT
 *
 * Descriptors beyond the standard streams: closed by default, passed under their own numbers or under others.
 */
#include "fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* An open file, each one another, at a number of at least `lowest`. */
static int open_at(int lowest, int flags) {
  static int names;
  int fd = open(path_in(fixture_directory(), kept_text("%d", names++)), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  check(fd >= 0);
  int placed = fcntl(fd, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, lowest);
  check(placed >= lowest && close(fd) == 0);
  return placed;
}

static int count_open(const char *list) {
  int count = 0;
  for (const char *line = list; *line != '\0'; line = strchr(line, '\n') + 1) count++;
  return count;
}

static void expect_file(const char *list, int child_fd, int host_fd) {
  open_file seen;
  check(find_open(list, child_fd, &seen));
  check(same_file(seen, open_file_of(host_fd)));
}

static void others_are_closed_by_default(void **state) {
  (void)state;
  int fds[] = {open_at(3, 0), open_at(20, 0), open_at(300, O_CLOEXEC), open_at(1000, 0)};
  const sp_options options = {.size = sizeof options};
  assert_int_equal(count_open(descriptors_of(&options)), 3);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(fcntl(fds[i], F_GETFD), i == 2 ? FD_CLOEXEC : 0);
    close_fd(&fds[i]);
  }
}

static void lower_the_limit(void *arg) {
  struct rlimit limit;
  (void)arg;
  int high = open_at(900, 0);
  check(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = 64;
  check(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  sp_options options = {.size = sizeof options};
  check(count_open(descriptors_of(&options)) == 3);
  const int32_t passed[] = {high};
  options.pass_fds = passed, options.pass_fds_len = 1;
  expect_file(descriptors_of(&options), high, high);
}

static void others_are_closed_above_a_lowered_limit(void **state) {
  (void)state;
  fixture_directory();
  in_forked_host(lower_the_limit, NULL);
}

static void others_may_be_kept(void **state) {
  (void)state;
  int kept_open = open_at(50, 0), on_exec = open_at(60, O_CLOEXEC), passed_too = open_at(70, O_CLOEXEC);
  const int32_t passed[] = {passed_too};
  sp_options options = {.size = sizeof options, .flags = SP_KEEP_FDS, .pass_fds = passed, .pass_fds_len = 1};
  const char *list = descriptors_of(&options);
  expect_file(list, kept_open, kept_open);
  expect_file(list, passed_too, passed_too);
  assert_false(find_open(list, on_exec, NULL));
  close_fd(&kept_open), close_fd(&on_exec), close_fd(&passed_too);
}

static void passed_descriptors_keep_their_numbers(void **state) {
  (void)state;
  int fds[] = {open_at(80, 0), open_at(7, O_CLOEXEC), open_at(500, O_CLOEXEC), open_at(81, 0), open_at(82, O_CLOEXEC)};
  const int32_t passed[] = {fds[2], fds[0], fds[1], fds[2]}; /* in no order, one of them twice */
  const sp_options options = {.size = sizeof options, .pass_fds = passed, .pass_fds_len = 4};
  const char *list = descriptors_of(&options);
  assert_int_equal(count_open(list), 3 + 3);
  for (int i = 0; i < 3; i++) expect_file(list, fds[i], fds[i]);
  assert_int_equal(fcntl(fds[0], F_GETFD), 0);
  assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
  for (int i = 0; i < 5; i++) close_fd(&fds[i]);
}

static void a_passed_descriptor_may_be_a_stream_too(void **state) {
  (void)state;
  int a = open_at(90, O_CLOEXEC), b = open_at(91, O_CLOEXEC);
  const int32_t passed[] = {a, b};
  sp_options options = {.size = sizeof options, .pass_fds = passed, .pass_fds_len = 2};
  options.std_in = (sp_stdio){SP_HANDLE, 0, a, NULL};
  options.std_out = options.std_err = (sp_stdio){SP_HANDLE, 0, b, NULL};
  const char *list = descriptors_of(&options);
  expect_file(list, 0, a), expect_file(list, 1, b), expect_file(list, 2, b);
  expect_file(list, a, a), expect_file(list, b, b);
  close_fd(&a), close_fd(&b);
}

static char *mapped(const sp_fd_map *map, size_t len, const sp_options *base) {
  sp_options options = *base;
  options.fd_map = map;
  options.fd_map_len = len;
  return descriptors_of(&options);
}

static void descriptors_may_be_renumbered(void **state) {
  (void)state;
  const sp_options plain = {.size = sizeof plain};
  int a = open_at(100, O_CLOEXEC), b = open_at(101, 0), c = open_at(102, O_CLOEXEC);
  const char *list = mapped((sp_fd_map[]){{3, a}, {4, a}, {700, b}, {5, 1}}, 4, &plain);
  expect_file(list, 3, a), expect_file(list, 4, a), expect_file(list, 700, b), expect_file(list, 5, 1);
  assert_int_equal(count_open(list), 3 + 4);
  list = mapped((sp_fd_map[]){{a, a}}, 1, &plain);
  expect_file(list, a, a);
  assert_int_equal(count_open(list), 3 + 1);
  list = mapped((sp_fd_map[]){{a, b}, {b, a}}, 2, &plain); /* swapped */
  expect_file(list, a, b), expect_file(list, b, a);
  list = mapped((sp_fd_map[]){{a, b}, {b, c}, {c, a}}, 3, &plain); /* in a ring */
  expect_file(list, a, b), expect_file(list, b, c), expect_file(list, c, a);
  list = mapped((sp_fd_map[]){{b, a}, {c, b}}, 2, &plain); /* in a chain, both ways */
  expect_file(list, b, a), expect_file(list, c, b);
  list = mapped((sp_fd_map[]){{b, c}, {a, b}}, 2, &plain);
  expect_file(list, b, c), expect_file(list, a, b);
  assert_int_equal(count_open(list), 3 + 2);
  close_fd(&a), close_fd(&b), close_fd(&c);
}

/* The numbers wanted are those that the library's own pipes, pidfd and spare descriptors are likely to have. */
static void numbers_of_the_librarys_own(void **state) {
  (void)state;
  enum { WANTED = 40 };
  int a = open_at(200, O_CLOEXEC);
  pipe_pair report = open_pipe();
  sp_fd_map map[WANTED];
  size_t len = 0;
  for (int fd = 3; fd < WANTED; fd++) {
    if (fd != report.write_end) map[len++] = (sp_fd_map){fd, a};
  }
  const int32_t passed[] = {report.write_end};
  sp_options options = {.size = sizeof options,
                        .flags = SP_CAPTURE,
                        .std_in.kind = SP_PIPE,
                        .pass_fds = passed,
                        .pass_fds_len = 1,
                        .fd_map = map,
                        .fd_map_len = len};
  sp_process *p = start(CHILD("descriptors", kept_text("%d", report.write_end)), &options);
  close_fd(&report.write_end);
  const char *list = drain(report.read_end, NULL);
  for (size_t i = 0; i < len; i++) expect_file(list, map[i].child_fd, a);
  for (int fd = 0; fd < 3; fd++) expect_file(list, fd, (int)sp_stream_handle(p, fd));
  assert_int_equal(count_open(list), (int)len + 3);
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
  close_fd(&report.read_end);
  close_fd(&a);
}

static void streams_and_numbers_may_cross(void **state) {
  (void)state;
  int a = open_at(110, O_CLOEXEC), b = open_at(111, O_CLOEXEC), c = open_at(112, O_CLOEXEC);
  const int32_t passed[] = {c};
  sp_options options = {.size = sizeof options,
                        .std_in = {SP_HANDLE, 0, a, NULL},
                        .std_out = {SP_HANDLE, 0, b, NULL},
                        .pass_fds = passed,
                        .pass_fds_len = 1};
  const char *list = mapped((sp_fd_map[]){{a, b}, {b, 1}, {3, c}}, 3, &options);
  expect_file(list, 0, a), expect_file(list, 1, b), expect_file(list, 2, 2);
  expect_file(list, a, b), expect_file(list, b, 1), expect_file(list, 3, c), expect_file(list, c, c);
  assert_int_equal(count_open(list), 3 + 4);
  close_fd(&a), close_fd(&b), close_fd(&c);
}

/* If the second child held the first one's pipe, the first would never see the end of its input. */
static void pipes_do_not_leak_into_other_children(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .flags = SP_KEEP_FDS};
  sp_process *first = start(CHILD("copy"), &options), *second = start(CHILD("stubborn"), &options);
  char byte;
  sp_error err = SP_ERROR_INIT;
  expect_line(second, "ready\n");
  assert_int_equal(sp_close_stream(first, SP_IN), SP_OK);
  assert_int_equal(sp_read(first, SP_OUT, &byte, 1, LONG_MS, &err), 0);
  assert_int_equal(wait_for(first), 0);
  assert_int_equal(sp_kill(second, NULL), SP_OK);
  assert_int_equal(wait_for(second), -9);
  sp_process_free(first);
  sp_process_free(second);
}

/* The descriptors above 2 that a program executed now would inherit. */
static int inheritable_count(void) {
  int count = 0;
  DIR *dir = opendir("/proc/self/fd");
  check(dir != NULL);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    int fd = atoi(entry->d_name);
    count += fd > 2 && fcntl(fd, F_GETFD) == 0;
  }
  closedir(dir);
  return count;
}

static void every_own_descriptor_is_close_on_exec(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_cancel *cancel = NULL;
  int open_before = open_fd_count(), inheritable_before = inheritable_count();
  check_ok(sp_cancel_new(&cancel, &err), err);
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .cancel = cancel};
  const sp_command stages[] = {{CHILD("speaker"), NULL}, {CHILD("speaker"), NULL}};
  sp_process *each[] = {start(CHILD("speaker"), &options), NULL};
  check_ok(sp_pipeline(stages, 2, &options, &each[1], &err), err);
  for (int i = 0; i < 2; i++) /* the pipeline brings an event loop along */
    check_fails(sp_communicate(each[i], NULL, 0, SHORT_MS, NULL, &err), SP_ETIMEDOUT, err);
  assert_true(open_fd_count() > open_before + 5);
  assert_int_equal(inheritable_count(), inheritable_before);
  for (int i = 0; i < 2; i++) {
    check_ok(sp_stop(each[i], 0, NULL, &err), err);
    sp_process_free(each[i]);
  }
  sp_cancel_free(cancel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(others_are_closed_by_default),
      fixture_test(others_are_closed_above_a_lowered_limit),
      fixture_test(others_may_be_kept),
      fixture_test(passed_descriptors_keep_their_numbers),
      fixture_test(a_passed_descriptor_may_be_a_stream_too),
      fixture_test(descriptors_may_be_renumbered),
      fixture_test(numbers_of_the_librarys_own),
      fixture_test(streams_and_numbers_may_cross),
      fixture_test(pipes_do_not_leak_into_other_children),
      fixture_test(every_own_descriptor_is_close_on_exec),
  };
  return run_fixture_tests(tests);
}
