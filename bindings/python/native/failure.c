/* SPDX-License-Identifier: MIT
 *
 * Exceptions are made by libsubprocess.errors, which is imported when the first one is needed.
 */
#include "native.h"

static PyObject *make_exception(const sp_error *err, PyObject *result) {
  PyObject *module = PyImport_ImportModule("libsubprocess.errors");
  if (module == NULL) return NULL;
  PyObject *path = PyUnicode_DecodeFSDefault(err->path);
  PyObject *message = PyUnicode_DecodeFSDefault(err->message);
  PyObject *exception = NULL;
  if (path != NULL && message != NULL)
    exception = PyObject_CallMethod(module, "make", "ssiiOOO", sp_code_name(err->code), sp_step_name(err->step),
                                    (int)err->sys_errno, (int)err->stage, path, message, result);
  Py_XDECREF(path);
  Py_XDECREF(message);
  Py_DECREF(module);
  return exception;
}

static void raise_failure(const sp_error *err, PyObject *result) {
  PyObject *exception = make_exception(err, result);
  if (exception == NULL) return;
  PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_DECREF(exception);
}

static PyObject *none(void) { Py_RETURN_NONE; }

bool native_failed(const sp_error *err, sp_result *partial) {
  /* What a callback or a signal handler has raised goes first. */
  if (PyErr_Occurred()) {
    sp_result_free(partial);
    return true;
  }
  if (err->code == SP_OK) return false;
  PyObject *result = partial != NULL ? native_result_new(partial) : none();
  if (result == NULL) return true;
  raise_failure(err, result);
  Py_DECREF(result);
  return true;
}
