/* SPDX-License-Identifier: MIT */
/* pipeline [FILE]: what pipes.c does by hand, with sp_pipeline(): three commands, one handle. */
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

int main(int argc, char **argv) {
  const char *cat[] = {"cat", argc > 1 ? argv[1] : "index.rst", NULL};
  const char *grep[] = {"grep", ".. literalinclude::", NULL};
  const char *cut[] = {"cut", "-f", "3", "-d:", NULL};
  sp_command stages[] = {{cat, NULL}, {grep, NULL}, {cut, NULL}};
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  const char *line;
  size_t len;

  int rc = sp_pipeline(stages, 3, &SP_OPTIONS(.std_out.kind = SP_PIPE), &proc, &err);
  if (rc == SP_OK) puts("Included files:");
  while (rc == SP_OK && (rc = sp_read_line(proc, SP_OUT, SP_FOREVER, &line, &len, &err)) == SP_OK && len > 0)
    fputs(line + strspn(line, " "), stdout);
  if (rc == SP_OK) rc = sp_wait(proc, SP_FOREVER, NULL, &err);
  if (rc != SP_OK) fprintf(stderr, "%s\n", err.message);

  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
