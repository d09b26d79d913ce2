/* SPDX-License-Identifier: MIT
 *
 * What the typemaps of typemaps.swg call: the C side of the Python binding.
 *
 * Functions that return bool return false with a Python exception set; those that return a pointer return NULL with
 * one.
 */
#ifndef LIBSUBPROCESS_PYTHON_NATIVE_H
#define LIBSUBPROCESS_PYTHON_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>

#include "functions.h"

/* The numbers of the standard subprocess module, whose constants then do too. */
enum { NATIVE_PIPE = -1, NATIVE_STDOUT = -2, NATIVE_DEVNULL = -3 };

/* A spec made from a dict, with the Python objects that it borrows from. All zeros is an empty one. */
typedef struct native_request {
  spb_spec *spec;
  PyObject *options; /* a copy of the dict: keeps all values */
  PyObject *on_output;
  Py_buffer input;
} native_request;

bool native_request_fill(native_request *request, PyObject *options);
void native_request_release(native_request *request);

/* A new bytes object in *held, from a str, bytes or path without NUL bytes. */
bool native_path(PyObject *path, PyObject **held);

/* Whether an exception is set, or is now, because of `err`. `partial` is handed over then. */
bool native_failed(const sp_error *err, sp_result *partial);

/* Reads at most `size` bytes onto the end of the bytearray `ahead`. */
spb_number native_read_ahead(sp_error *err, sp_process *process, int stream, PyObject *ahead, int64_t size,
                             int64_t timeout_ms);
/* Writes, and adds what it has written to the integer in the list `progress`. */
spb_number native_write_counted(sp_error *err, sp_process *process, PyObject *progress, const void *input,
                                size_t input_len, int64_t timeout_ms);

/* Callbacks of the library that call the Python callable which is their argument. */
int native_on_output(void *callable, int stream, const void *data, size_t len);
int native_preexec(void *callable);

/* The callable is kept as long as the process. */
PyObject *native_process_new(sp_process *process, PyObject *on_output);
/* `owner` is kept as long as its stage. */
PyObject *native_stage_new(sp_process *stage, PyObject *owner);
PyObject *native_result_new(sp_result *result);
PyObject *native_cancel_new(sp_cancel *cancel);
sp_process *native_process(PyObject *handle);
sp_result *native_result(PyObject *handle);
sp_cancel *native_cancel(PyObject *handle);

/* None for NULL. */
PyObject *native_bytes(const void *data, size_t len);
PyObject *native_texts(char *const *texts);
PyObject *native_integers(const int64_t *values, int count);

#endif
