/* SPDX-License-Identifier: MIT
 *
 * Blocking calls outside the interpreter's lock, and callbacks that come back into it.
 */
#include "native.h" /* first: Python decides on feature macros */

#include <errno.h>
#include <signal.h>

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

void spb_block(spb_call *call) {
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

static bool is_finalizing(void) {
#if PY_VERSION_HEX >= 0x030d0000
  return Py_IsFinalizing() != 0;
#else
  return _Py_IsFinalizing() != 0;
#endif
}

/* The interpreter ends daemon threads that ask for its lock by pthread_exit(), which must not unwind the library. */
int native_on_output(void *callable, int stream, const void *data, size_t len) {
  if (is_finalizing()) return 1;
  const suspended_thread outer = suspended;
  PyEval_RestoreThread(outer.state);
  const bool ok = call_with_signals(callable, stream, data, len);
  PyEval_SaveThread();
  suspended = outer;
  return ok ? 0 : 1;
}

int native_preexec(void *callable) {
  PyOS_AfterFork_Child();
  PyObject *result = PyObject_CallObject(callable, NULL);
  return result != NULL ? 0 : ECANCELED;
}
