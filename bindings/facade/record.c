/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <stdio.h>
#include <string.h>

/* What has not been read yet. Reading past the end makes it bad, and everything after it zero. */
typedef struct reader {
  const unsigned char *at;
  size_t left;
  bool bad;
} reader;

typedef struct text {
  const char *data; /* NULL if it is missing */
  size_t len;
} text;

static const unsigned char *take(reader *in, size_t len) {
  if (len > in->left) {
    in->bad = true;
    in->left = 0;
    return NULL;
  }
  const unsigned char *taken = in->at;
  in->at += len;
  in->left -= len;
  return taken;
}

static uint64_t take_unsigned(reader *in, size_t width) {
  const unsigned char *bytes = take(in, width);
  uint64_t value = 0;
  for (size_t i = 0; bytes != NULL && i < width; i++) value |= (uint64_t)bytes[i] << (8 * i);
  return value;
}

static int64_t take_number(reader *in) { return (int64_t)take_unsigned(in, 8); }
static uint32_t take_count(reader *in) { return (uint32_t)take_unsigned(in, 4); }

static text take_text(reader *in) {
  const uint32_t len = take_count(in);
  if (len == UINT32_MAX) return (text){NULL, 0};
  const unsigned char *data = take(in, len);
  return data != NULL ? (text){(const char *)data, len} : (text){"", 0};
}

static int decode_stages(spb_spec *spec, reader *in, sp_error *err) {
  spb_begin_list(spec, SPB_STAGES);
  for (uint32_t left = take_count(in); left > 0 && !in->bad; left--) {
    const text record = take_text(in);
    spb_spec *stage = spb_add_stage(spec, err);
    if (stage == NULL || spb_decode(stage, record.data, record.len, err) != SP_OK) return err->code;
  }
  return SP_OK;
}

static int decode_stdio(spb_spec *spec, int option, reader *in, sp_error *err) {
  const uint64_t form = take_unsigned(in, 1);
  const text value = take_text(in);
  const int64_t fd = take_number(in);
  if (form == SPB_STREAM_FD) return spb_set_stdio_fd(spec, option, fd, err);
  if (form == SPB_STREAM_NAME) return spb_set_stdio(spec, option, value.data, value.len, err);
  return spb_set_stdio_path(spec, option, value.data, value.len, form == SPB_STREAM_APPEND, err);
}

/* One item of a list. */
static int decode_item(spb_spec *spec, int option, reader *in, sp_error *err) {
  switch (spb_option_kind(option)) {
    case SPB_KIND_ARGV: {
      const text argument = take_text(in);
      return spb_add_argument(spec, argument.data, argument.len, err);
    }
    case SPB_KIND_ENV: {
      const text name = take_text(in), value = take_text(in);
      return in->bad ? SP_OK : spb_add_variable(spec, option, name.data, name.len, value.data, value.len, err);
    }
    case SPB_KIND_PAIRS: {
      const int64_t child_fd = take_number(in), host_fd = take_number(in);
      return spb_add_pair(spec, option, child_fd, host_fd, err);
    }
    default:
      return spb_add_integer(spec, option, take_number(in), err);
  }
}

static int decode_list(spb_spec *spec, int option, reader *in, sp_error *err) {
  spb_begin_list(spec, option);
  for (uint32_t left = take_count(in); left > 0 && !in->bad; left--)
    if (decode_item(spec, option, in, err) != SP_OK) return err->code;
  return SP_OK;
}

static int decode_entry(spb_spec *spec, int option, reader *in, sp_error *err) {
  switch (spb_option_kind(option)) {
    case SPB_KIND_INTEGER:
    case SPB_KIND_FLAG:
      return spb_set_integer(spec, option, take_number(in), err);
    case SPB_KIND_TEXT: {
      const text value = take_text(in);
      return spb_set_text(spec, option, value.data, value.len, err);
    }
    case SPB_KIND_STDIO:
      return decode_stdio(spec, option, in, err);
    case SPB_KIND_STAGES:
      return decode_stages(spec, in, err);
    case SPB_KIND_INPUT:
    case SPB_KIND_CANCEL:
    case SPB_KIND_OUTPUT:
      in->bad = true;
      return SP_OK;
    default:
      return decode_list(spec, option, in, err);
  }
}

int spb_decode(spb_spec *spec, const void *record, size_t len, sp_error *err) {
  reader in = {record, len, false};
  while (in.left > 0 && !in.bad)
    if (decode_entry(spec, (int)take_unsigned(&in, 1), &in, err) != SP_OK) return err->code;
  if (!in.bad) return SP_OK;
  err->code = SP_EINVAL;
  err->step = SP_AT_CALL;
  snprintf(err->message, sizeof err->message, "the record of options is malformed");
  return err->code;
}
