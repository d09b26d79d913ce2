/* SPDX-License-Identifier: MIT */
/* Merges standard error into the captured output: subprocess.check_output(..., stderr=STDOUT). */
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
  const char *argv[] = {"echo to stdout; echo to stderr 1>&2", NULL};
  sp_error err = SP_ERROR_INIT;
  char *output = NULL;
  size_t len;

  if (sp_check_output(argv, &SP_OPTIONS(.flags = SP_SHELL, .std_err.kind = SP_STDOUT), &output, &len, &err) != SP_OK) {
    fprintf(stderr, "%s\n", err.message);
    return 1;
  }
  printf("Have %zu bytes in output: ", len);
  print_repr(output);

  sp_mem_free(output);
  return 0;
}
