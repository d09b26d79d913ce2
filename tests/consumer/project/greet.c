/* SPDX-License-Identifier: MIT */
/* A user's program: prints what a child said. */
#include <libsubprocess/sp.h>
#include <stdio.h>

int main(void) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  const char *argv[] = {"echo", "hello from a child", NULL};
  if (sp_run(argv, &SP_OPTIONS(.flags = SP_CAPTURE | SP_CHECK), &result, &err) != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  fputs(sp_result_output(result, SP_OUT, NULL), stdout);
  sp_result_free(result);
  if (sp_version_number() != SP_VERSION_NUMBER) return 2;
  argv[0] = "/nonexistent/program";
  return sp_run(argv, NULL, NULL, &err) == SP_ENOTFOUND && err.step == SP_AT_EXEC ? 0 : 3;
}
