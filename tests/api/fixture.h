/* SPDX-License-Identifier: MIT
 *
 * What the API tests share. Every test leaves the process as it found it: the same open descriptors and no child,
 * running or dead; the fixture checks that after each one.
 */
#ifndef LIBSUBPROCESS_TESTS_FIXTURE_H
#define LIBSUBPROCESS_TESTS_FIXTURE_H

#ifndef _GNU_SOURCE
#  define _GNU_SOURCE
#endif
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <libsubprocess/sp.h>

/* A limit that is passed only when something is broken. */
#define LONG_MS 30000
/* A duration that a test is willing to spend, to show that something does not happen earlier. */
#define SHORT_MS 50

/* A list of strings with its NULL. */
#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
/* The argument list of a program from tests/children. */
#define CHILD(...) child_argv((const char *const[]){__VA_ARGS__, NULL})

#define fixture_test(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
#define run_fixture_tests(tests) cmocka_run_group_tests(tests, fixture_group_setup, NULL)

int fixture_group_setup(void **state);
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Like assert_true(), but it works in a forked host too, where cmocka's own assertions would run the remaining tests.
 */
/* Writes the line to standard error, also where a test has closed that. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define check(condition) check_that((condition) ? true : false, #condition, __FILE__, __LINE__)
void check_that(bool condition, const char *text, const char *file, int line);
/* The call returns SP_OK, else the test fails with the library's own sentence. */
#define check_ok(call, err) check_code((int)(call), SP_OK, &(err), #call, __FILE__, __LINE__)
/* The call returns `code`, and `err` tells the same. */
#define check_fails(call, code, err) check_code((int)(call), code, &(err), #call, __FILE__, __LINE__)
void check_code(int seen, int expected, const sp_error *err, const char *text, const char *file, int line);

/* Runs `body` in a forked copy of the host; the test fails unless the body returns. */
void in_forked_host(void (*body)(void *arg), void *arg);
/* The same as an ordinary user; the test is skipped where the host is neither that nor root. */
void as_ordinary_user(void (*body)(void *arg), void *arg);

/* Frees `memory` after the test. @return it */
void *keep(void *memory);
/* A formatted string that is valid until the end of the test. */
char *kept_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The path of a program from tests/children, found in $SP_CHILDREN_DIR; valid until the end of the test. */
const char *child_path(const char *name);
/* `argv` with its first element turned into a path; valid until the end of the test. */
const char *const *child_argv(const char *const *argv);

/* A new empty directory that everybody may enter; removed after the test. */
const char *fixture_directory(void);
/* DIRECTORY/NAME; valid until the end of the test. */
const char *path_in(const char *directory, const char *name);
/* Writes a file. */
void make_file(const char *path, const char *content, unsigned mode);
/* Reads a whole file into memory that is valid until the end of the test. */
char *file_content(const char *path);

/* A pipe, both ends close-on-exec and above 9. */
typedef struct {
  int read_end, write_end;
} pipe_pair;
pipe_pair open_pipe(void);
void close_fd(int *fd);
/* Reads until end of file, into memory that is valid until the end of the test, with a NUL after it. */
char *drain(int fd, size_t *ret_len);
/* Whether a descriptor has something to read or is at its end, within `timeout_ms`. */
bool readable(int fd, int timeout_ms);

int open_fd_count(void);
bool has_children(void);
/* Milliseconds of the monotonic clock. */
int64_t now_ms(void);

/* Runs a command that must return 0, and returns its standard output with a NUL after it, valid until the end of the
 * test. */
char *output_of(const char *const *argv, const sp_options *opt);
/* Starts a command that must start. */
sp_process *start(const char *const *argv, const sp_options *opt);
/* Waits for the end of the child and returns its code. */
int64_t wait_for(sp_process *p);
/* Waits until the child has ended, without reaping it; the library may have reaped it. */
void await_end(sp_process *p);
/* Frees a process with SP_KILL_ON_FREE, and waits until its children have ended: that may take them longer than the
 * moment which freeing gives them. */
void free_killed(sp_process *p);
/* Communicates to the end, which must succeed. @return the result, to be freed. */
sp_result *communicate(sp_process *p, const void *input, size_t len);
/* Compares all the captured output of a stream. */
void expect_output(const sp_result *result, int stream, const char *expected);
/* Reads one line of the child's standard output and compares it. */
void expect_line(sp_process *p, const char *line);
/* The `len` bytes are those that `pattern` writes to stream SP_OUT or SP_ERR. */
void check_pattern(const void *bytes, size_t len, int stream);

/* Runs the program `descriptors` with the given options and returns its list, valid until the end of the test. */
char *descriptors_of(const sp_options *opt);
/* One descriptor of such a list. */
typedef struct {
  char type;
  unsigned long device, inode;
  unsigned flags;
} open_file;
/* Finds a descriptor in such a list. @return whether it is open. */
bool find_open(const char *list, int fd, open_file *ret);
/* The same for a descriptor of the host. */
open_file open_file_of(int fd);
bool same_file(open_file a, open_file b);

/* The value of a line "NAME value" or "NAME:\tvalue"; NULL if there is none; valid until the end of the test. */
char *field_of(const char *text, const char *name);
/* The same as a number. */
int64_t number_of(const char *text, const char *name, int base);

#endif
