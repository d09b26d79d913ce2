/* SPDX-License-Identifier: MIT */
#include "bare.h"

enum { CHUNK = 65536 };
static char chunk[CHUNK];

/* Writes argv[1] MiB of zeros. */
static int run(int argc, char **argv) {
  if (argc != 2) return 2;
  unsigned long left = 0;
  for (const char *digit = argv[1]; *digit != '\0'; ++digit) left = left * 10 + (unsigned long)(*digit - '0');
  left <<= 20;
  while (left > 0) {
    const long size = bare_write(1, chunk, left < CHUNK ? left : CHUNK);
    if (size <= 0) return 1;
    left -= (unsigned long)size;
  }
  return 0;
}
