/* SPDX-License-Identifier: MIT */
/* Treats a nonzero return code as an error: subprocess.run(['false'], check=True). */
#include <stdio.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"false", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  int rc = sp_run(argv, &SP_OPTIONS(.flags = SP_CHECK), &completed, &err);
  if (rc == SP_EFAILED) { /* Python's CalledProcessError; the result is there all the same */
    printf("ERROR: Command '['%s']' returned non-zero exit status %lld\n", argv[0],
           (long long)sp_result_returncode(completed));
  } else if (rc != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
  }

  sp_result_free(completed);
  return rc == SP_OK || rc == SP_EFAILED ? 0 : 1;
}
