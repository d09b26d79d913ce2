/* SPDX-License-Identifier: MIT */
/* Captures standard output: subprocess.run(['ls', '-1'], stdout=PIPE). */
#include <stdio.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"ls", "-1", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  if (sp_run(argv, &SP_OPTIONS(.std_out.kind = SP_PIPE), &completed, &err) != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  size_t len;
  const char *output = sp_result_output(completed, SP_OUT, &len);
  printf("returncode: %lld\n", (long long)sp_result_returncode(completed));
  printf("Have %zu bytes in stdout:\n%s\n", len, output);

  sp_result_free(completed);
  return 0;
}
