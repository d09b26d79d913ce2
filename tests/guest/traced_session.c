/* SPDX-License-Identifier: MIT
 *
 * The session for traced_session.py, in one thread and with nothing of the host's own but the marks: a failing chdir()
 * to a path that tells the tracer where the library's calls begin and end.
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "session.h"

int main(void) {
  if (chdir("/nonexistent/begin") == 0) return 1;
  session_everything();
  if (chdir("/nonexistent/end") == 0) return 1;
  return 0;
}
