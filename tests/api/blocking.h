/* SPDX-License-Identifier: MIT
 *
 * Every call that blocks, on a child that neither reads, writes (but "ready\n") nor ends.
 */
#ifndef LIBSUBPROCESS_TESTS_BLOCKING_H
#define LIBSUBPROCESS_TESTS_BLOCKING_H

#include "fixture.h"

typedef int (*blocking_call)(sp_process *p, sp_error *err);

int block_in_wait(sp_process *p, sp_error *err);
int block_in_read_for_ever(sp_process *p, sp_error *err);
int block_in_read_line(sp_process *p, sp_error *err);
int block_in_write(sp_process *p, sp_error *err);

/* A token ends all but the last one, sp_stop(). */
enum { CANCELABLE_CALLS = 7, BLOCKING_CALLS = 8 };
extern const blocking_call blocking_calls[BLOCKING_CALLS];

/* Starts such a child with all three pipes, and reads its "ready". */
sp_process *start_stubborn(sp_cancel *cancel, uint64_t flags);
/* Kills and releases it. */
void end_stubborn(sp_process *p);
sp_cancel *new_token(void);

#endif
