/* SPDX-License-Identifier: MIT */
/* Starts a command, then reads all of its output: like popen() with mode "r". */
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
  const char *argv[] = {"echo", "\"to stdout\"", NULL};
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  sp_result *result = NULL;

  puts("read:");
  int rc = sp_popen(argv, &SP_OPTIONS(.std_out.kind = SP_PIPE), &proc, &err);
  if (rc == SP_OK) rc = sp_communicate(proc, NULL, 0, SP_FOREVER, &result, &err);
  if (rc == SP_OK) {
    printf("stdout: ");
    print_repr(sp_result_output(result, SP_OUT, NULL));
  } else {
    fprintf(stderr, "%s\n", err.message);
  }

  sp_result_free(result);
  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
