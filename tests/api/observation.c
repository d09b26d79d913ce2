/* SPDX-License-Identifier: MIT */
#include "../children/pattern.h"
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* -- pipes --------------------------------------------------------------------------------------------------------------- */

pipe_pair open_pipe(void) {
  int ends[2];
  check(pipe2(ends, O_CLOEXEC) == 0);
  for (int i = 0; i < 2; i++) { /* a host that has closed its standard streams gets low numbers from pipe2() */
    int low = ends[i];
    ends[i] = fcntl(low, F_DUPFD_CLOEXEC, 10);
    check(ends[i] >= 10 && close(low) == 0);
  }
  return (pipe_pair){ends[0], ends[1]};
}

void close_fd(int *fd) {
  check(close(*fd) == 0);
  *fd = -1;
}

char *drain(int fd, size_t *ret_len) {
  size_t len = 0, room = 4096;
  char *bytes = malloc(room + 1);
  ssize_t n;
  while (bytes != NULL && (n = read(fd, bytes + len, room - len)) != 0) {
    check(n > 0);
    len += (size_t)n;
    if (len == room) bytes = realloc(bytes, (room *= 2) + 1);
  }
  keep(bytes);
  bytes[len] = '\0';
  if (ret_len != NULL) *ret_len = len;
  return bytes;
}

bool readable(int fd, int timeout_ms) {
  struct pollfd waited = {fd, POLLIN, 0};
  return poll(&waited, 1, timeout_ms) == 1;
}

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -- children ------------------------------------------------------------------------------------------------------------ */

char *output_of(const char *const *argv, const sp_options *opt) {
  sp_error err = SP_ERROR_INIT;
  char *output = NULL;
  check_ok(sp_check_output(argv, opt, &output, NULL, &err), err);
  char *copy = kept_text("%s", output);
  sp_mem_free(output);
  return copy;
}

sp_process *start(const char *const *argv, const sp_options *opt) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_popen(argv, opt, &p, &err), err);
  return p;
}

int64_t wait_for(sp_process *p) {
  sp_error err = SP_ERROR_INIT;
  int64_t code = SP_NO_RETURNCODE;
  check_ok(sp_wait(p, LONG_MS, &code, &err), err);
  return code;
}

void await_end(sp_process *p) {
  siginfo_t info;
  check(waitid(P_PID, (id_t)sp_pid(p), &info, WEXITED | WNOWAIT) == 0 || errno == ECHILD);
}

void free_killed(sp_process *p) {
  id_t pids[2];
  const size_t n = sp_stage_count(p);
  check(n <= 2);
  for (size_t i = 0; i < n; i++) pids[i] = (id_t)sp_pid(sp_stage_at(p, i));
  sp_process_free(p);
  siginfo_t info;
  for (size_t i = 0; i < n; i++) check(waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT) == 0 || errno == ECHILD);
}

void expect_line(sp_process *p, const char *line) {
  sp_error err = SP_ERROR_INIT;
  const char *seen = NULL;
  size_t len = 0;
  check_ok(sp_read_line(p, SP_OUT, LONG_MS, &seen, &len, &err), err);
  check(len == strlen(line) && strcmp(seen, line) == 0);
}

void check_pattern(const void *bytes, size_t len, int stream) {
  const unsigned char *seen = bytes;
  size_t i = 0;
  while (i < len && seen[i] == pattern_byte((unsigned)stream, i)) i++;
  if (i < len) report("byte %zu of %zu is wrong\n", i, len);
  check(i == len);
}

/* -- reports of children ------------------------------------------------------------------------------------------------- */

char *descriptors_of(const sp_options *opt) {
  sp_options options = *opt;
  sp_error err = SP_ERROR_INIT;
  pipe_pair report = open_pipe();
  int32_t passed[32];
  check(opt->pass_fds_len < 32);
  for (size_t i = 0; i < opt->pass_fds_len; i++) passed[i] = opt->pass_fds[i];
  passed[opt->pass_fds_len] = report.write_end;
  options.pass_fds = passed;
  options.pass_fds_len++;
  check_ok(sp_run(CHILD("descriptors", kept_text("%d", report.write_end)), &options, NULL, &err), err);
  close_fd(&report.write_end);
  char *list = drain(report.read_end, NULL);
  close_fd(&report.read_end);
  return list;
}

bool find_open(const char *list, int fd, open_file *ret) {
  for (const char *line = list; *line != '\0'; line = strchr(line, '\n') + 1) {
    open_file seen;
    int number;
    check(sscanf(line, "%d %c %lu %lu %o", &number, &seen.type, &seen.device, &seen.inode, &seen.flags) == 5);
    if (number != fd) continue;
    if (ret != NULL) *ret = seen;
    return true;
  }
  return false;
}

open_file open_file_of(int fd) {
  struct stat st;
  check(fstat(fd, &st) == 0);
  return (open_file){'?', (unsigned long)st.st_dev, (unsigned long)st.st_ino, (unsigned)fcntl(fd, F_GETFL)};
}

bool same_file(open_file a, open_file b) { return a.device == b.device && a.inode == b.inode; }

char *field_of(const char *text, const char *name) {
  size_t len = strlen(name);
  for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n'), line += line != NULL) {
    if (strncmp(line, name, len) != 0 || strspn(line + len, " :") == 0) continue;
    const char *value = line + len + strspn(line + len, " :\t");
    return kept_text("%.*s", (int)strcspn(value, "\n"), value);
  }
  return NULL;
}

int64_t number_of(const char *text, const char *name, int base) {
  char *value = field_of(text, name);
  check(value != NULL);
  return (int64_t)strtoull(value, NULL, base);
}

sp_result *communicate(sp_process *p, const void *input, size_t len) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_communicate(p, input, len, LONG_MS, &result, &err), err);
  return result;
}

void expect_output(const sp_result *result, int stream, const char *expected) {
  size_t len = 77;
  const char *seen = sp_result_output(result, stream, &len);
  check(seen != NULL && len == strlen(expected));
  check(memcmp(seen, expected, len + 1) == 0); /* with the NUL after it */
}
