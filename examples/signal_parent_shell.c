/* SPDX-License-Identifier: MIT */
/* signal_parent_shell [SECONDS]: signals a shell. The program that the shell runs, signal_child.c, does not get it. */
#define _POSIX_C_SOURCE 200809L
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

int main(int argc, char **argv) {
  const char *script =
      "echo \"Shell script in process $$\"\n"
      "set -x\n"
      "./signal_child $1\n";
  const char *sh[] = {"sh", "-s", argc > 1 ? argv[1] : NULL, NULL}; /* -s: the script comes from standard input */
  sp_options options = SP_OPTIONS(.cwd = argc > 0 ? dirname(argv[0]) : NULL, .std_in.kind = SP_PIPE,
                                  .std_out.kind = SP_PIPE, .std_err.kind = SP_STDOUT);
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  const char *line;
  size_t len;

  int rc = sp_popen(sh, &options, &proc, &err);
  if (rc == SP_OK) printf("PARENT      : Pausing before signaling %lld...\n", (long long)sp_pid(proc));
  if (rc == SP_OK && sp_write(proc, script, strlen(script), SP_FOREVER, &err) < 0) rc = err.code;
  sp_close_stream(proc, SP_IN);
  while (rc == SP_OK && (rc = sp_read_line(proc, SP_OUT, SP_FOREVER, &line, &len, &err)) == SP_OK && len > 0) {
    fputs(line, stdout);
    if (strstr(line, "Pausing") != NULL) {
      printf("PARENT      : Signaling child %lld\n", (long long)sp_pid(proc));
      rc = sp_send_signal(proc, SIGUSR1, &err);
    }
  }
  if (rc == SP_OK) rc = sp_wait(proc, SP_FOREVER, NULL, &err);
  if (rc != SP_OK) fprintf(stderr, "%s\n", err.message);

  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
