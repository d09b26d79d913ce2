/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "host.h"

extern char **environ;

/* As the kernel sees it: the C library hides signals 32 and 33 and the restorer. */
typedef struct kernel_action {
  void *handler;
  unsigned long flags;
  void *restorer;
  unsigned long mask;
} kernel_action;

static void put_signals(FILE *out) {
  for (int sig = 1; sig <= 64; sig++) {
    kernel_action action;
    memset(&action, 0, sizeof action);
    REQUIRE(syscall(SYS_rt_sigaction, sig, NULL, &action, sizeof action.mask) == 0);
    fprintf(out, "signal %d: handler %p flags %lx restorer %p mask %lx\n", sig, action.handler, action.flags,
            action.restorer, action.mask);
  }
  stack_t stack;
  REQUIRE(sigaltstack(NULL, &stack) == 0);
  fprintf(out, "signal stack: %p %d %zu\n", stack.ss_sp, stack.ss_flags, stack.ss_size);
}

/* Copies the lines of a /proc file that begin with one of the wanted words. */
static void put_lines(FILE *out, const char *path, const char *const wanted[]) {
  FILE *in = fopen(path, "re");
  if (in == NULL) return;
  char line[4096];
  while (fgets(line, sizeof line, in) != NULL) {
    for (size_t i = 0; wanted[i] != NULL; i++)
      if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) {
        fprintf(out, "%s %s", path, line);
        break;
      }
  }
  fclose(in);
}

static void put_threads(FILE *out) {
  static const char *const facts[] = {"Name:", "SigBlk:", "SigPnd:", "Cap", "Cpus_allowed:", "Seccomp", NULL};
  DIR *dir = opendir("/proc/self/task");
  REQUIRE(dir != NULL);
  struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    char path[300];
    snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
    put_lines(out, path, facts);
  }
  closedir(dir);
}

static void put_limits(FILE *out) {
  for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
    struct rlimit limit;
    REQUIRE(getrlimit((__rlimit_resource_t)i, &limit) == 0);
    fprintf(out, "limit %d: %llu %llu\n", i, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
  }
}

/* One microsecond is what the kernel says of a timer that has expired while another processor still sends its signal.
 */
static bool is_armed(const struct timeval *left) { return left->tv_sec > 0 || left->tv_usec > 1; }

static void put_timers(FILE *out) {
  static const int kinds[] = {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF};
  for (size_t i = 0; i < 3; i++) {
    struct itimerval timer;
    REQUIRE(getitimer((__itimer_which_t)kinds[i], &timer) == 0);
    fprintf(out, "timer %zu: interval %ld.%06ld %s\n", i, (long)timer.it_interval.tv_sec,
            (long)timer.it_interval.tv_usec, is_armed(&timer.it_value) ? "armed" : "off");
  }
  put_lines(out, "/proc/self/timers", (const char *const[]){"ID:", "signal:", NULL});
}

static void put_process(FILE *out) {
  static const char *const facts[] = {
      "Umask:",   "TracerPid:", "Uid:",    "Gid:",    "Groups:",     "NSpgid:", "NSsid:",
      "Threads:", "ShdPnd:",    "SigIgn:", "SigCgt:", "NoNewPrivs:", NULL};
  char cwd[4096];
  REQUIRE(getcwd(cwd, sizeof cwd) != NULL);
  fprintf(out, "cwd: %s\n", cwd);
  fprintf(out, "dumpable: %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
  int value = 0;
  REQUIRE(prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0) == 0);
  fprintf(out, "death signal: %d\n", value);
  REQUIRE(prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0) == 0);
  fprintf(out, "subreaper: %d\n", value);
  fprintf(out, "nice: %d\n", getpriority(PRIO_PROCESS, 0));
  put_lines(out, "/proc/self/status", facts);
  put_lines(out, "/proc/self/oom_score_adj", (const char *const[]){"", NULL});
  fprintf(out, "environ: %p\n", (void *)environ);
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++)
    fprintf(out, "environ %p: %s\n", (void *)*entry, *entry);
}

char *host_state_take(void) {
  char *text = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&text, &len);
  REQUIRE(out != NULL);
  put_signals(out);
  put_threads(out);
  put_limits(out);
  put_timers(out);
  put_process(out);
  REQUIRE(fclose(out) == 0);
  return text;
}

/* Prints the lines of `a` that are not in `b`. @return how many there are. */
static int put_missing(const char *sign, const char *a, const char *b) {
  int missing = 0;
  while (*a != '\0') {
    size_t len = strcspn(a, "\n");
    bool found = false;
    for (const char *at = b; *at != '\0' && !found;) {
      size_t n = strcspn(at, "\n");
      found = n == len && memcmp(at, a, n) == 0;
      at += n + (at[n] == '\n');
    }
    if (!found) {
      host_note("%s %.*s", sign, (int)len, a);
      missing++;
    }
    a += len + (a[len] == '\n');
  }
  return missing;
}

void host_state_require_same(const char *before, const char *after) {
  int changed = put_missing("before:", before, after) + put_missing("after: ", after, before);
  REQUIRE_INT(changed, 0);
}

void host_fds_take(host_fds *ret) {
  memset(ret, 0, sizeof *ret);
  DIR *dir = opendir("/proc/self/fd");
  REQUIRE(dir != NULL);
  struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    int number = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || number == dirfd(dir)) continue;
    REQUIRE(ret->len < HOST_FDS_MAX);
    host_fd *fd = &ret->fd[ret->len++];
    fd->number = number;
    fd->cloexec = fcntl(number, F_GETFD) & FD_CLOEXEC;
    fd->status_flags = fcntl(number, F_GETFL);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", number);
    REQUIRE(readlink(path, fd->target, sizeof fd->target - 1) > 0);
  }
  closedir(dir);
}

static const host_fd *fd_find(const host_fds *list, int number) {
  for (size_t i = 0; i < list->len; i++)
    if (list->fd[i].number == number) return &list->fd[i];
  return NULL;
}

void host_fds_require(const host_fds *before, const host_fds *after, size_t extra) {
  int wrong = 0;
  size_t came = 0;
  for (size_t i = 0; i < before->len; i++) {
    const host_fd *old = &before->fd[i], *now = fd_find(after, old->number);
    if (now != NULL && memcmp(old, now, sizeof *old) == 0) continue;
    host_note("descriptor %d (%s) %s", old->number, old->target, now == NULL ? "was closed" : "was changed");
    wrong++;
  }
  for (size_t i = 0; i < after->len; i++) {
    const host_fd *now = &after->fd[i];
    if (fd_find(before, now->number) != NULL) continue;
    came++;
    if (now->number > 2 && now->cloexec) continue;
    host_note("descriptor %d (%s) is %s", now->number, now->target, now->cloexec ? "a standard one" : "inheritable");
    wrong++;
  }
  for (size_t i = 0; came > extra && i < after->len; i++)
    if (fd_find(before, after->fd[i].number) == NULL)
      host_note("descriptor %d (%s) came", after->fd[i].number, after->fd[i].target);
  REQUIRE_INT(wrong, 0);
  REQUIRE(came <= extra);
}

void host_fds_require_released(const host_fds *before) {
  static host_fds after;
  sp_release_caches();
  host_fds_take(&after);
  host_fds_require(before, &after, HOST_FDS_KEPT);
}
