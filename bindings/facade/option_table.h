/* SPDX-License-Identifier: MIT
 *
 * Where each option that is a number or a flag stands in sp_options.
 */
#ifndef LIBSUBPROCESS_BINDINGS_OPTION_TABLE_H
#define LIBSUBPROCESS_BINDINGS_OPTION_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct spb_integer_field {
  size_t offset;
  size_t size;   /* 4 or 8 bytes; 0 for an option that is a flag alone */
  uint64_t flag; /* set together with the field */
  int64_t least;
  int64_t most;
} spb_integer_field;

/* NULL if the option is no number. */
const spb_integer_field *spb_integer_field_of(int option);

#endif
