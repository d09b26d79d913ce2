/* SPDX-License-Identifier: MIT
 *
 * The host's own children and its own ways with descriptors, before, during and after the library's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "session.h"

/* Each of the classic calls, with its exact status. */
static void use_classics(void) {
  int status = system("exit 3");
  REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 3);
  FILE *f = popen("echo words; exit 4", "re");
  REQUIRE(f != NULL);
  char text[16];
  REQUIRE(fgets(text, sizeof text, f) != NULL && strcmp(text, "words\n") == 0);
  status = pclose(f);
  REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 4);
  pid_t pid = fork();
  if (pid == 0) _exit(5);
  REQUIRE(waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

HOST_TEST(own_children_before_during_and_after) {
  use_classics();
  /* Two of the host's own: one ended and not yet reaped, one that runs all the time. */
  int ends[2], status;
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  pid_t zombie = fork();
  if (zombie == 0) _exit(11);
  host_await_death(zombie);
  pid_t runner = fork();
  if (runner == 0) {
    char byte;
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) == 0 ? 12 : 13);
  }
  FILE *f = popen("cat; exit 7", "we");
  REQUIRE(f != NULL);
  session_everything();
  use_classics();
  session_everything();
  REQUIRE_INT(pclose(f), 7 << 8);
  REQUIRE(waitpid(runner, &status, WNOHANG) == 0);
  close(ends[1]);
  REQUIRE(waitpid(runner, &status, 0) == runner && WIFEXITED(status) && WEXITSTATUS(status) == 12);
  REQUIRE(waitpid(zombie, &status, 0) == zombie && WIFEXITED(status) && WEXITSTATUS(status) == 11);
  use_classics();
  close(ends[0]);
  host_require_no_children();
}

static void *run_sessions(void *arg) {
  const bool *done = arg;
  do {
    session_talk();
    session_pipeline();
    session_failures();
  } while (!__atomic_load_n(done, __ATOMIC_ACQUIRE));
  return NULL;
}

HOST_TEST(own_children_beside_a_busy_thread) {
  bool done = false;
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, run_sessions, &done) == 0);
  for (int i = 0; i < 30; i++) use_classics();
  __atomic_store_n(&done, true, __ATOMIC_RELEASE);
  REQUIRE(pthread_join(thread, NULL) == 0);
  host_require_no_children();
}

/* SIGCHLD is blocked during system(), and the library's children end meanwhile. */
HOST_TEST(system_beside_ending_children) {
  sp_process *p[8];
  sp_options opt = {.size = sizeof opt, .std_in.kind = SP_PIPE};
  for (size_t i = 0; i < 8; i++) REQUIRE_CODE(sp_popen(SHELL("read x; exit 8"), &opt, &p[i], NULL), SP_OK, NULL);
  for (size_t i = 0; i < 8; i++) {
    REQUIRE_CODE(sp_close_stream(p[i], SP_IN), SP_OK, NULL);
    use_classics();
  }
  for (size_t i = 0; i < 8; i++) {
    int64_t code = 0;
    REQUIRE_CODE(sp_wait(p[i], SP_FOREVER, &code, NULL), SP_OK, NULL);
    REQUIRE_INT(code, 8);
    sp_process_free(p[i]);
  }
}

/* As daemons and wrappers do: everything from 3 up is closed without asking whose it is. */
HOST_TEST(host_that_closes_all_descriptors) {
  for (int round = 0; round < 3; round++) {
    session_everything();
    host_close_all();
  }
  sp_release_caches();
  session_everything();
}

static void open_zeros(int own[40]) {
  for (int i = 0; i < 40; i++) {
    own[i] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    REQUIRE(own[i] > 2);
  }
}

static void require_zeros(const int own[40]) {
  struct stat zero, now;
  REQUIRE(stat("/dev/zero", &zero) == 0);
  for (int i = 0; i < 40; i++) {
    REQUIRE(fstat(own[i], &now) == 0);
    REQUIRE(now.st_rdev == zero.st_rdev && (fcntl(own[i], F_GETFL) & O_NONBLOCK) == 0);
  }
}

HOST_TEST(host_that_closes_all_descriptors_and_opens_its_own) {
  int own[40];
  session_everything();
  host_close_all();
  open_zeros(own);
  session_everything();
  require_zeros(own);
  sp_release_caches();
  require_zeros(own);
  session_everything();
  require_zeros(own);
}

/* A process whose descriptors the host closed behind its back: what the calls tell is open, but they return. */
HOST_TEST(host_that_closes_the_descriptors_of_a_process) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &opt, &p, &err), SP_OK, &err);
  pid_t pid = (pid_t)sp_pid(p);
  host_close_all();
  char byte;
  REQUIRE(sp_read(p, SP_OUT, &byte, 1, 100, &err) < 0);
  REQUIRE(sp_write(p, "x", 1, 100, &err) < 0);
  REQUIRE(sp_wait(p, 100, NULL, &err) < 0);
  REQUIRE(sp_communicate(p, "x", 1, 100, NULL, &err) < 0);
  REQUIRE(sp_poll(p, NULL) <= 0);
  sp_process_free(p);
  REQUIRE(kill(pid, SIGKILL) == 0);
  host_await_death(pid);
  sp_release_caches();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(own_children_before_during_and_after),
      cmocka_unit_test(own_children_beside_a_busy_thread),
      cmocka_unit_test(system_beside_ending_children),
      cmocka_unit_test(host_that_closes_all_descriptors),
      cmocka_unit_test(host_that_closes_all_descriptors_and_opens_its_own),
      cmocka_unit_test(host_that_closes_the_descriptors_of_a_process),
  };
  return cmocka_run_group_tests_name("guest_neighbour", tests, NULL, NULL);
}
