// SPDX-License-Identifier: MIT
#include "core_tests.h"

int main() {
  int failures = shell_words_tests();
  failures += command_tests();
  failures += orphans_tests();
  return failures == 0 ? 0 : 1;
}
