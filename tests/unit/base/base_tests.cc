// SPDX-License-Identifier: MIT
#include "base_tests.h"

int main() {
  int failures = bytes_tests();
  failures += deadline_tests();
  failures += error_tests();
  failures += string_vector_tests();
  return failures == 0 ? 0 : 1;
}
