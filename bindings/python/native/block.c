/* SPDX-License-Identifier: MIT
 *
 * Blocking calls outside the interpreter's lock, and callbacks that come back into it.
 */
#include "native.h" /* first: Python decides on feature macros */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "call.h"

/* What a callback needs to get back into the interpreter. Calls nest: a callback may run a child of its own. */
typedef struct {
  PyThreadState *state;
  sigset_t mask; /* the host's: the library holds signals back while it works */
} suspended_thread;

static _Thread_local suspended_thread suspended;

static bool runs_callbacks(const spb_call *call) { return call->verb == SPB_RUN || call->verb == SPB_COMMUNICATE; }

static void perform_unlocked(spb_call *call) {
  const suspended_thread outer = suspended;
  if (runs_callbacks(call)) pthread_sigmask(SIG_SETMASK, NULL, &suspended.mask);
  suspended.state = PyEval_SaveThread();
  spb_perform(call);
  PyEval_RestoreThread(suspended.state);
  suspended = outer;
}

/* With preexec the child goes on as a copy of this interpreter, as after os.fork(). */
static void start_with_preexec(spb_call *call) {
  PyOS_BeforeFork();
  spb_perform(call);
  PyOS_AfterFork_Parent();
}

/* The main thread runs Python's signal handlers, but has no wait ended by a signal that was delivered to another
 * thread, or just before the wait began. So it looks up now and then. */
enum { MAIN_THREAD_PATIENCE_MS = 1000 };

static bool is_main_thread(void) { return syscall(SYS_gettid) == getpid(); }

void spb_block(spb_call *call) {
  if (is_main_thread()) call->patience_ms = MAIN_THREAD_PATIENCE_MS;
  if (call->verb == SPB_START && spb_spec_has_preexec(call->spec)) {
    start_with_preexec(call);
    return;
  }
  do perform_unlocked(call);
  while (call->err->code == SP_EINTR && PyErr_CheckSignals() == 0);
}

/* Whether to go on: unless the callable raises, or returns False.
 *
 * A signal that came during the call must not go unnoticed in the wait that follows: so handlers run once more after
 * signals are held back again. */
static bool call_with_signals(PyObject *callable, int stream, const void *data, size_t len) {
  sigset_t held;
  pthread_sigmask(SIG_SETMASK, &suspended.mask, &held);
  PyObject *result = PyObject_CallFunction(callable, "iy#", stream, (const char *)data, (Py_ssize_t)len);
  pthread_sigmask(SIG_SETMASK, &held, NULL);
  const bool ok = result != NULL && PyErr_CheckSignals() == 0 && result != Py_False;
  Py_XDECREF(result);
  return ok;
}

/* At its end the interpreter ends other threads that ask for its lock by pthread_exit(), which must not unwind the
 * library: C++ would abort. They wait here for the end of the process instead. */
static void wait_for_the_end(void *unused) {
  (void)unused;
  for (;;) pause();
}

static bool call_with_lock(PyObject *callable, int stream, const void *data, size_t len) {
  bool ok;
  pthread_cleanup_push(wait_for_the_end, NULL);
  PyEval_RestoreThread(suspended.state);
  ok = call_with_signals(callable, stream, data, len);
  PyEval_SaveThread();
  pthread_cleanup_pop(0);
  return ok;
}

int native_on_output(void *callable, int stream, const void *data, size_t len) {
  const suspended_thread outer = suspended;
  const bool ok = call_with_lock(callable, stream, data, len);
  suspended = outer;
  return ok ? 0 : 1;
}

int native_preexec(void *callable) {
  PyOS_AfterFork_Child();
  PyObject *result = PyObject_CallObject(callable, NULL);
  return result != NULL ? 0 : ECANCELED;
}
