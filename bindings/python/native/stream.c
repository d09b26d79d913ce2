/* SPDX-License-Identifier: MIT
 *
 * Reading and writing that lose nothing when a signal handler raises: it may do so as soon as a function has returned,
 * before its caller has stored the result. So what has been done is stored here.
 */
#include "native.h"

/* Nobody else can resize the bytearray while its buffer is exported. */
static int64_t read_onto(sp_error *err, sp_process *process, int stream, PyObject *ahead, Py_ssize_t had,
                         int64_t timeout_ms) {
  Py_buffer view;
  if (PyObject_GetBuffer(ahead, &view, PyBUF_WRITABLE) != 0) return 0;
  const int64_t count = spb_read(err, process, stream, (char *)view.buf + had, (size_t)(view.len - had), timeout_ms);
  PyBuffer_Release(&view);
  return err->code == SP_OK ? count : 0;
}

spb_number native_read_ahead(sp_error *err, sp_process *process, int stream, PyObject *ahead, int64_t size,
                             int64_t timeout_ms) {
  if (!PyByteArray_CheckExact(ahead) || size < 0 || size > INT32_MAX) {
    PyErr_SetString(PyExc_TypeError, "expected a bytearray and a size");
    return 0;
  }
  const Py_ssize_t had = PyByteArray_GET_SIZE(ahead);
  if (PyByteArray_Resize(ahead, had + (Py_ssize_t)size) != 0) return 0;
  const int64_t count = read_onto(err, process, stream, ahead, had, timeout_ms);
  PyByteArray_Resize(ahead, had + (Py_ssize_t)count);
  return count;
}

static void add_to(PyObject *progress, int64_t written) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback); /* what a handler has raised */
  const long long before = PyLong_AsLongLong(PyList_GET_ITEM(progress, 0));
  PyObject *sum = PyLong_FromLongLong(before + written);
  if (sum == NULL || PyList_SetItem(progress, 0, sum) != 0) PyErr_Clear();
  PyErr_Restore(type, value, traceback);
}

spb_number native_write_counted(sp_error *err, sp_process *process, PyObject *progress, const void *input,
                                size_t input_len, int64_t timeout_ms) {
  if (!PyList_CheckExact(progress) || PyList_GET_SIZE(progress) != 1 || !PyLong_Check(PyList_GET_ITEM(progress, 0))) {
    PyErr_SetString(PyExc_TypeError, "expected a list of an integer");
    return 0;
  }
  const int64_t written = spb_write(err, process, input, input_len, timeout_ms);
  add_to(progress, written);
  return written;
}
