/* SPDX-License-Identifier: MIT
 *
 * For the smallest programs there can be: no C library, no dynamic loader, so that starting one costs what the kernel
 * costs and nothing else. A program defines run(); its result is the exit status.
 */
#ifndef BENCH_BARE_H
#define BENCH_BARE_H

#include <sys/syscall.h>

static int run(int argc, char **argv);

#if defined(__x86_64__)
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call bare_start\n");

static inline long bare_syscall(long number, long a, long b, long c, long d) {
  long result;
  register long r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
__asm__(
    ".globl _start\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x0, sp\n"
    "  bl bare_start\n");

static inline long bare_syscall(long number, long a, long b, long c, long d) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}
#else
#  error "The bare children know x86_64 and aarch64 only."
#endif

static inline long bare_read(int fd, void *data, unsigned long size) {
  return bare_syscall(SYS_read, fd, (long)data, (long)size, 0);
}

static inline long bare_write(int fd, const void *data, unsigned long size) {
  return bare_syscall(SYS_write, fd, (long)data, (long)size, 0);
}

/* Called by _start with the stack as the kernel left it: argc, then argv. */
__attribute__((used, noreturn)) static void bare_start(long *stack) {
  const int status = run((int)stack[0], (char **)(stack + 1));
  for (;;) bare_syscall(SYS_exit_group, status, 0, 0, 0);
}

#endif
