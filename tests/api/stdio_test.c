/* SPDX-License-Identifier: MIT
 *
 * What the standard streams of the child are connected to, in a host whose own streams are open.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOTH_OUTPUTS LIST("sh", "-c", "printf out; printf err >&2")

static int open_null(void) {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  check(fd >= 0);
  return fd;
}

static int open_for_writing(const char *name) {
  int fd = open(path_in(fixture_directory(), name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(fd >= 0);
  return fd;
}

static sp_stdio handle(intptr_t fd) { return (sp_stdio){SP_HANDLE, 0, fd, NULL}; }
static sp_stdio file(const char *path, int32_t flags) { return (sp_stdio){SP_FILE, flags, 0, path}; }

static open_file child_file(const char *list, int fd) {
  open_file seen = {0};
  check(find_open(list, fd, &seen));
  return seen;
}

static void run_ok(const char *const *argv, const sp_options *opt) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_run(argv, opt, &result, &err), err);
  assert_int_equal(sp_result_returncode(result), 0);
  sp_result_free(result);
}

static void streams_are_inherited_by_default(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options};
  const char *list = descriptors_of(&options);
  for (int fd = 0; fd < 3; fd++) assert_true(same_file(child_file(list, fd), open_file_of(fd)));
}

static void null_device(void **state) {
  (void)state;
  int null = open_null();
  sp_options options = {
      .size = sizeof options, .std_in.kind = SP_DEVNULL, .std_out.kind = SP_DEVNULL, .std_err.kind = SP_DEVNULL};
  const char *list = descriptors_of(&options);
  for (int fd = 0; fd < 3; fd++) assert_true(same_file(child_file(list, fd), open_file_of(null)));
  assert_int_not_equal(child_file(list, 0).flags & O_ACCMODE, O_WRONLY);
  assert_int_not_equal(child_file(list, 1).flags & O_ACCMODE, O_RDONLY);
  assert_int_not_equal(child_file(list, 2).flags & O_ACCMODE, O_RDONLY);
  close_fd(&null);
}

static void pipes_are_plain_and_blocking(void **state) {
  (void)state;
  pipe_pair report = open_pipe();
  const int32_t passed[] = {report.write_end};
  sp_options options = {.size = sizeof options,
                        .std_in.kind = SP_PIPE,
                        .std_out.kind = SP_PIPE,
                        .std_err.kind = SP_PIPE,
                        .pass_fds = passed,
                        .pass_fds_len = 1};
  sp_process *p = start(CHILD("descriptors", kept_text("%d", report.write_end)), &options);
  close_fd(&report.write_end);
  const char *list = drain(report.read_end, NULL);
  for (int fd = 0; fd < 3; fd++) {
    open_file seen = child_file(list, fd);
    assert_int_equal(seen.type, 'p');
    assert_int_equal(seen.flags & O_ACCMODE, fd == 0 ? O_RDONLY : O_WRONLY);
    assert_int_equal(seen.flags & O_NONBLOCK, 0);
    int own = (int)sp_stream_handle(p, fd);
    assert_true(own > 2);
    assert_true(same_file(seen, open_file_of(own)));
    assert_int_equal(open_file_of(own).flags & (O_ACCMODE | O_NONBLOCK), fd == 0 ? O_WRONLY : O_RDONLY);
    assert_int_equal(fcntl(own, F_GETFD), FD_CLOEXEC);
  }
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
  close_fd(&report.read_end);
}

/* Sockets instead of pipes would fail here. */
static void a_child_can_open_its_streams_by_name(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .input = "through", .input_len = 7};
  assert_string_equal(output_of(LIST("sh", "-c", "cat /dev/stdin > /dev/stdout"), &options), "through");
}

static void errors_go_where_output_goes(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .std_err.kind = SP_STDOUT};
  assert_string_equal(output_of(BOTH_OUTPUTS, &options), "outerr");
  const char *path = path_in(fixture_directory(), "both");
  options.std_out = file(path, 0);
  run_ok(BOTH_OUTPUTS, &options);
  assert_string_equal(file_content(path), "outerr");
  int fd = open_for_writing("third");
  options.std_out = handle(fd);
  run_ok(BOTH_OUTPUTS, &options);
  assert_string_equal(file_content(path_in(fixture_directory(), "third")), "outerr");
  close_fd(&fd);
  options.std_out = (sp_stdio){.kind = SP_DEVNULL};
  const char *list = descriptors_of(&options);
  assert_true(same_file(child_file(list, 1), child_file(list, 2)));
}

static void errors_into_inherited_output(void *arg) {
  sp_error err = SP_ERROR_INIT;
  check(dup2(*(int *)arg, 1) == 1);
  sp_options options = {.size = sizeof options, .std_err.kind = SP_STDOUT};
  check_ok(sp_run(BOTH_OUTPUTS, &options, NULL, &err), err);
}

static void errors_go_to_the_hosts_output(void **state) {
  (void)state;
  pipe_pair seen = open_pipe();
  in_forked_host(errors_into_inherited_output, &seen.write_end);
  close_fd(&seen.write_end);
  assert_string_equal(drain(seen.read_end, NULL), "outerr");
  close_fd(&seen.read_end);
}

static void files_are_truncated_or_appended_to(void **state) {
  (void)state;
  const char *path = path_in(fixture_directory(), "log");
  make_file(path, "older and longer text", 0644);
  sp_options options = {.size = sizeof options, .std_out = file(path, 0)};
  run_ok(LIST("printf", "one"), &options);
  assert_string_equal(file_content(path), "one");
  options.std_out = file(path, SP_APPEND);
  run_ok(LIST("printf", " two"), &options);
  assert_string_equal(file_content(path), "one two");
  const char *other = path_in(fixture_directory(), "errors");
  options.std_err = file(other, SP_APPEND);
  run_ok(BOTH_OUTPUTS, &options);
  assert_string_equal(file_content(path), "one twoout");
  assert_string_equal(file_content(other), "err");
  options = (sp_options){.size = sizeof options, .std_in = file(path, 0)};
  assert_string_equal(output_of(CHILD("copy"), &options), "one twoout");
}

static void new_files_obey_the_umask(void **state) {
  (void)state;
  const char *path = path_in(fixture_directory(), "new");
  struct stat st;
  sp_options options = {.size = sizeof options, .std_out = file(path, 0)};
  mode_t before = umask(027);
  run_ok(LIST("true"), &options);
  umask(before);
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 07777, 0640);
}

static void files_are_relative_to_the_host(void **state) {
  (void)state;
  const char *dir = fixture_directory();
  char before[4096];
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(dir), 0);
  sp_options options = {.size = sizeof options, .std_out = file("relative", 0), .cwd = "/"};
  run_ok(CHILD("directory"), &options);
  assert_int_equal(chdir(before), 0);
  assert_string_equal(file_content(path_in(dir, "relative")), "/");
}

static void expect_no_file(const sp_options *options, int code, int sys_errno, const char *path) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_popen(LIST("true"), options, &p, &err), code, err);
  assert_int_equal(err.step, SP_AT_STDIO);
  assert_int_equal(err.sys_errno, sys_errno);
  assert_string_equal(err.path, path);
}

static void files_that_cannot_be_opened(void **state) {
  (void)state;
  const char *missing = path_in(fixture_directory(), "missing"), *below = path_in(missing, "x");
  sp_options options = {.size = sizeof options, .std_in = file(missing, 0)};
  expect_no_file(&options, SP_ENOTFOUND, ENOENT, missing);
  options = (sp_options){.size = sizeof options, .std_out.kind = SP_PIPE, .std_err = file(below, SP_APPEND)};
  expect_no_file(&options, SP_ENOTFOUND, ENOENT, below);
  options = (sp_options){.size = sizeof options, .std_out = file(fixture_directory(), 0)};
  expect_no_file(&options, SP_ESYS, EISDIR, fixture_directory());
}

static void handles_are_borrowed(void **state) {
  (void)state;
  int out = open_for_writing("out"), null = open_null();
  sp_options options = {.size = sizeof options, .std_in = handle(null), .std_out = handle(out), .std_err = handle(out)};
  run_ok(BOTH_OUTPUTS, &options);
  run_ok(BOTH_OUTPUTS, &options);
  assert_int_equal(fcntl(out, F_GETFD), FD_CLOEXEC);
  assert_int_equal(fcntl(null, F_GETFD), FD_CLOEXEC);
  assert_string_equal(file_content(path_in(fixture_directory(), "out")), "outerrouterr");
  close_fd(&out);
  close_fd(&null);
}

static void one_descriptor_for_all_streams(void **state) {
  (void)state;
  int fd = open_for_writing("all");
  assert_int_equal(write(fd, "in\n", 3), 3);
  assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
  sp_options options = {.size = sizeof options, .std_in = handle(fd), .std_out = handle(fd), .std_err = handle(fd)};
  run_ok(LIST("sh", "-c", "read word; printf $word; printf err >&2"), &options);
  const char *seen = file_content(path_in(fixture_directory(), "all"));
  assert_string_equal(seen, "in\ninerr"); /* one offset for all: reading moved it behind the input */
  const char *list = descriptors_of(&options);
  for (int stream = 0; stream < 3; stream++) assert_true(same_file(child_file(list, stream), open_file_of(fd)));
  close_fd(&fd);
}

/* The host's own streams in every order, which overwrites sources before they are used unless care is taken. */
static void standard_streams_may_be_permuted(void **state) {
  (void)state;
  for (int order = 0; order < 27; order++) {
    const int from[] = {order / 9, order / 3 % 3, order % 3};
    sp_options options = {
        .size = sizeof options, .std_in = handle(from[0]), .std_out = handle(from[1]), .std_err = handle(from[2])};
    int fds[] = {open_for_writing("0"), open_for_writing("1"), open_for_writing("2")};
    int saved[] = {fcntl(0, F_DUPFD_CLOEXEC, 100), fcntl(1, F_DUPFD_CLOEXEC, 100), fcntl(2, F_DUPFD_CLOEXEC, 100)};
    for (int fd = 0; fd < 3; fd++) dup2(fds[fd], fd);
    const char *list = descriptors_of(&options);
    for (int fd = 0; fd < 3; fd++) dup2(saved[fd], fd);
    for (int fd = 0; fd < 3; fd++) assert_true(same_file(child_file(list, fd), open_file_of(fds[from[fd]])));
    for (int fd = 0; fd < 3; fd++) close(saved[fd]), close(fds[fd]);
  }
}

static void another_childs_stream(void **state) {
  (void)state;
  sp_options first = {.size = sizeof first, .std_out.kind = SP_PIPE};
  sp_process *p = start(CHILD("pattern", "100000"), &first);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  sp_options second = {.size = sizeof second, .std_in = handle(sp_stream_handle(p, SP_OUT)), .std_out.kind = SP_PIPE};
  check_ok(sp_run(CHILD("copy"), &second, &result, &err), err);
  size_t len = 0;
  const void *output = sp_result_output(result, SP_OUT, &len);
  assert_int_equal(len, 100000);
  check_pattern(output, len, SP_OUT);
  assert_null(sp_result_output(result, SP_ERR, &len));
  sp_result_free(result);
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

static int capacity(const sp_options *options, int stream) {
  sp_process *p = start(CHILD("copy"), options);
  int size = fcntl((int)sp_stream_handle(p, stream), F_GETPIPE_SZ);
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
  return size;
}

static void pipe_capacity(void **state) {
  (void)state;
  sp_options options = {
      .size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .std_err.kind = SP_PIPE};
  pipe_pair plain = open_pipe();
  for (int stream = 0; stream < 3; stream++) {
    options.pipe_size = 0;
    assert_int_equal(capacity(&options, stream), fcntl(plain.read_end, F_GETPIPE_SZ));
    options.pipe_size = 8192;
    assert_int_equal(capacity(&options, stream), 8192);
  }
  close_fd(&plain.read_end);
  close_fd(&plain.write_end);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(streams_are_inherited_by_default),
      fixture_test(null_device),
      fixture_test(pipes_are_plain_and_blocking),
      fixture_test(a_child_can_open_its_streams_by_name),
      fixture_test(errors_go_where_output_goes),
      fixture_test(errors_go_to_the_hosts_output),
      fixture_test(files_are_truncated_or_appended_to),
      fixture_test(new_files_obey_the_umask),
      fixture_test(files_are_relative_to_the_host),
      fixture_test(files_that_cannot_be_opened),
      fixture_test(handles_are_borrowed),
      fixture_test(one_descriptor_for_all_streams),
      fixture_test(standard_streams_may_be_permuted),
      fixture_test(another_childs_stream),
      fixture_test(pipe_capacity),
  };
  return run_fixture_tests(tests);
}
