/* SPDX-License-Identifier: MIT */
#include "blocking.h"

enum { BIG = 1 << 20 };
static char big[BIG];

sp_cancel *new_token(void) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *cancel = NULL;
  check_ok(sp_cancel_new(&cancel, &err), err);
  return cancel;
}

sp_process *start_stubborn(sp_cancel *cancel, uint64_t flags) {
  const sp_options options = {.size = sizeof options,
                              .std_in.kind = SP_PIPE,
                              .std_out.kind = SP_PIPE,
                              .std_err.kind = SP_PIPE,
                              .cancel = cancel,
                              .flags = flags};
  sp_process *p = start(CHILD("stubborn"), &options);
  expect_line(p, "ready\n");
  return p;
}

void end_stubborn(sp_process *p) {
  check(sp_stop(p, 0, NULL, NULL) == SP_OK);
  sp_process_free(p);
}

int block_in_wait(sp_process *p, sp_error *err) { return sp_wait(p, LONG_MS, NULL, err); }
static int block_in_wait_for_ever(sp_process *p, sp_error *err) { return sp_wait(p, SP_FOREVER, NULL, err); }
static int block_in_stop(sp_process *p, sp_error *err) { return sp_stop(p, LONG_MS, NULL, err); }
static int block_in_communicate(sp_process *p, sp_error *err) {
  return sp_communicate(p, big, BIG, LONG_MS, NULL, err);
}
static int block_in_read(sp_process *p, sp_error *err) {
  char byte;
  return (int)sp_read(p, SP_ERR, &byte, 1, LONG_MS, err);
}
int block_in_read_for_ever(sp_process *p, sp_error *err) {
  char byte;
  return (int)sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, err);
}
int block_in_read_line(sp_process *p, sp_error *err) {
  const char *line;
  size_t len;
  return sp_read_line(p, SP_OUT, SP_FOREVER, &line, &len, err);
}
/* A first write fills the pipe: the second one can only block. */
int block_in_write(sp_process *p, sp_error *err) {
  int64_t len = sp_write(p, big, BIG, 0, err);
  return len >= 0 ? (int)sp_write(p, big, BIG, SP_FOREVER, err) : (int)len;
}

const blocking_call blocking_calls[BLOCKING_CALLS] = {block_in_wait,  block_in_wait_for_ever, block_in_communicate,
                                                      block_in_read,  block_in_read_for_ever, block_in_read_line,
                                                      block_in_write, block_in_stop};
