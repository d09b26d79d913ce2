/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "sandbox.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "host.h"

#if defined(__x86_64__)
#  define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#  define ARCH AUDIT_ARCH_AARCH64
#else
#  error "the filters need this architecture's audit number"
#endif

static void put_rule(struct sock_filter *code, unsigned short *n, const sandbox_rule *r, int error) {
  const uint32_t action = SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA);
  const unsigned char skip = r->when == SANDBOX_ALWAYS ? 1 : 3;
  code[(*n)++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  code[(*n)++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)r->number, 0, skip);
  if (r->when != SANDBOX_ALWAYS) {
    const uint32_t at = (uint32_t)offsetof(struct seccomp_data, args) + 8 * r->arg;
    const unsigned short test = r->when == SANDBOX_HAS_BITS ? BPF_JSET : BPF_JEQ;
    code[(*n)++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at);
    code[(*n)++] = (struct sock_filter)BPF_JUMP((unsigned short)(BPF_JMP | test | BPF_K), r->value, 0, 1);
  }
  code[(*n)++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
}

void sandbox_forbid(const sandbox_rule *rules, int error) {
  struct sock_filter code[SANDBOX_RULES_MAX * 5 + 4];
  unsigned short n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  for (const sandbox_rule *r = rules; r->number != 0; r++) {
    REQUIRE(r - rules < SANDBOX_RULES_MAX);
    put_rule(code, &n, r, error);
  }
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const struct sock_fprog program = {n, code};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) host_skip("no seccomp filters here");
}
