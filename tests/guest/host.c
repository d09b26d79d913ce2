/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A copy of standard error out of the way, because some hosts close theirs. */
static int report_fd = 2;

void host_note(const char *format, ...) {
  char text[4096];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text - 1, format, args);
  va_end(args);
  if (n < 0) return;
  size_t len = (size_t)n < sizeof text - 1 ? (size_t)n : sizeof text - 2;
  text[len++] = '\n';
  if (write(report_fd, text, len) < 0) return;
}

void host_fail(const char *file, int line, const char *what) {
  host_note("%s:%d: failed: %s (errno %d, pid %d)", file, line, what, errno, (int)getpid());
  _exit(1);
}

void host_require_int(const char *file, int line, const char *what, long long got, long long want) {
  if (got == want) return;
  host_note("%s:%d: %s is %lld, want %lld (errno %d)", file, line, what, got, want, errno);
  _exit(1);
}

void host_require_code(const char *file, int line, const char *what, int64_t got, int want, const sp_error *err) {
  if (got == want) return;
  host_note("%s:%d: %s is %s (%lld), want %s", file, line, what, sp_code_name((int)got), (long long)got,
            sp_code_name(want));
  if (err != NULL)
    host_note("  step %s, errno %d, path \"%s\": %s", sp_step_name(err->step), err->sys_errno, err->path, err->message);
  _exit(1);
}

void host_require_output(const char *file, int line, const sp_result *r, int stream, const char *text) {
  size_t len = 0;
  const char *got = sp_result_output(r, stream, &len);
  if (got != NULL && len == strlen(text) && memcmp(got, text, len) == 0) return;
  host_note("%s:%d: output is \"%s\" (%zu bytes), want \"%s\"", file, line, got == NULL ? "(null)" : got, len, text);
  _exit(1);
}

void host_skip(const char *why) {
  host_note("skipped: %s", why);
  _exit(HOST_SKIPPED);
}

int64_t host_slow(int64_t ms) {
  const char *sanitize = getenv("SP_SANITIZE"), *preload = getenv("LD_PRELOAD");
  if (preload != NULL && strstr(preload, "vgpreload") != NULL) return ms * 20;
  return sanitize != NULL && *sanitize != '\0' ? ms * 4 : ms;
}

int64_t host_now_ms(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t host_cpu_ms(void) {
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  return (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000 +
         (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000;
}

/* Kills every process whose parent is this one. @return how many there were. */
static int kill_children(void) {
  int count = 0;
  char line[256];
  snprintf(line, sizeof line, "/proc/self/task/%d/children", (int)getpid());
  FILE *f = fopen(line, "re");
  int pid;
  while (f != NULL && fscanf(f, "%d", &pid) == 1) {
    host_note("left behind: process %d", pid);
    kill(pid, SIGKILL);
    count++;
  }
  if (f != NULL) fclose(f);
  return count;
}

/* Reaps children until `*pid` ended (or, for 0, until none is left). @return false when `limit_ms` passed before. */
static bool reap_until(pid_t pid, int *status, int64_t limit_ms) {
  int64_t deadline = host_now_ms() + limit_ms;
  sigset_t chld;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  for (;;) {
    int st;
    pid_t got = waitpid(-1, &st, WNOHANG);
    if (got < 0) return true;
    if (got > 0 && got == pid) {
      *status = st;
      return true;
    }
    if (got > 0) continue;
    int64_t left = deadline - host_now_ms();
    if (left <= 0) return false;
    struct timespec ts = {(time_t)(left / 1000), (long)(left % 1000) * 1000000};
    sigtimedwait(&chld, NULL, &ts);
  }
}

static _Noreturn void play_host(void (*body)(void), const sigset_t *mask) {
  sigprocmask(SIG_SETMASK, mask, NULL);
  int copy = fcntl(2, F_DUPFD_CLOEXEC, 900);
  if (copy >= 0) report_fd = copy;
  body();
  fflush(NULL);
  exit(0);
}

int host_run(void (*body)(void)) {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  sigset_t chld, mask;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  sigprocmask(SIG_BLOCK, &chld, &mask);
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) play_host(body, &mask);
  int status = 0;
  bool ended = pid > 0 && reap_until(pid, &status, host_slow(45000));
  if (!ended) host_note("the host hung");
  /* A moment for orphans that are on their way out; the host itself, if it hangs, is killed at once. */
  bool clean = ended && reap_until(0, NULL, host_slow(5000));
  while (!clean && kill_children() > 0) reap_until(0, NULL, 100);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  if (WIFSIGNALED(status)) host_note("the host was killed by signal %d", WTERMSIG(status));
  if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
  return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : clean ? 0 : 1;
}

void host_await_death(int64_t pid) {
  siginfo_t info;
  int rc;
  do rc = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
  while (rc < 0 && errno == EINTR);
  REQUIRE(rc == 0 || errno == ECHILD);
}

void host_await_blocked(int tid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
  for (;;) {
    char text[512] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    REQUIRE(read(fd, text, sizeof text - 1) > 0);
    close(fd);
    const char *end = strrchr(text, ')');
    if (end != NULL && strncmp(end, ") S", 3) == 0) return;
    struct timespec ts = {0, 1000000};
    nanosleep(&ts, NULL);
  }
}

/* The exit code is kept from the moment on at which the task is released. That may be a while after waitpid has said
 * that there is no such child; POLLHUP announces it. */
static bool pidfd_keeps_exit(int fd) {
  const uint64_t exit_bit = 1u << 3;
  for (bool released = false;; released = true) {
    struct {
      uint64_t mask;
      uint8_t rest[64];
    } info = {.mask = exit_bit};
    const int rc = ioctl(fd, _IOWR(0xFF, 11, char[72]), &info);
    if (rc == 0 && (info.mask & exit_bit) != 0) return true;
    if (released || (rc != 0 && errno != ESRCH)) return false;
    struct pollfd entry = {.fd = fd};
    while (poll(&entry, 1, (int)host_slow(10000)) < 0) REQUIRE(errno == EINTR);
  }
}

bool host_kernel_keeps_exit(void) {
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  pid_t pid = fork();
  if (pid == 0) {
    char byte;
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) == 0 ? 7 : 8);
  }
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  close(ends[0]);
  close(ends[1]);
  /* With an ignored SIGCHLD the kernel reaps, and waitpid returns only to say so. */
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
  }
  const bool kept = fd >= 0 && pidfd_keeps_exit(fd);
  if (fd >= 0) close(fd);
  return kept;
}

static void *do_nothing(void *arg) { return arg; }

void host_prime_threads(void) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, do_nothing, NULL) == 0);
  REQUIRE(pthread_join(thread, NULL) == 0);
  host_await_single_thread();
}

void host_await_single_thread(void) {
  struct stat st;
  for (;;) {
    REQUIRE(stat("/proc/self/task", &st) == 0);
    if (st.st_nlink == 3) return;
    struct timespec ts = {0, 1000000};
    nanosleep(&ts, NULL);
  }
}

void host_close_all(void) {
  if (report_fd > 3) close_range(3, (unsigned)report_fd - 1, 0);
  close_range((unsigned)report_fd + 1, ~0u, 0);
}

void host_require_no_children(void) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  int rc = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
  if (rc == 0) host_note("a child is left: pid %d (0: it runs)", (int)info.si_pid);
  REQUIRE(rc < 0 && errno == ECHILD);
}
