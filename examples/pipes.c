/* SPDX-License-Identifier: MIT */
/* pipes [FILE]: cat FILE | grep '.. literalinclude::' | cut -f 3 -d:, joined by hand. pipeline.c needs one call. */
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

int main(int argc, char **argv) {
  const char *cat_argv[] = {"cat", argc > 1 ? argv[1] : "index.rst", NULL};
  const char *grep_argv[] = {"grep", ".. literalinclude::", NULL};
  const char *cut_argv[] = {"cut", "-f", "3", "-d:", NULL};
  sp_process *cat = NULL, *grep = NULL, *cut = NULL;
  sp_error err = SP_ERROR_INIT;

  int rc = sp_popen(cat_argv, &SP_OPTIONS(.std_out.kind = SP_PIPE), &cat, &err);
  if (rc == SP_OK) {
    sp_stdio from_cat = {.kind = SP_HANDLE, .handle = sp_stream_handle(cat, SP_OUT)};
    rc = sp_popen(grep_argv, &SP_OPTIONS(.std_in = from_cat, .std_out.kind = SP_PIPE), &grep, &err);
    sp_close_stream(cat, SP_OUT); /* grep has it now: should grep end early, cat must notice */
  }
  if (rc == SP_OK) {
    sp_stdio from_grep = {.kind = SP_HANDLE, .handle = sp_stream_handle(grep, SP_OUT)};
    rc = sp_popen(cut_argv, &SP_OPTIONS(.std_in = from_grep, .std_out.kind = SP_PIPE), &cut, &err);
    sp_close_stream(grep, SP_OUT);
  }
  if (rc == SP_OK) puts("Included files:");
  const char *line;
  size_t len;
  while (rc == SP_OK && (rc = sp_read_line(cut, SP_OUT, SP_FOREVER, &line, &len, &err)) == SP_OK && len > 0)
    fputs(line + strspn(line, " "), stdout);

  sp_process *stages[] = {cat, grep, cut};
  for (int i = 0; i < 3; i++) {
    if (rc == SP_OK) rc = sp_wait(stages[i], SP_FOREVER, NULL, &err);
    sp_process_free(stages[i]);
  }
  if (rc != SP_OK) fprintf(stderr, "%s\n", err.message);
  return rc == SP_OK ? 0 : 1;
}
