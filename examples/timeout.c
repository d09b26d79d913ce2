/* SPDX-License-Identifier: MIT */
/* Bounds a call. The shell ends at once, but the program that it leaves in the background holds the pipe open. The
 * limit ends the call all the same, keeps the output that came, and takes the whole group down. */
#include <stdio.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"echo the answer is 42; sleep 600 & exit 0", NULL};
  sp_options options =
      SP_OPTIONS(.flags = SP_SHELL | SP_CAPTURE | SP_NEW_GROUP | SP_KILL_GROUP_ON_TIMEOUT, .timeout_ms = 2000);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;

  int rc = sp_run(argv, &options, &result, &err);
  printf("result      : %s\n", sp_code_name(rc));
  if (rc == SP_ETIMEDOUT) { /* the result is there all the same */
    printf("output      : %s", (const char *)sp_result_output(result, SP_OUT, NULL));
    printf("returncode  : %lld\n", (long long)sp_result_returncode(result));
    printf("pipes held  : %s\n", sp_result_pipes_held(result) ? "yes, by a grandchild" : "no");
  } else if (rc != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
  }

  sp_result_free(result);
  return rc == SP_ETIMEDOUT ? 0 : 1;
}
