/* SPDX-License-Identifier: MIT */
#include "native.h"

static const char process_name[] = "libsubprocess.process";
static const char stage_name[] = "libsubprocess.stage";
static const char result_name[] = "libsubprocess.result";
static const char cancel_name[] = "libsubprocess.cancel";

static void release_context(PyObject *capsule) { Py_XDECREF((PyObject *)PyCapsule_GetContext(capsule)); }

/* Freeing may have to wait: for mutexes, and with kill_on_free for the child. Nobody else can be inside a call, which
 * would hold a reference. */
static void free_process(PyObject *capsule) {
  sp_process *process = PyCapsule_GetPointer(capsule, process_name);
  PyThreadState *state = PyEval_SaveThread();
  sp_process_free(process);
  PyEval_RestoreThread(state);
  release_context(capsule);
}

static void free_result(PyObject *capsule) { sp_result_free(PyCapsule_GetPointer(capsule, result_name)); }
static void free_cancel(PyObject *capsule) { sp_cancel_free(PyCapsule_GetPointer(capsule, cancel_name)); }

PyObject *native_process_new(sp_process *process, PyObject *on_output) {
  PyObject *capsule = PyCapsule_New(process, process_name, free_process);
  if (capsule == NULL) {
    sp_process_free(process);
    return NULL;
  }
  Py_XINCREF(on_output);
  PyCapsule_SetContext(capsule, on_output);
  return capsule;
}

PyObject *native_stage_new(sp_process *stage, PyObject *owner) {
  if (stage == NULL) {
    PyErr_SetString(PyExc_IndexError, "stage index out of range");
    return NULL;
  }
  PyObject *capsule = PyCapsule_New(stage, stage_name, release_context);
  if (capsule == NULL) return NULL;
  Py_INCREF(owner);
  PyCapsule_SetContext(capsule, owner);
  return capsule;
}

PyObject *native_result_new(sp_result *result) {
  PyObject *capsule = PyCapsule_New(result, result_name, free_result);
  if (capsule == NULL) sp_result_free(result);
  return capsule;
}

PyObject *native_cancel_new(sp_cancel *cancel) {
  PyObject *capsule = PyCapsule_New(cancel, cancel_name, free_cancel);
  if (capsule == NULL) sp_cancel_free(cancel);
  return capsule;
}

static void *pointer_of(PyObject *handle, const char *name, const char *what) {
  if (PyCapsule_IsValid(handle, name)) return PyCapsule_GetPointer(handle, name);
  PyErr_Format(PyExc_TypeError, "expected the handle of a %s, not %.200s", what, Py_TYPE(handle)->tp_name);
  return NULL;
}

sp_process *native_process(PyObject *handle) {
  if (PyCapsule_IsValid(handle, stage_name)) return PyCapsule_GetPointer(handle, stage_name);
  return pointer_of(handle, process_name, "process");
}

sp_result *native_result(PyObject *handle) { return pointer_of(handle, result_name, "result"); }
sp_cancel *native_cancel(PyObject *handle) { return pointer_of(handle, cancel_name, "cancel token"); }
