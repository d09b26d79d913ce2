/* SPDX-License-Identifier: MIT */
/* The bytes that the program `pattern` writes and that the tests expect: no period below 64 KiB, so that lost, doubled
 * or swapped pieces show. */
#ifndef LIBSUBPROCESS_TESTS_PATTERN_H
#define LIBSUBPROCESS_TESTS_PATTERN_H

#include <stddef.h>

/* Byte `i` of stream `seed` (1 for standard output, 2 for standard error). */
static inline unsigned char pattern_byte(unsigned seed, size_t i) {
  return (unsigned char)((i * 7 + (i >> 8) * 13 + (i >> 16) * 29 + seed * 101) & 0xff);
}

#endif
