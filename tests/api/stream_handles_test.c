/* SPDX-License-Identifier: MIT
 *
 * The descriptors behind the streams, and the threads that share them.
 */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static sp_process *start_copy(void) {
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  return start(CHILD("copy"), &options);
}

/* Ends a child that reads until end of file, and releases it. */
static void finish(sp_process *p) {
  check(sp_close_stream(p, SP_IN) == SP_OK);
  check(wait_for(p) == 0);
  sp_process_free(p);
}

/* -- descriptors --------------------------------------------------------------------------------------------------------- */

static void handles_are_plain_descriptors(void **state) {
  (void)state;
  sp_process *p = start_copy();
  int in = (int)sp_stream_handle(p, SP_IN), out = (int)sp_stream_handle(p, SP_OUT);
  char seen[8];
  assert_int_equal(write(in, "direct", 6), 6);
  assert_true(readable(out, LONG_MS));
  assert_int_equal(read(out, seen, 8), 6);
  assert_memory_equal(seen, "direct", 6);
  assert_false(readable(out, 0));
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_read(p, SP_OUT, seen, 1, SHORT_MS, &err), SP_ETIMEDOUT, err);
  assert_int_equal(fcntl(out, F_GETFL) & O_NONBLOCK, 0); /* still so after a call with a limit */
  assert_int_equal(fcntl(in, F_GETFL) & O_NONBLOCK, 0);
  finish(p);
}

static void handles_block_after_communicating(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p = start(CHILD("speaker"), &options);
  check_fails(sp_communicate(p, NULL, 0, SHORT_MS, NULL, &err), SP_ETIMEDOUT, err);
  assert_int_equal(fcntl((int)sp_stream_handle(p, SP_OUT), F_GETFL) & O_NONBLOCK, 0);
  assert_int_equal(fcntl((int)sp_stream_handle(p, SP_ERR), F_GETFL) & O_NONBLOCK, 0);
  check_ok(sp_stop(p, 0, NULL, &err), err);
  sp_process_free(p);
}

static void released_handles_are_the_callers(void **state) {
  (void)state;
  char byte;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start_copy();
  int in = (int)sp_stream_release(p, SP_IN), out = (int)sp_stream_release(p, SP_OUT);
  assert_true(in > 2 && out > 2);
  assert_int_equal(sp_stream_handle(p, SP_OUT), -1);
  assert_int_equal(sp_stream_release(p, SP_OUT), -1);
  assert_true(sp_read(p, SP_OUT, &byte, 1, 0, &err) < 0);
  assert_true(sp_write(p, "x", 1, 0, &err) < 0);
  siginfo_t info;
  id_t pid = (id_t)sp_pid(p);
  assert_int_equal(sp_close(p), SP_OK);
  sp_process_free(p);
  assert_int_equal(write(in, "x", 1), 1);
  assert_int_equal(read(out, &byte, 1), 1);
  close_fd(&in);
  assert_int_equal(read(out, &byte, 1), 0);
  close_fd(&out);
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
}

/* -- threads ------------------------------------------------------------------------------------------------------------- */

typedef struct {
  sp_process *process;
  atomic_bool done;
  char byte;
} read_task;

static void *read_in_thread(void *arg) {
  read_task *task = arg;
  int64_t rc;
  do { /* the main thread's own short reads may be in the way */
    rc = sp_read(task->process, SP_OUT, &task->byte, 1, LONG_MS, NULL);
  } while (rc == SP_EBUSY);
  if (rc != 1) task->byte = '?';
  atomic_store(&task->done, true);
  return NULL;
}

static void one_reader_per_stream(void **state) {
  (void)state;
  const sp_options options = {
      .size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .std_err.kind = SP_PIPE};
  read_task task = {.process = start(CHILD("copy"), &options)};
  pthread_t thread;
  char byte;
  sp_error err = SP_ERROR_INIT;
  assert_int_equal(pthread_create(&thread, NULL, read_in_thread, &task), 0);
  int64_t end = now_ms() + LONG_MS, rc;
  while ((rc = sp_read(task.process, SP_OUT, &byte, 1, 1, &err)) == SP_ETIMEDOUT) assert_true(now_ms() < end);
  assert_int_equal(rc, SP_EBUSY);
  assert_int_equal(err.code, SP_EBUSY);
  check_fails(sp_communicate(task.process, NULL, 0, 0, NULL, &err), SP_EBUSY, err);
  assert_int_equal(sp_stream_release(task.process, SP_OUT), -1);
  check_fails(sp_read(task.process, SP_ERR, &byte, 1, 0, &err), SP_ETIMEDOUT, err); /* another stream is free */
  assert_false(atomic_load(&task.done));
  assert_int_equal(sp_write(task.process, "!", 1, LONG_MS, &err), 1);
  pthread_join(thread, NULL);
  assert_int_equal(task.byte, '!');
  finish(task.process);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(handles_are_plain_descriptors),
      fixture_test(handles_block_after_communicating),
      fixture_test(released_handles_are_the_callers),
      fixture_test(one_reader_per_stream),
  };
  return run_fixture_tests(tests);
}
