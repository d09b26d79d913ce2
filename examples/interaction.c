/* SPDX-License-Identifier: MIT */
/* Holds a conversation with a child, repeater.c: first line by line, then all at once. */
#include <libgen.h>
#include <stdio.h>

#include <libsubprocess/sp.h>

static int converse(const sp_options *options, int one_at_a_time, sp_error *err) {
  const char *argv[] = {"./repeater", NULL};
  sp_process *proc = NULL;
  sp_result *result = NULL;

  fflush(stdout); /* the child writes to the same terminal: what is ours goes first */
  int rc = sp_popen(argv, options, &proc, err);
  for (int i = 0; rc == SP_OK && i < 5; i++) {
    char number[16];
    size_t len = (size_t)snprintf(number, sizeof number, "%d\n", i);
    rc = sp_write(proc, number, len, SP_FOREVER, err) < 0 ? err->code : SP_OK;
    if (rc == SP_OK && one_at_a_time) {
      const char *line;
      rc = sp_read_line(proc, SP_OUT, SP_FOREVER, &line, &len, err);
      if (rc == SP_OK) fputs(line, stdout);
    }
  }
  fflush(stdout);
  if (rc == SP_OK) rc = sp_communicate(proc, NULL, 0, SP_FOREVER, &result, err); /* end of input, and what remains */
  if (rc == SP_OK) puts(sp_result_output(result, SP_OUT, NULL));

  sp_result_free(result);
  sp_process_free(proc);
  return rc;
}

int main(int argc, char **argv) {
  /* The child is in the directory that this program was started from. */
  sp_options options = SP_OPTIONS(.flags = SP_SHELL, .cwd = argc > 0 ? dirname(argv[0]) : NULL, .std_in.kind = SP_PIPE,
                                  .std_out.kind = SP_PIPE);
  sp_error err = SP_ERROR_INIT;

  puts("One line at a time:");
  int rc = converse(&options, 1, &err);
  puts("\nAll output at once:");
  if (rc == SP_OK) rc = converse(&options, 0, &err);
  if (rc != SP_OK) fprintf(stderr, "%s\n", err.message);
  return rc == SP_OK ? 0 : 1;
}
