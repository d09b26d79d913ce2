// SPDX-License-Identifier: MIT
//
// Every file includes sp.hpp, so this program also shows that the header can be included in many.
#include "groups.h"

int main() {
  int failures = running_tests();
  failures += options_tests();
  failures += process_tests();
  failures += lifetime_tests();
  failures += callback_tests();
  failures += pipeline_tests();
  failures += text_tests();
  return failures == 0 ? 0 : 1;
}
