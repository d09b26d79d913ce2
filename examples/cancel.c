/* SPDX-License-Identifier: MIT */
/* cancel COMMAND [ARG...]: runs a command until it ends or Ctrl-C is pressed. The signal handler only triggers a token:
 * that is safe there, and wakes the call that waits, which then kills the command. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>

#include <libsubprocess/sp.h>

static sp_cancel *cancel;

static void on_interrupt(int signum) {
  (void)signum;
  sp_cancel_trigger(cancel);
}

int main(int argc, char **argv) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;

  int rc = argc < 2 ? SP_EINVAL : sp_cancel_new(&cancel, &err);
  if (rc == SP_OK) {
    struct sigaction action = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &action, NULL);
    /* In a group of its own the command does not get the terminal's Ctrl-C: to end it is up to us. */
    rc = sp_run((const char *const *)argv + 1, &SP_OPTIONS(.flags = SP_NEW_GROUP, .cancel = cancel), &result, &err);
  }
  if (rc == SP_OK || rc == SP_ECANCELED)
    printf("%s, returncode: %lld\n", rc == SP_OK ? "done" : "canceled", (long long)sp_result_returncode(result));
  else
    fprintf(stderr, "%s\n", argc < 2 ? "usage: cancel COMMAND [ARG...]" : err.message);

  sp_result_free(result);
  signal(SIGINT, SIG_DFL); /* before the token goes */
  sp_cancel_free(cancel);
  return rc == SP_OK || rc == SP_ECANCELED ? 0 : 1;
}
