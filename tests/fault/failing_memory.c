/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "failing_memory.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own allocator under its second names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static __thread struct {
  long left; /* allocations until the one that fails; 0: not armed */
  long failed;
  bool onwards;
} plan;

static long live;

/* Where libuv's code is. */
static struct {
  uintptr_t from;
  uintptr_t to;
} spared;

static int spare(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size;
  (void)arg;
  if (strstr(info->dlpi_name, "libuv.so") == NULL) return 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    const uintptr_t to = from + info->dlpi_phdr[i].p_memsz;
    if (info->dlpi_phdr[i].p_type != PT_LOAD || (info->dlpi_phdr[i].p_flags & PF_X) == 0) continue;
    spared.from = from;
    spared.to = to;
  }
  return 1;
}

static bool fails(void *caller) {
  if (plan.left == 0) return false;
  if ((uintptr_t)caller >= spared.from && (uintptr_t)caller < spared.to) return false;
  if (plan.left > 1) {
    plan.left--;
    return false;
  }
  plan.failed++;
  if (!plan.onwards) plan.left = 0;
  errno = ENOMEM;
  return true;
}

static void *count(void *block) {
  if (block != NULL) __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
  return block;
}

void failing_memory_arm(long k, bool onwards) {
  if (spared.to == 0) dl_iterate_phdr(spare, NULL);
  plan.failed = 0;
  plan.onwards = onwards;
  plan.left = k;
}

long failing_memory_disarm(void) {
  plan.left = 0;
  return plan.failed;
}

long failing_memory_live(void) { return __atomic_load_n(&live, __ATOMIC_RELAXED); }

void *malloc(size_t size) { return fails(__builtin_return_address(0)) ? NULL : count(__libc_malloc(size)); }

void *calloc(size_t n, size_t size) {
  return fails(__builtin_return_address(0)) ? NULL : count(__libc_calloc(n, size));
}

void *realloc(void *block, size_t size) {
  if (fails(__builtin_return_address(0))) return NULL;
  return block == NULL ? count(__libc_malloc(size)) : __libc_realloc(block, size);
}

void free(void *block) {
  if (block != NULL) __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
  __libc_free(block);
}

void *memalign(size_t alignment, size_t size) {
  return fails(__builtin_return_address(0)) ? NULL : count(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **ret, size_t alignment, size_t size) {
  void *block = fails(__builtin_return_address(0)) ? NULL : count(__libc_memalign(alignment, size));
  if (block == NULL) return ENOMEM;
  *ret = block;
  return 0;
}
