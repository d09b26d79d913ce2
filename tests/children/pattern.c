/* SPDX-License-Identifier: MIT */
/* pattern OUT ERR: writes OUT bytes to standard output and ERR bytes to standard error, in turns; never reads. */
#define _GNU_SOURCE
#include "pattern.h"

#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static size_t put(int fd, size_t done, size_t total) {
  unsigned char chunk[CHUNK];
  size_t len = total - done < CHUNK ? total - done : CHUNK;
  for (size_t i = 0; i < len; i++) chunk[i] = pattern_byte((unsigned)fd, done + i);
  for (size_t sent = 0; sent < len;) {
    ssize_t n = write(fd, chunk + sent, len - sent);
    if (n < 0) exit(1);
    sent += (size_t)n;
  }
  return done + len;
}

int main(int argc, char **argv) {
  size_t out = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, err = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
  for (size_t out_done = 0, err_done = 0; out_done < out || err_done < err;) {
    if (out_done < out) out_done = put(1, out_done, out);
    if (err_done < err) err_done = put(2, err_done, err);
  }
  return 0;
}
