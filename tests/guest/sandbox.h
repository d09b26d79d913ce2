/* SPDX-License-Identifier: MIT
 *
 * System calls that this process and its children shall not have, as on an older kernel or in a sandbox.
 */
#ifndef TESTS_GUEST_SANDBOX_H
#define TESTS_GUEST_SANDBOX_H

#include <stdint.h>

/* One call to fail: always, if its argument `arg` has one of the bits of `value`, or if it is `value`. */
typedef struct sandbox_rule {
  int number;
  enum { SANDBOX_ALWAYS, SANDBOX_HAS_BITS, SANDBOX_EQUALS } when;
  unsigned arg;
  uint32_t value;
} sandbox_rule;

enum { SANDBOX_RULES_MAX = 12 };

/* System calls that a header may be too old to know; the numbers are the same on every architecture. */
enum { SANDBOX_PIDFD_SEND_SIGNAL = 424, SANDBOX_PIDFD_OPEN = 434, SANDBOX_CLONE3 = 435, SANDBOX_CLOSE_RANGE = 436 };

/* From now on, for good, the calls of `rules` (up to one with number 0) fail with `error`. May skip the test. */
void sandbox_forbid(const sandbox_rule *rules, int error);

#endif
