/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "waker.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

char *big_input(void) {
  char *input = malloc(BIG);
  REQUIRE(input != NULL);
  uint32_t word = 1;
  for (size_t i = 0; i < BIG; i++) {
    word = word * 1664525u + 1013904223u;
    input[i] = (char)(word >> 24);
  }
  return input;
}

void require_same(const sp_result *r, int stream, const char *input, size_t len) {
  size_t got = 0;
  const char *text = sp_result_output(r, stream, &got);
  REQUIRE(text != NULL);
  REQUIRE_INT(got, len);
  REQUIRE(memcmp(text, input, len) == 0);
}

static void *wake(void *arg) {
  waker *w = arg;
  host_await_blocked(w->waiter);
  w->act(w->arg);
  return NULL;
}

void waker_start(waker *w, void (*act)(void *arg), void *arg) {
  w->waiter = (int)syscall(SYS_gettid);
  w->act = act;
  w->arg = arg;
  REQUIRE(pthread_create(&w->thread, NULL, wake, w) == 0);
}

void waker_join(waker *w) { REQUIRE(pthread_join(w->thread, NULL) == 0); }

int read_pid(sp_process *p) {
  sp_error err = SP_ERROR_INIT;
  const char *line = NULL;
  size_t len = 0;
  REQUIRE_CODE(sp_read_line(p, SP_OUT, SP_FOREVER, &line, &len, &err), SP_OK, &err);
  int pid = atoi(line);
  REQUIRE(pid > 1);
  return pid;
}
