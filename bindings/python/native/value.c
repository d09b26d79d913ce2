/* SPDX-License-Identifier: MIT
 *
 * Plain values, both ways.
 */
#include "native.h"

bool native_path(PyObject *path, PyObject **held) { return PyUnicode_FSConverter(path, held) != 0; }

PyObject *native_bytes(const void *data, size_t len) {
  if (data == NULL) Py_RETURN_NONE;
  return PyBytes_FromStringAndSize(data, (Py_ssize_t)len);
}

PyObject *native_texts(char *const *texts) {
  PyObject *list = PyList_New(0);
  for (; list != NULL && *texts != NULL; texts++) {
    PyObject *text = PyUnicode_DecodeFSDefault(*texts);
    if (text == NULL || PyList_Append(list, text) != 0) Py_CLEAR(list);
    Py_XDECREF(text);
  }
  return list;
}

PyObject *native_integers(const int64_t *values, int count) {
  PyObject *tuple = PyTuple_New(count);
  for (int i = 0; tuple != NULL && i < count; i++) {
    PyObject *value = PyLong_FromLongLong(values[i]);
    if (value == NULL)
      Py_CLEAR(tuple);
    else
      PyTuple_SET_ITEM(tuple, i, value);
  }
  return tuple;
}
