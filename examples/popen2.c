/* SPDX-License-Identifier: MIT */
/* Talks to a command in both directions: feeds its input and reads its output, like popen2(). */
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

int main(void) {
  const char *argv[] = {"cat", "-", NULL};
  const char *input = "through stdin to stdout";
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  sp_result *result = NULL;

  puts("popen2:");
  int rc = sp_popen(argv, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE), &proc, &err);
  if (rc == SP_OK) rc = sp_communicate(proc, input, strlen(input), SP_FOREVER, &result, &err);
  if (rc == SP_OK)
    printf("pass through: '%s'\n", (const char *)sp_result_output(result, SP_OUT, NULL));
  else
    fprintf(stderr, "%s\n", err.message);

  sp_result_free(result);
  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
