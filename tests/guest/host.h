/* SPDX-License-Identifier: MIT
 *
 * A test body that plays a host program: it runs in a forked process of its own, so that it may close descriptors,
 * install handlers, lower limits or be killed without harm to the other tests. The test program itself is a subreaper
 * and fails a host that leaves a process behind.
 */
#ifndef TESTS_GUEST_HOST_H
#define TESTS_GUEST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <libsubprocess/sp.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SHELL(line) ARGV("/bin/sh", "-c", line)

/* These end the process with a message. They work in threads, in forked children and with descriptors 0-2 closed. */
#define REQUIRE(cond) ((cond) ? (void)0 : host_fail(__FILE__, __LINE__, #cond))
#define REQUIRE_INT(expr, want) host_require_int(__FILE__, __LINE__, #expr, (long long)(expr), (long long)(want))
#define REQUIRE_CODE(expr, want, err) host_require_code(__FILE__, __LINE__, #expr, (expr), (want), (err))
#define REQUIRE_OUTPUT(result, stream, text) host_require_output(__FILE__, __LINE__, (result), (stream), (text))

void host_fail(const char *file, int line, const char *what);
void host_require_int(const char *file, int line, const char *what, long long got, long long want);
void host_require_code(const char *file, int line, const char *what, int64_t got, int want, const sp_error *err);
void host_require_output(const char *file, int line, const sp_result *r, int stream, const char *text);
void host_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends the host, and its test counts as skipped. */
#define HOST_SKIPPED 77
void host_skip(const char *why);

/* Runs `body` in a forked process. @return its exit status, 128 + N for signal N, 1 if it hung or left a process. */
int host_run(void (*body)(void));

/* The same time, or several times more under a sanitizer or valgrind. */
int64_t host_slow(int64_t ms);
int64_t host_now_ms(void);
/* Processor time of this process so far, to tell waiting from spinning. */
int64_t host_cpu_ms(void);

/* Blocks until the child `pid` has ended, and leaves it to be reaped if nobody has done so. */
void host_await_death(int64_t pid);
/* Waits until the thread sleeps in the kernel: nothing else tells that a call has begun to block. */
void host_await_blocked(int tid);
/* Whether the kernel tells the exit code of a child that somebody else has reaped (Linux 6.15). */
bool host_kernel_keeps_exit(void);
void host_require_no_children(void);
/* Starts and ends one thread: with the first one the C library handles signal 33, which is not the library's doing. */
void host_prime_threads(void);
/* A joined thread is listed by the kernel for another moment. */
void host_await_single_thread(void);
/* Closes every descriptor from 3 up but the one that failures are reported on. */
void host_close_all(void);

/* A cmocka test whose body is a host. */
#define HOST_TEST(name) \
  static void name##_host(void); \
  static void name(void **state) { \
    (void)state; \
    int status = host_run(name##_host); \
    if (status == HOST_SKIPPED) skip(); \
    assert_int_equal(status, 0); \
  } \
  static void name##_host(void)

#ifdef __cplusplus
}
#endif
#endif
