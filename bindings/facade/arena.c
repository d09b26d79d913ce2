/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 16 * 1024, FIRST_ITEMS = 8 };

typedef struct spb_arena_block {
  struct spb_arena_block *next;
  size_t size;
  char data[];
} spb_arena_block;

char *spb_arena_take(spb_arena *arena, size_t size) {
  char *room = arena->blocks != NULL ? arena->blocks->data : arena->first;
  const size_t capacity = arena->blocks != NULL ? arena->blocks->size : sizeof arena->first;
  if (size > capacity - arena->used) {
    const size_t wanted = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    if (wanted > SIZE_MAX - sizeof(spb_arena_block)) return NULL;
    spb_arena_block *block = malloc(sizeof *block + wanted);
    if (block == NULL) return NULL;
    block->next = arena->blocks;
    block->size = wanted;
    arena->blocks = block;
    arena->used = 0;
    room = block->data;
  }
  char *taken = room + arena->used;
  arena->used += size;
  return taken;
}

void spb_arena_release(spb_arena *arena) {
  for (spb_arena_block *block = arena->blocks, *next; block != NULL; block = next) {
    next = block->next;
    free(block);
  }
  arena->blocks = NULL;
  arena->used = 0;
}

void *spb_list_reserve(spb_list *list, size_t more, size_t size) {
  if (more <= list->capacity - list->count) return list->items;
  size_t capacity = list->capacity < FIRST_ITEMS ? FIRST_ITEMS : list->capacity * 2;
  while (capacity - list->count < more) capacity *= 2;
  if (capacity > SIZE_MAX / 2 / size) return NULL;
  void *items = realloc(list->items, capacity * size);
  if (items == NULL) return NULL;
  list->items = items;
  list->capacity = capacity;
  return items;
}
