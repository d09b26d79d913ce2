/* SPDX-License-Identifier: MIT */
/* Watches standard output and standard error, each for itself, while it feeds the command: like popen3(). */
#include <stdio.h>
#include <string.h>

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
  const char *argv[] = {"cat -; echo \"to stderr\" 1>&2", NULL};
  const char *input = "through stdin to stdout";
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  sp_result *result = NULL;

  puts("popen3:");
  int rc = sp_popen(argv, &SP_OPTIONS(.flags = SP_SHELL | SP_CAPTURE, .std_in.kind = SP_PIPE), &proc, &err);
  if (rc == SP_OK) rc = sp_communicate(proc, input, strlen(input), SP_FOREVER, &result, &err);
  if (rc == SP_OK) {
    printf("pass through: ");
    print_repr(sp_result_output(result, SP_OUT, NULL));
    printf("stderr      : ");
    print_repr(sp_result_output(result, SP_ERR, NULL));
  } else {
    fprintf(stderr, "%s\n", err.message);
  }

  sp_result_free(result);
  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
