/* SPDX-License-Identifier: MIT
 *
 * Blocked calls that another thread ends: by the cancel token, by closing the process, by closing the stream, from a
 * signal handler.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "waker.h"

static char *input;

/* The children of this file ignore SIGTERM and input; a grandchild outlives the last one and holds its pipes. */
static const char deaf_line[] = "trap '' TERM; echo up >&2; exec sleep 1000";
static const char held_line[] = "sleep 1000 & echo up >&2";

static sp_process *start(const char *line, sp_cancel *token) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_NEW_GROUP, .std_in.kind = SP_PIPE, .cancel = token};
  char text[4];
  REQUIRE_CODE(sp_popen(SHELL(line), &opt, &p, &err), SP_OK, &err);
  REQUIRE_INT(sp_read(p, SP_ERR, text, 3, SP_FOREVER, &err), 3);
  return p;
}

/* Each blocking call on a process that gives no answer. */
enum { WAYS = 8, STOPPING = WAYS - 1 };

static int64_t block(sp_process *p, int way, sp_error *err) {
  char byte;
  const char *line = NULL;
  size_t len = 0;
  const int64_t limit = way % 2 ? SP_FOREVER : 1000000;
  switch (way) {
    case 0:
      return sp_wait(p, SP_FOREVER, NULL, err);
    case 1:
      return sp_wait(p, 1000000, NULL, err);
    case 2:
      return sp_communicate(p, NULL, 0, limit, NULL, err);
    case 3:
      return sp_communicate(p, input, BIG, limit, NULL, err);
    case 4:
      return sp_read(p, SP_OUT, &byte, 1, limit, err);
    case 5:
      return sp_read_line(p, SP_OUT, limit, &line, &len, err);
    case 6: {
      /* Fewer bytes are written if it was woken after the first one; the next call is woken before it. */
      int64_t n = sp_write(p, input, BIG, limit, err);
      REQUIRE(n < BIG);
      return n > 0 ? sp_write(p, input, BIG, limit, err) : n;
    }
    default:
      return sp_stop(p, SP_FOREVER, NULL, err);
  }
}

static void end_group(sp_process *p) {
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

static void trigger(void *token) { sp_cancel_trigger(token); }

HOST_TEST(cancel_wakes_every_call) {
  input = big_input();
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  for (int way = 0; way < STOPPING; way++) {
    sp_process *p = start(deaf_line, token);
    waker w;
    waker_start(&w, trigger, token);
    int64_t rc = block(p, way, &err);
    if (rc != SP_ECANCELED) host_note("way %d", way);
    REQUIRE_CODE(rc, SP_ECANCELED, &err);
    waker_join(&w);
    sp_cancel_reset(token);
    end_group(p);
  }
  sp_cancel_free(token);
  free(input);
}

/* Stopping is what a cancelled caller does next. */
HOST_TEST(cancel_does_not_end_stopping) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  int64_t code = 0;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  sp_process *p = start(deaf_line, token);
  sp_cancel_trigger(token);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_ECANCELED, &err);
  REQUIRE_CODE(sp_stop(p, 50, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGKILL);
  sp_process_free(p);
  sp_cancel_free(token);
}

static void close_process(void *p) { REQUIRE_CODE(sp_close(p), SP_OK, NULL); }

HOST_TEST(close_wakes_every_call) {
  input = big_input();
  for (int way = 0; way < WAYS; way++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = start(deaf_line, NULL);
    int64_t pid = sp_pid(p);
    waker w;
    waker_start(&w, close_process, p);
    int64_t rc = block(p, way, &err);
    if (rc != SP_ECLOSED) host_note("way %d", way);
    REQUIRE_CODE(rc, SP_ECLOSED, &err);
    waker_join(&w);
    REQUIRE_CODE(sp_kill(p, &err), SP_ECLOSED, &err);
    REQUIRE_CODE(sp_close(p), SP_OK, NULL);
    sp_process_free(p);
    REQUIRE(kill((pid_t)pid, SIGKILL) == 0);
    host_await_death(pid);
  }
  sp_release_caches();
  host_require_no_children();
  free(input);
}

/* Several children are waited for in another way than one. */
HOST_TEST(pipeline_is_woken) {
  input = big_input();
  for (int way = 0; way < 4; way++) {
    sp_error err = SP_ERROR_INIT;
    sp_cancel *token = NULL;
    sp_process *p = NULL;
    REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
    sp_command stages[] = {{SHELL(deaf_line), NULL}, {ARGV("cat"), NULL}};
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_NEW_GROUP, .std_in.kind = SP_PIPE, .cancel = token};
    REQUIRE_CODE(sp_pipeline(stages, 2, &opt, &p, &err), SP_OK, &err);
    int64_t pid = sp_pid(p);
    char text[4];
    REQUIRE_INT(sp_read(p, SP_ERR, text, 3, SP_FOREVER, &err), 3);
    waker w;
    waker_start(&w, way % 2 ? close_process : trigger, way % 2 ? (void *)p : (void *)token);
    int rc = way < 2 ? sp_wait(p, SP_FOREVER, NULL, &err) : sp_communicate(p, input, BIG, SP_FOREVER, NULL, &err);
    REQUIRE_CODE(rc, way % 2 ? SP_ECLOSED : SP_ECANCELED, &err);
    waker_join(&w);
    REQUIRE(kill((pid_t)-pid, SIGKILL) == 0);
    host_await_death(pid);
    sp_process_free(p);
    sp_cancel_free(token);
  }
  free(input);
}

/* While a grandchild holds the pipes of a child that has ended. */
HOST_TEST(communicate_with_held_pipes_is_woken) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  sp_result *r = NULL;
  waker w;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  sp_process *p = start(held_line, token);
  host_await_death(sp_pid(p));
  waker_start(&w, trigger, token);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_ECANCELED, &err);
  waker_join(&w);
  REQUIRE_INT(sp_result_pipes_held(r), 1);
  sp_result_free(r);
  sp_cancel_reset(token);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  end_group(p);
  sp_options opt = {.size = sizeof opt, .cancel = token};
  opt.flags = SP_CAPTURE | SP_NEW_GROUP | SP_KILL_GROUP_ON_TIMEOUT;
  r = NULL;
  waker_start(&w, trigger, token);
  REQUIRE_CODE(sp_run(SHELL(held_line), &opt, &r, &err), SP_ECANCELED, &err);
  waker_join(&w);
  sp_result_free(r);
  sp_cancel_free(token);
}

/* A run that is cancelled kills its child, after the grace if there is one. */
HOST_TEST(cancel_ends_run) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  input = big_input();
  for (int grace = 0; grace <= 100; grace += 100) {
    sp_result *r = NULL;
    waker w;
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .cancel = token, .kill_grace_ms = grace};
    opt.input = input;
    opt.input_len = BIG;
    waker_start(&w, trigger, token);
    REQUIRE_CODE(sp_run(SHELL(deaf_line), &opt, &r, &err), SP_ECANCELED, &err);
    waker_join(&w);
    int64_t code = sp_result_returncode(r);
    /* It may come before the child has learnt to ignore SIGTERM. */
    REQUIRE(code == -SIGKILL || (grace > 0 && code == -SIGTERM));
    sp_result_free(r);
    sp_cancel_reset(token);
    host_require_no_children();
  }
  sp_cancel_free(token);
  free(input);
}

static void close_output(void *p) { REQUIRE_CODE(sp_close_stream(p, SP_OUT), SP_OK, NULL); }

static void close_input(void *p) { REQUIRE_CODE(sp_close_stream(p, SP_IN), SP_OK, NULL); }

HOST_TEST(closing_the_stream_wakes_its_user) {
  input = big_input();
  for (int way = 4; way <= 6; way++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = start(deaf_line, NULL);
    waker w;
    waker_start(&w, way == 6 ? close_input : close_output, p);
    int64_t rc = block(p, way, &err);
    if (rc != SP_ECLOSED) host_note("way %d", way);
    REQUIRE_CODE(rc, SP_ECLOSED, &err);
    waker_join(&w);
    REQUIRE_INT(sp_poll(p, NULL), 0);
    end_group(p);
  }
  free(input);
}

static sp_cancel *handler_token;

static void on_signal(int sig) {
  (void)sig;
  sp_cancel_trigger(handler_token);
}

static void interrupt(void *arg) {
  const waker *w = arg;
  REQUIRE(syscall(SYS_tgkill, getpid(), w->waiter, SIGUSR1) == 0);
}

/* SA_RESTART, so that it is the token and not the interruption that wakes. */
HOST_TEST(cancel_from_a_signal_handler) {
  input = big_input();
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(sp_cancel_new(&handler_token, &err), SP_OK, &err);
  REQUIRE(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_signal, .sa_flags = SA_RESTART}, NULL) == 0);
  for (int way = 0; way < STOPPING; way++) {
    sp_process *p = start(deaf_line, handler_token);
    waker w;
    waker_start(&w, interrupt, &w);
    REQUIRE_CODE(block(p, way, &err), SP_ECANCELED, &err);
    waker_join(&w);
    sp_cancel_reset(handler_token);
    end_group(p);
  }
  sp_cancel_free(handler_token);
  free(input);
}

static void *wait_for_end(void *arg) {
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(sp_wait(arg, SP_FOREVER, NULL, &err), SP_ECLOSED, &err);
  return NULL;
}

HOST_TEST(close_wakes_all_waiters) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start(deaf_line, NULL);
  int64_t pid = sp_pid(p);
  pthread_t threads[4];
  for (size_t i = 0; i < 4; i++) REQUIRE(pthread_create(&threads[i], NULL, wait_for_end, p) == 0);
  waker w;
  waker_start(&w, close_process, p);
  char byte;
  REQUIRE_CODE(sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err), SP_ECLOSED, &err);
  waker_join(&w);
  for (size_t i = 0; i < 4; i++) REQUIRE(pthread_join(threads[i], NULL) == 0);
  sp_process_free(p);
  REQUIRE(kill((pid_t)pid, SIGKILL) == 0);
  host_await_death(pid);
  sp_release_caches();
  host_require_no_children();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cancel_wakes_every_call),
      cmocka_unit_test(cancel_does_not_end_stopping),
      cmocka_unit_test(pipeline_is_woken),
      cmocka_unit_test(close_wakes_every_call),
      cmocka_unit_test(communicate_with_held_pipes_is_woken),
      cmocka_unit_test(cancel_ends_run),
      cmocka_unit_test(closing_the_stream_wakes_its_user),
      cmocka_unit_test(cancel_from_a_signal_handler),
      cmocka_unit_test(close_wakes_all_waiters),
  };
  return cmocka_run_group_tests_name("hang_wake", tests, NULL, NULL);
}
