/* SPDX-License-Identifier: MIT
 *
 * Kernels and sandboxes that lack or forbid the newer system calls: the same scenarios give the same results.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "scenarios.h"

#if defined(__x86_64__)
#  define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#  define ARCH AUDIT_ARCH_AARCH64
#else
#  error "the filters need this architecture's audit number"
#endif

/* System calls that a header may be too old to know; the numbers are the same on every architecture. */
enum { NR_close_range = 436, NR_pidfd_getfd = 438, NR_pidfd_open = 434, NR_pidfd_send_signal = 424, NR_clone3 = 435 };

/* One call to fail, always or if its argument `arg` has one of `bits`, or is `value`. */
typedef struct rule {
  int number;
  enum { ALWAYS, HAS_BITS, EQUALS } when;
  unsigned arg;
  uint32_t value;
} rule;

enum { RULES_MAX = 12 };

static void put_rule(struct sock_filter *code, unsigned short *n, const rule *r, int error) {
  const uint32_t action = SECCOMP_RET_ERRNO | ((uint32_t)error & SECCOMP_RET_DATA);
  const unsigned char skip = r->when == ALWAYS ? 1 : 3;
  code[(*n)++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  code[(*n)++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)r->number, 0, skip);
  if (r->when != ALWAYS) {
    const uint32_t at = (uint32_t)offsetof(struct seccomp_data, args) + 8 * r->arg;
    const unsigned short test = r->when == HAS_BITS ? BPF_JSET : BPF_JEQ;
    code[(*n)++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at);
    code[(*n)++] = (struct sock_filter)BPF_JUMP((unsigned short)(BPF_JMP | test | BPF_K), r->value, 0, 1);
  }
  code[(*n)++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
}

static void forbid(const rule *rules, int error) {
  struct sock_filter code[RULES_MAX * 5 + 8];
  unsigned short n = 0;
  code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  for (const rule *r = rules; r->number != 0; r++) put_rule(code, &n, r, error);
  code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const struct sock_fprog program = {n, code};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) host_skip("no seccomp filters here");
}

static void run_all(void) {
  static host_fds before;
  host_fds_take(&before);
  /* Its handler for SIGALRM leaves flags of the C library's own behind, which the first time would be seen. */
  scenario_cancel();
  char *state = host_state_take();
  scenarios_all();
  char *later = host_state_take();
  host_state_require_same(state, later);
  host_fds_require_released(&before);
  host_require_no_children();
}

/* Each error in a process of its own: a filter stays for good. */
static void run_without(const rule *rules) {
  static const int errors[] = {ENOSYS, EPERM};
  for (size_t i = 0; i < 2; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      forbid(rules, errors[i]);
      run_all();
      _exit(0);
    }
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == HOST_SKIPPED) _exit(HOST_SKIPPED);
    if (status != 0) host_note("with errno %d", errors[i]);
    REQUIRE_INT(status, 0);
  }
}

#define NO_CLONE3 \
  { NR_clone3, ALWAYS, 0, 0 }
#define NO_CLONE_PIDFD \
  { SYS_clone, HAS_BITS, 0, CLONE_PIDFD }
#define NO_CLONE_VFORK \
  { SYS_clone, HAS_BITS, 0, CLONE_VFORK }
#define NO_PIDFD_OPEN \
  { NR_pidfd_open, ALWAYS, 0, 0 }
#define NO_PIDFD_SIGNAL \
  { NR_pidfd_send_signal, ALWAYS, 0, 0 }
#define NO_WAITID_PIDFD \
  { SYS_waitid, EQUALS, 0, 3 /* P_PIDFD */ }
#define NO_CLOSE_RANGE \
  { NR_close_range, ALWAYS, 0, 0 }
#define NO_PWRITEV2 \
  { SYS_pwritev2, ALWAYS, 0, 0 }
#define END \
  { 0, ALWAYS, 0, 0 }

#define WITHOUT(name, ...) \
  HOST_TEST(without_##name) { \
    static const rule rules[] = {__VA_ARGS__, END}; \
    run_without(rules); \
  }

/* The scenarios themselves are sound. */
HOST_TEST(with_everything) { run_all(); }

WITHOUT(clone3, NO_CLONE3)
WITHOUT(clone_pidfd, NO_CLONE3, NO_CLONE_PIDFD)
WITHOUT(vfork, NO_CLONE3, NO_CLONE_VFORK)
WITHOUT(pidfd_open, NO_PIDFD_OPEN)
WITHOUT(pidfd_send_signal, NO_PIDFD_SIGNAL)
WITHOUT(close_range, NO_CLOSE_RANGE)
WITHOUT(waitid_pidfd, NO_WAITID_PIDFD)
WITHOUT(memfd, {SYS_memfd_create, ALWAYS, 0, 0})
WITHOUT(pwritev2, NO_PWRITEV2)
WITHOUT(dup3, {SYS_dup3, ALWAYS, 0, 0})
/* As in Linux 4.x: no pidfd of any kind. */
WITHOUT(any_pidfd, NO_CLONE3, NO_CLONE_PIDFD, NO_PIDFD_OPEN, NO_PIDFD_SIGNAL, NO_WAITID_PIDFD)
WITHOUT(any_of_them, NO_CLONE3, NO_CLONE_PIDFD, NO_CLONE_VFORK, NO_PIDFD_OPEN, NO_PIDFD_SIGNAL, NO_WAITID_PIDFD,
        NO_CLOSE_RANGE, NO_PWRITEV2, {SYS_dup3, ALWAYS, 0, 0})

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_everything),     cmocka_unit_test(without_clone3),
      cmocka_unit_test(without_clone_pidfd), cmocka_unit_test(without_vfork),
      cmocka_unit_test(without_pidfd_open),  cmocka_unit_test(without_pidfd_send_signal),
      cmocka_unit_test(without_close_range), cmocka_unit_test(without_waitid_pidfd),
      cmocka_unit_test(without_memfd),       cmocka_unit_test(without_pwritev2),
      cmocka_unit_test(without_dup3),        cmocka_unit_test(without_any_pidfd),
      cmocka_unit_test(without_any_of_them),
  };
  return cmocka_run_group_tests_name("fault_kernel", tests, NULL, NULL);
}
