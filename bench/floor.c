/* SPDX-License-Identifier: MIT
 *
 * The floor: the least that the kernel can be asked for, written by hand. No signal handling, no descriptors closed, no
 * errors reported, nothing that a library has to do besides; nobody can be expected to come below it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#ifndef P_PIDFD
#  define P_PIDFD 3
#endif

extern char **environ;

enum { STACK_SIZE = 65536, READ_SIZE = 65536, BIG_PIPE = 262144, TIMEOUT_MS = 10000 };

/* A child: its pidfd and the host's ends of the pipes, -1 where there is none. */
typedef struct child {
  const char *const *argv;
  int theirs[3];
  int ours[3];
  int pidfd;
} child;

static int enter(void *arg) {
  const child *c = arg;
  for (int i = 0; i < 3; ++i) {
    if (c->theirs[i] >= 0) dup2(c->theirs[i], i);
  }
  execve(c->argv[0], (char *const *)c->argv, environ);
  _exit(127);
}

/* `pipes`: bit i for stream i. */
static child start(const char *const *argv, unsigned pipes) {
  static char stack[STACK_SIZE] __attribute__((aligned(16)));
  child c = {argv, {-1, -1, -1}, {-1, -1, -1}, -1};
  for (int i = 0; i < 3; ++i) {
    int ends[2];
    if ((pipes & (1U << i)) == 0) continue;
    require(pipe2(ends, O_CLOEXEC) == 0, "floor: pipe2 failed");
    c.theirs[i] = ends[i == 0 ? 0 : 1];
    c.ours[i] = ends[i == 0 ? 1 : 0];
  }
  const int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  require(clone(enter, stack + STACK_SIZE, flags, &c, &c.pidfd) > 0, "floor: clone failed");
  for (int i = 0; i < 3; ++i) {
    if (c.theirs[i] >= 0) close(c.theirs[i]);
  }
  return c;
}

static void finish(const child *c) {
  siginfo_t info;
  require(waitid((idtype_t)P_PIDFD, (id_t)c->pidfd, &info, WEXITED) == 0, "floor: waitid failed");
  require(info.si_code == CLD_EXITED && info.si_status == 0, "floor: the child failed");
  close(c->pidfd);
}

static int64_t spawn(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    const child c = start(true_argv, 0);
    finish(&c);
  }
  return now_ns() - begin;
}

static int64_t capture(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    const child c = start(hello_argv, 2);
    char data[4096];
    size_t size = 0;
    ssize_t got;
    while ((got = read(c.ours[1], data + size, sizeof data - size)) > 0) size += (size_t)got;
    close(c.ours[1]);
    finish(&c);
    require(size == strlen(HELLO) && memcmp(data, HELLO, size) == 0, "floor: wrong output");
  }
  return now_ns() - begin;
}

/* Reads both streams until they end. Returns the bytes of standard output. */
static size_t drain(const child *c, char *data, size_t capacity) {
  struct pollfd fds[2] = {{c->ours[1], POLLIN, 0}, {c->ours[2], POLLIN, 0}};
  size_t size = 0;
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    require(poll(fds, 2, -1) > 0, "floor: poll failed");
    for (int i = 0; i < 2; ++i) {
      if (fds[i].revents == 0) continue;
      const ssize_t got = read(fds[i].fd, data + size, capacity - size);
      if (got <= 0) {
        close(fds[i].fd);
        fds[i].fd = -1;
      } else {
        size += (size_t)got;
      }
    }
  }
  return size;
}

static int64_t capture_three(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    const child c = start(hello_argv, 7);
    char data[4096];
    close(c.ours[0]);
    const size_t size = drain(&c, data, sizeof data);
    finish(&c);
    require(size == strlen(HELLO) && memcmp(data, HELLO, size) == 0, "floor: wrong output");
  }
  return now_ns() - begin;
}

static int64_t round_trips(long count, int with_poll) {
  const child c = start(echo_argv, 3);
  char line[LINE_SIZE];
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    require(write(c.ours[0], LINE, LINE_SIZE) == LINE_SIZE, "floor: short write");
    if (with_poll) {
      struct pollfd fd = {c.ours[1], POLLIN, 0};
      require(poll(&fd, 1, TIMEOUT_MS) == 1, "floor: poll failed");
    }
    require(read(c.ours[1], line, LINE_SIZE) == LINE_SIZE, "floor: short read");
  }
  const int64_t spent = now_ns() - begin;
  require(memcmp(line, LINE, LINE_SIZE) == 0, "floor: wrong line");
  close(c.ours[0]);
  close(c.ours[1]);
  finish(&c);
  return spent;
}

static int64_t ping_pong(long count) { return round_trips(count, 0); }
static int64_t ping_pong_poll(long count) { return round_trips(count, 1); }

/* Into memory that is already there: no library that returns fresh memory can do it, but it shows what the pipe costs.
 */
static int64_t flood_prefaulted(long count) {
  static char *memory;
  static size_t capacity;
  if (capacity < flood_bytes + READ_SIZE) {
    free(memory);
    capacity = flood_bytes + READ_SIZE;
    memory = malloc(capacity);
    require(memory != NULL, "floor: no memory");
    memset(memory, 1, capacity);
  }
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    const child c = start(flood_argv, 2);
    fcntl(c.ours[1], F_SETPIPE_SZ, BIG_PIPE);
    size_t size = 0;
    ssize_t got;
    while ((got = read(c.ours[1], memory + size, capacity - size)) > 0) size += (size_t)got;
    close(c.ours[1]);
    finish(&c);
    require(size == flood_bytes, "floor: wrong size");
  }
  return now_ns() - begin;
}

/* A block that grows as the output does. */
typedef struct block {
  char *data;
  size_t size;
  size_t capacity;
} block;

static ssize_t read_more(block *b, int fd) {
  if (b->capacity - b->size < BIG_PIPE) {
    b->capacity = b->capacity == 0 ? 2 * (size_t)BIG_PIPE : b->capacity * 2;
    b->data = realloc(b->data, b->capacity);
    require(b->data != NULL, "floor: no memory");
  }
  const ssize_t got = read(fd, b->data + b->size, b->capacity - b->size);
  if (got > 0) b->size += (size_t)got;
  return got;
}

static int64_t flood_growing(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    const child c = start(flood_argv, 2);
    block b = {NULL, 0, 0};
    fcntl(c.ours[1], F_SETPIPE_SZ, BIG_PIPE);
    while (read_more(&b, c.ours[1]) > 0) continue;
    close(c.ours[1]);
    finish(&c);
    require(b.size == flood_bytes, "floor: wrong size");
    free(b.data);
  }
  return now_ns() - begin;
}

/* Writes and reads what is possible until cat's output ends. */
static block pump(child *c) {
  block b = {NULL, 0, 0};
  size_t sent = 0;
  ssize_t got = 1;
  fcntl(c->ours[0], F_SETFL, O_NONBLOCK);
  while (got > 0) {
    struct pollfd fds[2] = {{c->ours[0], POLLOUT, 0}, {c->ours[1], POLLIN, 0}};
    require(poll(fds, 2, -1) > 0, "floor: poll failed");
    if (fds[0].fd >= 0 && fds[0].revents != 0) {
      const ssize_t put = write(c->ours[0], both_ways_data + sent, both_ways_bytes - sent);
      require(put > 0 || errno == EAGAIN, "floor: write failed");
      if (put > 0) sent += (size_t)put;
      if (sent == both_ways_bytes) {
        close(c->ours[0]);
        c->ours[0] = -1;
      }
    }
    if (fds[1].revents != 0) got = read_more(&b, c->ours[1]);
  }
  close(c->ours[1]);
  return b;
}

static int64_t both_ways(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    child c = start(cat_argv, 3);
    fcntl(c.ours[0], F_SETPIPE_SZ, BIG_PIPE);
    fcntl(c.ours[1], F_SETPIPE_SZ, BIG_PIPE);
    const block b = pump(&c);
    finish(&c);
    require(b.size == both_ways_bytes && memcmp(b.data, both_ways_data, b.size) == 0, "floor: wrong output");
    free(b.data);
  }
  return now_ns() - begin;
}

/* From the child's last instruction but one until its waiter runs. */
static int64_t exit_seen(long count) {
  int64_t total = 0;
  for (long i = 0; i < count; ++i) {
    const child c = start(stamp_argv, 3);
    struct timespec ended;
    require(write(c.ours[0], "x", 1) == 1, "floor: short write");
    finish(&c);
    const int64_t seen = now_ns();
    require(read(c.ours[1], &ended, sizeof ended) == sizeof ended, "floor: short read");
    total += seen - ((int64_t)ended.tv_sec * 1000000000 + ended.tv_nsec);
    close(c.ours[0]);
    close(c.ours[1]);
  }
  return total;
}

const measure floor_measures[] = {
    {"floor.spawn", spawn},
    {"floor.capture", capture},
    {"floor.capture_three", capture_three},
    {"floor.ping_pong", ping_pong},
    {"floor.ping_pong_poll", ping_pong_poll},
    {"floor.flood_prefaulted", flood_prefaulted},
    {"floor.flood_growing", flood_growing},
    {"floor.both_ways", both_ways},
    {"floor.exit_seen", exit_seen},
    {NULL, NULL},
};
