/* SPDX-License-Identifier: MIT */
/* Starts a command, then feeds it: like popen() with mode "w". */
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"cat", "-", NULL};
  const char *input = "stdin: to stdin\n";
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;

  puts("write:");
  fflush(stdout); /* the child writes to the same place: what is ours goes first */
  int rc = sp_popen(argv, &SP_OPTIONS(.std_in.kind = SP_PIPE), &proc, &err);
  if (rc == SP_OK) rc = sp_communicate(proc, input, strlen(input), SP_FOREVER, NULL, &err);
  if (rc != SP_OK) fprintf(stderr, "%s\n", err.message);

  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
