/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_KEPT = 4096, REPORT_FD_FROM = 400, HOST_FAILED = 99, NOBODY = 65534 };

static void *kept[MAX_KEPT]; /* memory that is freed after the test */
static int kept_len;
static char directory[64];
static int fds_before;
static bool is_forked_host;
static int report_fd = -1; /* standard error, where tests that close 0 to 2 can reach it */

/* -- assertions ---------------------------------------------------------------------------------------------------------- */

void report(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vdprintf(report_fd >= 0 ? report_fd : 2, format, args);
  va_end(args);
}

void check_that(bool condition, const char *text, const char *file, int line) {
  if (condition) return;
  if (is_forked_host) {
    report("%s:%d: in a forked host: %s\n", file, line, text);
    _exit(HOST_FAILED);
  }
  _assert_true(0, text, file, line);
}

void check_code(int seen, int expected, const sp_error *err, const char *text, const char *file, int line) {
  bool told = expected == SP_OK || err->code == expected;
  if (seen != expected || !told)
    report("%s: returned %s, not %s; the error says %s at %s: %s\n", text, sp_code_name(seen), sp_code_name(expected),
           sp_code_name(err->code), sp_step_name(err->step), err->message);
  check_that(seen == expected && told, text, file, line);
}

/* -- memory and files that last as long as the test ---------------------------------------------------------------------- */

void *keep(void *memory) {
  check(memory != NULL && kept_len < MAX_KEPT);
  kept[kept_len++] = memory;
  return memory;
}

char *kept_text(const char *format, ...) {
  char *text = NULL;
  va_list args;
  va_start(args, format);
  int len = vasprintf(&text, format, args);
  va_end(args);
  check(len >= 0);
  return keep(text);
}

const char *path_in(const char *dir, const char *name) { return kept_text("%s/%s", dir, name); }

const char *child_path(const char *name) {
  const char *dir = getenv("SP_CHILDREN_DIR");
  check(dir != NULL);
  return path_in(dir, name);
}

const char *const *child_argv(const char *const *argv) {
  size_t len = 0;
  while (argv[len] != NULL) len++;
  const char **copy = keep(calloc(len + 1, sizeof *copy));
  memcpy(copy, argv, len * sizeof *copy);
  copy[0] = child_path(argv[0]);
  return copy;
}

const char *fixture_directory(void) {
  if (directory[0] == '\0') {
    strcpy(directory, "/tmp/libsubprocess-XXXXXX");
    check(mkdtemp(directory) != NULL && chmod(directory, 0755) == 0);
  }
  return directory;
}

void make_file(const char *path, const char *content, unsigned mode) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  check(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content));
  check(fchmod(fd, mode) == 0 && close(fd) == 0);
}

char *file_content(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  check(fd >= 0);
  char *content = drain(fd, NULL);
  close(fd);
  return content;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
  (void)st, (void)type, (void)ftw;
  return remove(path);
}

/* -- what a test must leave as it was ------------------------------------------------------------------------------------ */

/* Calls `visit` for each open descriptor, and counts them. */
static int each_fd(void (*visit)(int fd)) {
  int count = 0;
  DIR *dir = opendir("/proc/self/fd");
  check(dir != NULL);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] == '.' || fd == dirfd(dir)) continue;
    count++;
    if (visit != NULL) visit(fd);
  }
  closedir(dir);
  return count;
}

static void print_fd(int fd) {
  char link[64], target[256];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t len = readlink(link, target, sizeof target - 1);
  print_error("  %d %.*s\n", fd, len > 0 ? (int)len : 0, target);
}

int open_fd_count(void) { return each_fd(NULL); }

bool has_children(void) {
  siginfo_t info;
  return waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/* Children that a failed test left would make the tests after it fail too. */
static void end_children(void) {
  FILE *children = fopen("/proc/thread-self/children", "re");
  int pid;
  while (children != NULL && fscanf(children, "%d", &pid) == 1) {
    print_error("  child %d\n", pid);
    kill(pid, SIGKILL);
  }
  if (children != NULL) fclose(children);
  while (waitpid(-1, NULL, 0) > 0) continue;
}

int fixture_group_setup(void **state) {
  (void)state;
  report_fd = fcntl(2, F_DUPFD_CLOEXEC, REPORT_FD_FROM);
  setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1); /* what the caller's names may be closed to an ordinary user */
  /* The first event loop opens two descriptors that libuv never closes; a pipeline needs a loop. */
  const sp_command stages[] = {{CHILD("exit_code", "0"), NULL}, {CHILD("exit_code", "0"), NULL}};
  sp_options capture = {.size = sizeof capture, .flags = SP_CAPTURE};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, 2, &capture, &p, &err), err);
  sp_result_free(communicate(p, NULL, 0));
  sp_process_free(p);
  return 0;
}

int fixture_setup(void **state) {
  (void)state;
  sp_release_caches();
  alarm(50); /* a hang becomes a failure even where nothing else limits the test */
  fds_before = open_fd_count();
  return 0;
}

int fixture_teardown(void **state) {
  (void)state;
  int failures = 0;
  alarm(0);
  sp_release_caches();
  if (open_fd_count() != fds_before) {
    print_error("descriptors: %d before the test, %d after it:\n", fds_before, open_fd_count());
    each_fd(print_fd);
    failures++;
  }
  if (has_children()) {
    print_error("children are left:\n");
    end_children();
    failures++;
  }
  while (kept_len > 0) free(kept[--kept_len]);
  if (directory[0] != '\0') nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  directory[0] = '\0';
  return failures == 0 ? 0 : -1;
}

/* -- forked hosts -------------------------------------------------------------------------------------------------------- */

static int forked_host_status(void (*body)(void *), void *arg) {
  int status = 0;
  fflush(NULL);
  pid_t pid = fork();
  check(pid >= 0);
  if (pid == 0) {
    is_forked_host = true;
    alarm(40);
    body(arg);
    _exit(0);
  }
  check(waitpid(pid, &status, 0) == pid);
  return status;
}

void in_forked_host(void (*body)(void *arg), void *arg) { assert_int_equal(forked_host_status(body, arg), 0); }

typedef struct {
  void (*body)(void *);
  void *arg;
} ordinary_task;

static void drop_root(void *arg) {
  const ordinary_task *task = arg;
  check(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0);
  task->body(task->arg);
}

void as_ordinary_user(void (*body)(void *arg), void *arg) {
  ordinary_task task = {body, arg};
  if (geteuid() == 0)
    in_forked_host(drop_root, &task);
  else
    in_forked_host(body, arg);
}
