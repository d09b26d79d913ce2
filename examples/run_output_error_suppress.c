/* SPDX-License-Identifier: MIT */
/* Throws both streams away: stdout=DEVNULL, stderr=DEVNULL. What was not captured is NULL, Python's None. */
#include <stdio.h>

#include <libsubprocess/sp.h>

static const char *text_or_none(const void *output) { return output != NULL ? output : "None"; }

int main(void) {
  const char *argv[] = {"echo to stdout; echo to stderr 1>&2; exit 1", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  int rc = sp_run(argv, &SP_OPTIONS(.flags = SP_SHELL, .std_out.kind = SP_DEVNULL, .std_err.kind = SP_DEVNULL),
                  &completed, &err);
  if (rc != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  printf("returncode: %lld\n", (long long)sp_result_returncode(completed));
  printf("stdout is %s\n", text_or_none(sp_result_output(completed, SP_OUT, NULL)));
  printf("stderr is %s\n", text_or_none(sp_result_output(completed, SP_ERR, NULL)));

  sp_result_free(completed);
  return 0;
}
