/* SPDX-License-Identifier: MIT */
/* Runs a command whose output goes straight to the terminal: subprocess.run(['ls', '-1']). */
#include <stdio.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"ls", "-1", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  if (sp_run(argv, NULL, &completed, &err) != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  printf("returncode: %lld\n", (long long)sp_result_returncode(completed));

  sp_result_free(completed);
  return 0;
}
