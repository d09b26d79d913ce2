/* SPDX-License-Identifier: MIT
 *
 * Hosts whose own standard streams are closed: new descriptors then get the numbers 0 to 2, where the child's streams
 * must go.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs `body` in hosts that have closed each non-empty subset of 0, 1 and 2; bit N of the argument stands for stream N.
 */
static void with_streams_closed(void (*body)(void *closed)) {
  for (int closed = 1; closed < 8; closed++) in_forked_host(body, &closed);
}

static int close_streams(const void *closed) {
  int mask = *(const int *)closed;
  for (int fd = 0; fd < 3; fd++) {
    if (mask & 1 << fd) check(close(fd) == 0);
  }
  return mask;
}

static void check_still_closed(int mask) {
  for (int fd = 0; fd < 3; fd++) check((fcntl(fd, F_GETFD) < 0) == ((mask & 1 << fd) != 0));
}

static void talk_through_pipes(void *closed) {
  int mask = close_streams(closed);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .input = "hello", .input_len = 5};
  check_ok(sp_run(LIST("sh", "-c", "cat; echo wrong >&2"), &options, &result, &err), err);
  check(sp_result_returncode(result) == 0);
  expect_output(result, SP_OUT, "hello");
  expect_output(result, SP_ERR, "wrong\n");
  sp_result_free(result);
  check_still_closed(mask);
}

static void talk_through_a_pipeline(void *closed) {
  int mask = close_streams(closed);
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  const sp_command stages[] = {{LIST("cat"), NULL}, {LIST("sh", "-c", "cat; echo wrong >&2"), NULL}};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, 2, &options, &p, &err), err);
  check_still_closed(mask);
  int rc = sp_communicate(p, "hello", 5, 0, NULL, &err);
  check(rc == SP_ETIMEDOUT || rc == SP_OK);
  check_still_closed(mask); /* the event loop's own descriptors are elsewhere */
  sp_result *result = communicate(p, NULL, 0);
  expect_output(result, SP_OUT, "hello");
  expect_output(result, SP_ERR, "wrong\n");
  sp_result_free(result);
  sp_process_free(p);
  check_still_closed(mask);
}

static void pipelines_work_without_standard_streams(void **state) {
  (void)state;
  with_streams_closed(talk_through_a_pipeline);
}

static void pipes_work_without_standard_streams(void **state) {
  (void)state;
  with_streams_closed(talk_through_pipes);
}

/* What is open in the child is exactly what is open in the host, and no pipe of the library's own. */
static void compare_inherited(void *closed) {
  int mask = close_streams(closed);
  sp_options options = {.size = sizeof options};
  const char *list = descriptors_of(&options);
  for (int fd = 0; fd < 3; fd++) {
    open_file seen;
    bool is_open = find_open(list, fd, &seen);
    check(is_open == ((mask & 1 << fd) == 0));
    check(!is_open || same_file(seen, open_file_of(fd)));
  }
  check_still_closed(mask);
}

static void closed_streams_stay_closed_in_the_child(void **state) {
  (void)state;
  with_streams_closed(compare_inherited);
}

static void use_handles(void *closed) {
  int mask = *(const int *)closed;
  pipe_pair seen = open_pipe();
  close_streams(closed);
  /* The pipe's own end is one of the low numbers now, the first that is free. */
  int low = dup(seen.write_end);
  check(low >= 0 && low < 3 && (mask & 1 << low));
  sp_error err = SP_ERROR_INIT;
  sp_options options = {.size = sizeof options, .std_in.kind = SP_DEVNULL};
  options.std_out = options.std_err = (sp_stdio){SP_HANDLE, 0, low, NULL};
  sp_result *result = NULL;
  check_ok(sp_run(LIST("sh", "-c", "cat && printf out && printf err >&2"), &options, &result, &err), err);
  check(sp_result_returncode(result) == 0);
  sp_result_free(result);
  check(close(low) == 0);
  close_fd(&seen.write_end);
  check(strcmp(drain(seen.read_end, NULL), "outerr") == 0);
}

static void handles_with_low_numbers(void **state) {
  (void)state;
  with_streams_closed(use_handles);
}

static void write_files(void *closed) {
  int mask = close_streams(closed);
  const char *dir = fixture_directory(), *in = path_in(dir, "in"), *out = path_in(dir, "out"),
             *problems = path_in(dir, "problems");
  make_file(in, "content", 0644);
  sp_error err = SP_ERROR_INIT;
  sp_options options = {.size = sizeof options, .std_in = {SP_FILE, 0, 0, in}, .std_out = {SP_FILE, 0, 0, out}};
  options.std_err = (sp_stdio){SP_FILE, 0, 0, problems};
  check_ok(sp_run(LIST("sh", "-c", "cat; echo wrong >&2"), &options, NULL, &err), err);
  check(strcmp(file_content(out), "content") == 0);
  check(strcmp(file_content(problems), "wrong\n") == 0);
  check_still_closed(mask);
}

static void files_without_standard_streams(void **state) {
  (void)state;
  fixture_directory(); /* made here, so that the fixture removes it */
  with_streams_closed(write_files);
}

static void fail_to_start(void *closed) {
  int mask = close_streams(closed);
  sp_error err = SP_ERROR_INIT;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  check_fails(sp_run(LIST("/no/such/program"), &options, NULL, &err), SP_ENOTFOUND, err);
  check(err.step == SP_AT_EXEC && err.sys_errno == ENOENT && strcmp(err.path, "/no/such/program") == 0);
  options.cwd = "/no/such/directory";
  check_fails(sp_run(LIST("true"), &options, NULL, &err), SP_ENOTFOUND, err);
  check(err.step == SP_AT_CHDIR);
  check_still_closed(mask);
}

static void failures_are_told_without_standard_streams(void **state) {
  (void)state;
  with_streams_closed(fail_to_start);
}

/* Nothing that the library holds while a child runs is at 0 to 2 or would leak into other children. */
static void hold_a_process(void *closed) {
  int mask = close_streams(closed);
  sp_error err = SP_ERROR_INIT;
  sp_cancel *cancel = NULL;
  check_ok(sp_cancel_new(&cancel, &err), err);
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .cancel = cancel};
  sp_process *p = start(CHILD("speaker"), &options);
  check_still_closed(mask);
  for (int stream = 0; stream < 3; stream++) check(sp_stream_handle(p, stream) > 2);
  check(sp_exit_handle(p) > 2 || sp_exit_handle(p) == -1);
  check_fails(sp_communicate(p, NULL, 0, SHORT_MS, NULL, &err), SP_ETIMEDOUT, err);
  check_still_closed(mask);
  check_ok(sp_stop(p, 0, NULL, &err), err);
  sp_process_free(p);
  sp_cancel_free(cancel);
  check_still_closed(mask);
}

static void own_descriptors_stay_above_two(void **state) {
  (void)state;
  with_streams_closed(hold_a_process);
}

/* Two of the host's streams swapped in the child while the third one is closed. */
static void swap_two(void *arg) {
  const int *fds = arg;
  int closed = *fds, a = (closed + 1) % 3, b = (closed + 2) % 3;
  int files[2];
  for (int i = 0; i < 2; i++) {
    files[i] = open(path_in(fixture_directory(), i ? "b" : "a"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    check(files[i] > 2);
  }
  check(dup2(files[0], a) == a && dup2(files[1], b) == b && close(closed) == 0);
  sp_options options = {.size = sizeof options};
  sp_stdio *streams[] = {&options.std_in, &options.std_out, &options.std_err};
  *streams[a] = (sp_stdio){SP_HANDLE, 0, b, NULL};
  *streams[b] = (sp_stdio){SP_HANDLE, 0, a, NULL};
  const char *list = descriptors_of(&options);
  open_file seen;
  check(find_open(list, a, &seen) && same_file(seen, open_file_of(files[1])));
  check(find_open(list, b, &seen) && same_file(seen, open_file_of(files[0])));
  check(!find_open(list, closed, NULL));
}

static void streams_may_be_swapped_with_one_closed(void **state) {
  (void)state;
  fixture_directory();
  for (int closed = 0; closed < 3; closed++) in_forked_host(swap_two, &closed);
}

static void open_in_the_child_only(void *closed) {
  int mask = close_streams(closed);
  sp_options options = {
      .size = sizeof options, .std_in.kind = SP_DEVNULL, .std_out.kind = SP_DEVNULL, .std_err.kind = SP_STDOUT};
  const char *list = descriptors_of(&options);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  open_file expected = open_file_of(null), seen;
  close_fd(&null);
  for (int fd = 0; fd < 3; fd++) check(find_open(list, fd, &seen) && same_file(seen, expected));
  check_still_closed(mask);
}

static void null_device_without_standard_streams(void **state) {
  (void)state;
  with_streams_closed(open_in_the_child_only);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(pipes_work_without_standard_streams),     fixture_test(pipelines_work_without_standard_streams),
      fixture_test(closed_streams_stay_closed_in_the_child), fixture_test(handles_with_low_numbers),
      fixture_test(files_without_standard_streams),          fixture_test(failures_are_told_without_standard_streams),
      fixture_test(own_descriptors_stay_above_two),          fixture_test(streams_may_be_swapped_with_one_closed),
      fixture_test(null_device_without_standard_streams),
  };
  return run_fixture_tests(tests);
}
