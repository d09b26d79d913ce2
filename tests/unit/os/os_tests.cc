// SPDX-License-Identifier: MIT
#include "os_tests.h"

int main() {
  int failures = fork_epoch_tests();
  failures += per_process_tests();
  failures += descriptor_tests();
  failures += write_tests();
  failures += poll_tests();
  failures += waker_tests();
  return failures == 0 ? 0 : 1;
}
