// SPDX-License-Identifier: MIT
#include "io_tests.h"

int main() {
  int failures = line_buffer_tests();
  failures += capture_tests();
  failures += shelf_tests();
  failures += loop_tests();
  failures += wake_tests();
  failures += pump_tests();
  failures += pump_end_tests();
  return failures == 0 ? 0 : 1;
}
