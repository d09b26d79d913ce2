/* SPDX-License-Identifier: MIT
 *
 * The allocator of this program and of every library in it, which can be told to fail. The standard C++ library is
 * linked into the library under test, so that its operator new comes here too.
 *
 * What libuv itself allocates never fails: some of its functions abort() then. The library keeps away from them by
 * first making sure that there is memory, which a failure at one chosen place defeats.
 */
#ifndef TESTS_FAULT_FAILING_MEMORY_H
#define TESTS_FAULT_FAILING_MEMORY_H

#include <stdbool.h>

/* From the `k`-th allocation of this thread on (1 is the next): that one fails, or with `onwards` all from there. */
void failing_memory_arm(long k, bool onwards);
/* @return how many allocations failed. */
long failing_memory_disarm(void);
/* Blocks that are allocated and not yet freed, in the whole process. */
long failing_memory_live(void);

#endif
