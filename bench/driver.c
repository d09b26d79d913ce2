/* SPDX-License-Identifier: MIT
 *
 * A process that stays and measures on demand: it reads "NAME COUNT" and answers with the nanoseconds that COUNT times
 * NAME took. Being one process, with one memory layout, it can be asked for the floor and for the library in turn.
 *
 *     driver CHILDREN_DIR [--flood-mib N] [--both-ways-mib N] [--ballast-mib N] [--open-fds N]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

const char *true_argv[] = {NULL, NULL};
const char *hello_argv[] = {NULL, NULL};
const char *echo_argv[] = {NULL, NULL};
const char *stamp_argv[] = {NULL, NULL};
const char *cat_argv[] = {"/bin/cat", NULL};
const char *flood_argv[] = {NULL, NULL, NULL};
size_t flood_bytes;
char *both_ways_data;
size_t both_ways_bytes;

int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void require(int true_or_die, const char *sentence) {
  if (true_or_die) return;
  fprintf(stderr, "driver: %s\n", sentence);
  exit(1);
}

static const char *join(const char *directory, const char *name) {
  char *path = NULL;
  require(asprintf(&path, "%s/%s", directory, name) > 0, "no memory");
  return path;
}

static void choose_children(const char *directory) {
  true_argv[0] = join(directory, "true");
  hello_argv[0] = join(directory, "hello");
  echo_argv[0] = join(directory, "echo");
  stamp_argv[0] = join(directory, "stamp");
  flood_argv[0] = join(directory, "flood");
}

static void set_flood(long mib) {
  static char number[24];
  snprintf(number, sizeof number, "%ld", mib);
  flood_argv[1] = number;
  flood_bytes = (size_t)mib << 20;
}

/* Random bytes, so that a mistake in their order is seen. */
static void set_both_ways(long mib) {
  free(both_ways_data);
  both_ways_bytes = (size_t)mib << 20;
  both_ways_data = malloc(both_ways_bytes);
  require(both_ways_data != NULL, "no memory for the data that goes both ways");
  unsigned value = 1;
  for (size_t i = 0; i < both_ways_bytes; ++i) {
    value = value * 1664525U + 1013904223U;
    both_ways_data[i] = (char)(value >> 24);
  }
}

/* Memory that was written to, in small pages: what a fork would have to copy the tables of. */
static void carry_ballast(long mib) {
  const size_t size = (size_t)mib << 20;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  require(memory != MAP_FAILED, "no memory for the ballast");
  madvise(memory, size, MADV_NOHUGEPAGE);
  memset(memory, 1, size);
}

static void open_descriptors(long count) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (long i = 0; i < count; ++i) {
    require(fcntl(null, F_DUPFD_CLOEXEC, 3) >= 0, "the limit of open descriptors is too low");
  }
}

static measure_fn find(const char *name) {
  for (const measure *m = floor_measures; m->name != NULL; ++m) {
    if (strcmp(m->name, name) == 0) return m->run;
  }
  for (const measure *m = library_measures; m->name != NULL; ++m) {
    if (strcmp(m->name, name) == 0) return m->run;
  }
  return NULL;
}

static int64_t microseconds(const struct timeval *time) { return (int64_t)time->tv_sec * 1000000 + time->tv_usec; }

/* Processor time of this process and of the children that it waited for, in nanoseconds. */
static int64_t cpu_ns(void) {
  struct rusage self, children;
  getrusage(RUSAGE_SELF, &self);
  getrusage(RUSAGE_CHILDREN, &children);
  return 1000 * (microseconds(&self.ru_utime) + microseconds(&self.ru_stime) + microseconds(&children.ru_utime) +
                 microseconds(&children.ru_stime));
}

static void serve(void) {
  char name[64];
  long count = 0;
  while (scanf("%63s %ld", name, &count) == 2) {
    const measure_fn run = find(name);
    require(run != NULL, "asked for a measure that does not exist");
    if (count > 1) run(1);  // what others ran meanwhile has emptied the caches
    const int64_t cpu = cpu_ns();
    const int64_t wall = run(count);
    printf("%lld %lld\n", (long long)wall, (long long)(cpu_ns() - cpu));
    fflush(stdout);
  }
}

int main(int argc, char **argv) {
  require(argc >= 2, "usage: driver CHILDREN_DIR [--OPTION N]...");
  choose_children(argv[1]);
  set_flood(1);
  set_both_ways(1);
  for (int i = 2; i + 1 < argc; i += 2) {
    const long value = atol(argv[i + 1]);
    if (strcmp(argv[i], "--flood-mib") == 0) set_flood(value);
    if (strcmp(argv[i], "--both-ways-mib") == 0) set_both_ways(value);
    if (strcmp(argv[i], "--ballast-mib") == 0) carry_ballast(value);
    if (strcmp(argv[i], "--open-fds") == 0) open_descriptors(value);
  }
  puts("ready");
  fflush(stdout);
  serve();
  free(both_ways_data);
  return 0;
}
