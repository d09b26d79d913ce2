/* SPDX-License-Identifier: MIT */
/* Captures both streams, each for itself; without SP_CHECK a failing command is no error. */
#include <stdio.h>

#include <libsubprocess/sp.h>

/* Python's repr() of a string, as far as this program needs it. */
static void print_repr(const char *text) {
  putchar('\'');
  for (; *text != '\0'; text++)
    if (*text == '\n')
      fputs("\\n", stdout);
    else
      putchar(*text);
  puts("'");
}

int main(void) {
  const char *argv[] = {"echo to stdout; echo to stderr 1>&2; exit 1", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_result *completed = NULL;

  if (sp_run(argv, &SP_OPTIONS(.flags = SP_SHELL | SP_CAPTURE), &completed, &err) != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  printf("returncode: %lld\n", (long long)sp_result_returncode(completed));
  size_t len;
  const char *output = sp_result_output(completed, SP_OUT, &len);
  printf("Have %zu bytes in stdout: ", len);
  print_repr(output);
  output = sp_result_output(completed, SP_ERR, &len);
  printf("Have %zu bytes in stderr: ", len);
  print_repr(output);

  sp_result_free(completed);
  return 0;
}
