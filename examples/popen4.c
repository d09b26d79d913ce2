/* SPDX-License-Identifier: MIT */
/* Reads standard output and standard error as one stream, in the order of writing: like popen4(). */
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
  const char *input = "through stdin to stdout\n";
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  sp_result *result = NULL;
  sp_options options =
      SP_OPTIONS(.flags = SP_SHELL, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .std_err.kind = SP_STDOUT);

  puts("popen4:");
  int rc = sp_popen(argv, &options, &proc, &err);
  if (rc == SP_OK) rc = sp_communicate(proc, input, strlen(input), SP_FOREVER, &result, &err);
  if (rc == SP_OK) {
    printf("combined output: ");
    print_repr(sp_result_output(result, SP_OUT, NULL));
    const char *errors = sp_result_output(result, SP_ERR, NULL); /* NULL, as it was not captured by itself */
    printf("stderr value    : %s\n", errors != NULL ? errors : "None");
  } else {
    fprintf(stderr, "%s\n", err.message);
  }

  sp_result_free(result);
  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
