/* SPDX-License-Identifier: MIT */
/* Sends a signal to a child, signal_child.c, as soon as the child says that it is ready. */
#define _POSIX_C_SOURCE 200809L
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <libsubprocess/sp.h>

int main(int argc, char **argv) {
  const char *child[] = {"./signal_child", NULL}; /* in the directory that this program was started from */
  sp_options options = SP_OPTIONS(.cwd = argc > 0 ? dirname(argv[0]) : NULL, .std_out.kind = SP_PIPE);
  sp_error err = SP_ERROR_INIT;
  sp_process *proc = NULL;
  const char *line;
  size_t len;

  int rc = sp_popen(child, &options, &proc, &err);
  if (rc == SP_OK) puts("PARENT      : Pausing before sending signal...");
  while (rc == SP_OK && (rc = sp_read_line(proc, SP_OUT, SP_FOREVER, &line, &len, &err)) == SP_OK && len > 0) {
    fputs(line, stdout);
    if (strstr(line, "Pausing") != NULL) {
      puts("PARENT      : Signaling child");
      rc = sp_send_signal(proc, SIGUSR1, &err);
    }
  }
  if (rc == SP_OK) rc = sp_wait(proc, SP_FOREVER, NULL, &err);
  if (rc != SP_OK) fprintf(stderr, "%s\n", err.message);

  sp_process_free(proc);
  return rc == SP_OK ? 0 : 1;
}
