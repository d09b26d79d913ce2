/* SPDX-License-Identifier: MIT
 *
 * Memory that is released all at once and never moves, and lists that grow.
 */
#ifndef LIBSUBPROCESS_BINDINGS_ARENA_H
#define LIBSUBPROCESS_BINDINGS_ARENA_H

#include <stdbool.h>
#include <stddef.h>

enum { SPB_ARENA_FIRST = 512 };

/* All zeros is an empty one. Most calls fit into the first bytes and need no block. */
typedef struct spb_arena {
  struct spb_arena_block *blocks;
  size_t used; /* of the newest block, or of `first` while there is none */
  char first[SPB_ARENA_FIRST];
} spb_arena;

/* NULL without memory. */
char *spb_arena_take(spb_arena *arena, size_t size);
void spb_arena_release(spb_arena *arena);

typedef struct spb_list {
  void *items;
  size_t count;
  size_t capacity;
  bool begun;
} spb_list;

/* Makes room for `more` items of `size` bytes behind the last one. @return the items; NULL without memory. */
void *spb_list_reserve(spb_list *list, size_t more, size_t size);

#endif
