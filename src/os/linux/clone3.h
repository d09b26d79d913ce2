// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "os/linux/raw_syscall.h"

namespace sp::os {

// The kernel's struct clone_args (linux/sched.h) as of Linux 5.5; older headers lack it.
struct CloneArguments {
  uint64_t flags;
  uint64_t pidfd;
  uint64_t child_tid;
  uint64_t parent_tid;
  uint64_t exit_signal;
  uint64_t stack;
  uint64_t stack_size;
  uint64_t tls;
};

inline constexpr uint64_t kCloneVm = 0x00000100;
inline constexpr uint64_t kClonePidfd = 0x00001000;
inline constexpr uint64_t kCloneVfork = 0x00004000;
inline constexpr uint64_t kCloneClearSighand = 0x100000000;
inline constexpr long kClone3 = 435;

// Runs `entry(argument)`, which must not return, in a child on the stack that `arguments` names. The child never leaves
// the assembly, so that nothing of the parent's frame is touched. Returns the pid or -errno in the parent.
#if defined(__x86_64__)

#  define SP_HAS_CLONE3 1
inline long clone3_call(const CloneArguments& arguments, void (*entry)(void*), void* argument) {
  register void (*r8)(void*) __asm__("r8") = entry;
  register void* r9 __asm__("r9") = argument;
  long result = kClone3;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "mov %%r9, %%rdi\n\t"
      "call *%%r8\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(&arguments), "S"(sizeof arguments), "r"(r8), "r"(r9)
      : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

#  define SP_HAS_CLONE3 1
inline long clone3_call(const CloneArguments& arguments, void (*entry)(void*), void* argument) {
  register long x8 __asm__("x8") = kClone3;
  register long x0 __asm__("x0") = word(&arguments);
  register long x1 __asm__("x1") = sizeof arguments;
  register void (*x10)(void*) __asm__("x10") = entry;
  register void* x11 __asm__("x11") = argument;
  __asm__ volatile(
      "svc 0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x30, xzr\n\t"
      "mov x0, x11\n\t"
      "blr x10\n\t"
      "brk 1\n"
      "1:"
      : "+r"(x0)
      : "r"(x8), "r"(x1), "r"(x10), "r"(x11)
      : "memory");
  return x0;
}

#else

#  define SP_HAS_CLONE3 0
inline long clone3_call(const CloneArguments&, void (*)(void*), void*) { return -ENOSYS; }

#endif

}  // namespace sp::os
