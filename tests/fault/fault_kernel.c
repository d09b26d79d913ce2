/* SPDX-License-Identifier: MIT
 *
 * Kernels and sandboxes that lack or forbid the newer system calls: the same scenarios give the same results.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "sandbox.h"
#include "scenarios.h"

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
static void run_without(const sandbox_rule *rules) {
  static const int errors[] = {ENOSYS, EPERM};
  for (size_t i = 0; i < 2; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      sandbox_forbid(rules, errors[i]);
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
  { SANDBOX_CLONE3, SANDBOX_ALWAYS, 0, 0 }
#define NO_CLONE_PIDFD \
  { SYS_clone, SANDBOX_HAS_BITS, 0, CLONE_PIDFD }
#define NO_CLONE_VFORK \
  { SYS_clone, SANDBOX_HAS_BITS, 0, CLONE_VFORK }
#define NO_PIDFD_OPEN \
  { SANDBOX_PIDFD_OPEN, SANDBOX_ALWAYS, 0, 0 }
#define NO_PIDFD_SIGNAL \
  { SANDBOX_PIDFD_SEND_SIGNAL, SANDBOX_ALWAYS, 0, 0 }
#define NO_WAITID_PIDFD \
  { SYS_waitid, SANDBOX_EQUALS, 0, 3 /* P_PIDFD */ }
#define NO_CLOSE_RANGE \
  { SANDBOX_CLOSE_RANGE, SANDBOX_ALWAYS, 0, 0 }
#define NO_PWRITEV2 \
  { SYS_pwritev2, SANDBOX_ALWAYS, 0, 0 }
#define END \
  { 0, SANDBOX_ALWAYS, 0, 0 }

#define WITHOUT(name, ...) \
  HOST_TEST(without_##name) { \
    static const sandbox_rule rules[] = {__VA_ARGS__, END}; \
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
WITHOUT(memfd, {SYS_memfd_create, SANDBOX_ALWAYS, 0, 0})
WITHOUT(pwritev2, NO_PWRITEV2)
WITHOUT(dup3, {SYS_dup3, SANDBOX_ALWAYS, 0, 0})
/* As in Linux 4.x: no pidfd of any kind. */
WITHOUT(any_pidfd, NO_CLONE3, NO_CLONE_PIDFD, NO_PIDFD_OPEN, NO_PIDFD_SIGNAL, NO_WAITID_PIDFD)
WITHOUT(any_of_them, NO_CLONE3, NO_CLONE_PIDFD, NO_CLONE_VFORK, NO_PIDFD_OPEN, NO_PIDFD_SIGNAL, NO_WAITID_PIDFD,
        NO_CLOSE_RANGE, NO_PWRITEV2, {SYS_dup3, SANDBOX_ALWAYS, 0, 0})

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
