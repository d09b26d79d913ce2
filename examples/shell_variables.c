/* SPDX-License-Identifier: MIT */
/* Lets a shell expand a variable: subprocess.run('echo $HOME', shell=True). */
#include <stdio.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"echo $HOME", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  if (sp_run(argv, &SP_OPTIONS(.flags = SP_SHELL), &completed, &err) != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  printf("returncode: %lld\n", (long long)sp_result_returncode(completed));

  sp_result_free(completed);
  return 0;
}
