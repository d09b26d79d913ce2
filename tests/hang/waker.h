/* SPDX-License-Identifier: MIT
 *
 * A second thread that acts once the first one has begun to block, and input and output to fill pipes with.
 */
#ifndef TESTS_HANG_WAKER_H
#define TESTS_HANG_WAKER_H

#include <pthread.h>
#include <stddef.h>

#include <libsubprocess/sp.h>

enum { BIG = 10000000 };

/* BIG bytes in which no two places look alike. @return to be freed. */
char *big_input(void);
void require_same(const sp_result *r, int stream, const char *input, size_t len);

typedef struct waker {
  int waiter;
  void (*act)(void *arg);
  void *arg;
  pthread_t thread;
} waker;

/* `act(arg)` is called on another thread once the calling one sleeps in the kernel. */
void waker_start(waker *w, void (*act)(void *arg), void *arg);
void waker_join(waker *w);

/* Reads "N\n" from the child: the pid of a grandchild. */
int read_pid(sp_process *p);

#endif
