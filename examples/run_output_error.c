/* SPDX-License-Identifier: MIT */
/* Captures standard output while standard error still reaches the terminal; the command fails, and SP_CHECK says so. */
#include <stdio.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"echo to stdout; echo to stderr 1>&2; exit 1", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  int rc = sp_run(argv, &SP_OPTIONS(.flags = SP_SHELL | SP_CHECK, .std_out.kind = SP_PIPE), &completed, &err);
  if (rc == SP_EFAILED) {
    printf("ERROR: Command '%s' returned non-zero exit status %lld\n", argv[0],
           (long long)sp_result_returncode(completed));
  } else if (rc != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
  } else {
    size_t len;
    const char *output = sp_result_output(completed, SP_OUT, &len);
    printf("returncode: %lld\n", (long long)sp_result_returncode(completed));
    printf("Have %zu bytes in stdout: %s\n", len, output);
  }

  sp_result_free(completed);
  return rc == SP_OK || rc == SP_EFAILED ? 0 : 1;
}
