/* SPDX-License-Identifier: MIT */
/* Three ways to fail to start, and how sp_error tells them apart: a code to branch on, where it happened, what is
 * concerned, what the system said, and a sentence for people. */
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

static void try_to_run(const char *program, const char *cwd) {
  const char *argv[] = {program, NULL};
  sp_error err = SP_ERROR_INIT;

  if (sp_run(argv, &SP_OPTIONS(.cwd = cwd), NULL, &err) == SP_OK) {
    printf("%s: started\n\n", program);
    return;
  }
  printf("code    : %s\n", sp_code_name(err.code));
  printf("step    : %s\n", sp_step_name(err.step));
  printf("path    : %s\n", err.path);
  printf("errno   : %s\n", strerror(err.sys_errno));
  printf("message : %s\n\n", err.message);
}

int main(void) {
  try_to_run("no-such-program", NULL);
  try_to_run("true", "/no/such/directory");
  try_to_run("/etc/passwd", NULL); /* a file, but not a program */
  return 0;
}
