/* SPDX-License-Identifier: MIT
 *
 * What the driver runs: each measure does something `count` times and returns the nanoseconds that it took. A measure
 * checks what it did and ends the program with a sentence when it went wrong: a fast failure must not look like a good
 * figure.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t (*measure_fn)(long count);

typedef struct measure {
  const char *name;
  measure_fn run;
} measure;

/* The bare system calls, and the library; both lists end with a NULL name. */
extern const measure floor_measures[];
extern const measure library_measures[];

/* Nanoseconds on the monotonic clock. */
int64_t now_ns(void);
/* Ends the program unless `true_or_die`. */
void require(int true_or_die, const char *sentence);

/* The programs that are run, as argument lists. */
extern const char *true_argv[];
extern const char *hello_argv[];
extern const char *echo_argv[];
extern const char *stamp_argv[];
extern const char *cat_argv[];
/* Writes flood_bytes. */
extern const char *flood_argv[];
extern size_t flood_bytes;
/* Goes to cat and comes back. */
extern char *both_ways_data;
extern size_t both_ways_bytes;

enum { LINE_SIZE = 16 };
#define LINE "fifteen letters\n"
#define HELLO "hello\n"

#endif
