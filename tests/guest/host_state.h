/* SPDX-License-Identifier: MIT
 *
 * Everything of this process that a library could change behind its host's back, to compare before and after.
 */
#ifndef TESTS_GUEST_HOST_STATE_H
#define TESTS_GUEST_HOST_STATE_H

#include <stddef.h>

#define HOST_FDS_MAX 256

typedef struct host_fd {
  int number;
  int cloexec;
  int status_flags;
  char target[128];
} host_fd;

typedef struct host_fds {
  size_t len;
  host_fd fd[HOST_FDS_MAX];
} host_fds;

/* The documented most that the library keeps open: 4 loops of 5, 2 of libuv, 16 wake-ups; after a release only the 2.
 */
enum { HOST_FDS_CACHED = 4 * 5 + 2 + 16, HOST_FDS_KEPT = 2 };

/* Dispositions, masks, threads, limits, environment, timers ... as text, one fact a line. @return to be freed. */
char *host_state_take(void);
/* Fails, naming each fact that differs. */
void host_state_require_same(const char *before, const char *after);

void host_fds_take(host_fds *ret);
/* Each descriptor of `before` is as it was, and at most `extra` came, each of them above 2 and close-on-exec. */
void host_fds_require(const host_fds *before, const host_fds *after, size_t extra);
/* Closes the library's caches, then requires that of `before` nothing changed and only libuv's pair came. */
void host_fds_require_released(const host_fds *before);

#endif
