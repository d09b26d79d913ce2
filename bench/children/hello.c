/* SPDX-License-Identifier: MIT */
#include "bare.h"

/* Writes 6 bytes. */
static int run(int argc, char **argv) {
  (void)argc;
  (void)argv;
  return bare_write(1, "hello\n", 6) == 6 ? 0 : 1;
}
