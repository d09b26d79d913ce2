/* SPDX-License-Identifier: MIT
 *
 * A dict of options -> spb_spec. Whatever calls back into Python (__fspath__, __index__, fileno ...) may change the
 * containers that are being read: so only copies of them are read.
 */
#include <string.h>

#include "native.h"

typedef struct {
  native_request *request;
  spb_spec *spec;  /* the request's, or one of its stages' */
  sp_error *error; /* of the facade's setters */
} target;

static PyObject *copy_of(PyObject *options) {
  if (PyDict_Check(options)) return PyDict_Copy(options);
  PyErr_Format(PyExc_TypeError, "options are a dict, not %.200s", Py_TYPE(options)->tp_name);
  return NULL;
}

static bool fill(target to, PyObject *options);

static bool accepted(target to, int code) { return code == SP_OK || !native_failed(to.error, NULL); }

static bool add_converted(target to, PyObject *tuple, bool (*add)(target to, int option, PyObject *item), int option) {
  if (tuple == NULL) return false;
  bool ok = true;
  for (Py_ssize_t i = 0; ok && i < PyTuple_GET_SIZE(tuple); i++) ok = add(to, option, PyTuple_GET_ITEM(tuple, i));
  Py_DECREF(tuple);
  return ok;
}

/* -- texts and numbers ----------------------------------------------------------------------------------------------- */

typedef struct {
  PyObject *held;
  const char *data;
  size_t len;
} text;

static bool encode(PyObject *path, text *ret) {
  PyObject *bytes = PyUnicode_Check(path) ? PyUnicode_EncodeFSDefault(path) : Py_BuildValue("O", path);
  if (bytes == NULL) return false;
  *ret = (text){bytes, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes)};
  return true;
}

/* A str, bytes or path. Its NUL bytes are refused by the facade, in its own words. */
static bool get_text(PyObject *value, text *ret) {
  if (PyUnicode_Check(value) && PyUnicode_IS_COMPACT_ASCII(value)) { /* the same in every encoding that Python allows */
    Py_INCREF(value);
    *ret = (text){value, PyUnicode_DATA(value), (size_t)PyUnicode_GET_LENGTH(value)};
    return true;
  }
  PyObject *path = PyOS_FSPath(value);
  const bool ok = path != NULL && encode(path, ret);
  Py_XDECREF(path);
  return ok;
}

static bool get_integer(PyObject *value, int64_t *ret) {
  PyObject *index = PyNumber_Index(value);
  if (index == NULL) return false;
  *ret = PyLong_AsLongLong(index);
  Py_DECREF(index);
  return *ret != -1 || !PyErr_Occurred();
}

static bool is_path(PyObject *value) {
  return PyUnicode_Check(value) || PyBytes_Check(value) || PyObject_HasAttrString(value, "__fspath__");
}

static bool set_integer(target to, int option, PyObject *value) {
  int64_t number;
  return get_integer(value, &number) && accepted(to, spb_set_integer(to.spec, option, number, to.error));
}

static bool set_flag(target to, int option, PyObject *value) {
  const int truth = PyObject_IsTrue(value);
  return truth >= 0 && accepted(to, spb_set_integer(to.spec, option, truth, to.error));
}

static bool set_text(target to, int option, PyObject *value) {
  text own;
  if (!get_text(value, &own)) return false;
  const int code = spb_set_text(to.spec, option, own.data, own.len, to.error);
  Py_DECREF(own.held);
  return accepted(to, code);
}

/* -- lists ----------------------------------------------------------------------------------------------------------- */

static bool add_argument(target to, int option, PyObject *value) {
  (void)option;
  text own;
  if (!get_text(value, &own)) return false;
  const int code = spb_add_argument(to.spec, own.data, own.len, to.error);
  Py_DECREF(own.held);
  return accepted(to, code);
}

/* A program alone needs no list. */
static bool set_argv(target to, int option, PyObject *value) {
  if (is_path(value)) return add_argument(to, option, value);
  return add_converted(to, PySequence_Tuple(value), add_argument, option);
}

static bool add_stage(target to, int option, PyObject *value) {
  (void)option;
  spb_spec *stage = spb_add_stage(to.spec, to.error);
  if (stage == NULL) return accepted(to, to.error->code);
  PyObject *options = copy_of(value);
  const bool ok = options != NULL && fill((target){to.request, stage, to.error}, options);
  Py_XDECREF(options);
  return ok;
}

static bool add_integer(target to, int option, PyObject *value) {
  int64_t number;
  if (option == SPB_PASS_FDS)
    number = PyObject_AsFileDescriptor(value);
  else if (!get_integer(value, &number))
    return false;
  if (PyErr_Occurred()) return false;
  return accepted(to, spb_add_integer(to.spec, option, number, to.error));
}

static bool set_integers(target to, int option, PyObject *value) {
  spb_begin_list(to.spec, option);
  return add_converted(to, PySequence_Tuple(value), add_integer, option);
}

/* -- mappings -------------------------------------------------------------------------------------------------------- */

static PyObject *items_of(PyObject *mapping) {
  if (!PyObject_HasAttrString(mapping, "items")) {
    PyErr_Format(PyExc_TypeError, "expected a mapping, not %.200s", Py_TYPE(mapping)->tp_name);
    return NULL;
  }
  PyObject *items = PyMapping_Items(mapping);
  if (items == NULL) return NULL;
  PyObject *tuple = PySequence_Tuple(items);
  Py_DECREF(items);
  return tuple;
}

static bool get_pair(PyObject *item, PyObject **first, PyObject **second) {
  if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
    PyErr_SetString(PyExc_TypeError, "the mapping's items are not pairs");
    return false;
  }
  *first = PyTuple_GET_ITEM(item, 0);
  *second = PyTuple_GET_ITEM(item, 1);
  return true;
}

static bool add_variable(target to, int option, PyObject *item) {
  PyObject *key, *value;
  text name, content = {NULL, NULL, 0};
  if (!get_pair(item, &key, &value) || !get_text(key, &name)) return false;
  if (value != Py_None && !get_text(value, &content)) {
    Py_DECREF(name.held);
    return false;
  }
  const int code = spb_add_variable(to.spec, option, name.data, name.len, content.data, content.len, to.error);
  Py_DECREF(name.held);
  Py_XDECREF(content.held);
  return accepted(to, code);
}

static bool add_pair(target to, int option, PyObject *item) {
  PyObject *child, *host;
  int64_t child_fd;
  if (!get_pair(item, &child, &host) || !get_integer(child, &child_fd)) return false;
  const int host_fd = PyObject_AsFileDescriptor(host);
  if (host_fd < 0) return false;
  return accepted(to, spb_add_pair(to.spec, option, child_fd, host_fd, to.error));
}

static bool set_mapping(target to, int option, PyObject *value) {
  spb_begin_list(to.spec, option);
  return add_converted(to, items_of(value), option == SPB_FD_MAP ? add_pair : add_variable, option);
}

/* -- streams --------------------------------------------------------------------------------------------------------- */

static bool set_stdio_number(target to, int option, PyObject *value) {
  static const char *const names[] = {"pipe", "stdout", "devnull"};
  int64_t number;
  if (!get_integer(value, &number)) return false;
  if (number >= NATIVE_DEVNULL && number < 0) {
    const char *name = names[-1 - number];
    return accepted(to, spb_set_stdio(to.spec, option, name, strlen(name), to.error));
  }
  return accepted(to, spb_set_stdio_fd(to.spec, option, number, to.error));
}

static bool set_stdio_path(target to, int option, PyObject *path, bool append) {
  text own;
  if (!get_text(path, &own)) return false;
  const int code = spb_set_stdio_path(to.spec, option, own.data, own.len, append, to.error);
  Py_DECREF(own.held);
  return accepted(to, code);
}

/* A constant or descriptor; a path; a tuple of a path, to append to; anything with fileno(). */
static bool set_stdio(target to, int option, PyObject *value) {
  if (PyLong_Check(value)) return set_stdio_number(to, option, value);
  if (PyTuple_CheckExact(value) && PyTuple_GET_SIZE(value) == 1)
    return set_stdio_path(to, option, PyTuple_GET_ITEM(value, 0), true);
  if (is_path(value)) return set_stdio_path(to, option, value, false);
  const int fd = PyObject_AsFileDescriptor(value);
  return fd >= 0 && accepted(to, spb_set_stdio_fd(to.spec, option, fd, to.error));
}

/* -- what belongs to the whole call ---------------------------------------------------------------------------------- */

/* These are borrowed from the request, which keeps them; a stage has nobody who would. */
static bool is_whole(target to, const char *name) {
  if (to.spec == to.request->spec) return true;
  PyErr_Format(PyExc_ValueError, "%s is not for one stage of a pipeline", name);
  return false;
}

static bool set_input(target to, PyObject *value) {
  Py_buffer *view = &to.request->input;
  if (!is_whole(to, "input") || PyObject_GetBuffer(value, view, PyBUF_SIMPLE) != 0) return false;
  spb_set_input(to.spec, view->buf, (size_t)view->len);
  return true;
}

static bool set_cancel(target to, PyObject *value) {
  sp_cancel *cancel = is_whole(to, "cancel") ? native_cancel(value) : NULL;
  if (cancel != NULL) spb_set_cancel(to.spec, cancel);
  return cancel != NULL;
}

static bool is_callable(PyObject *value, const char *name) {
  if (PyCallable_Check(value)) return true;
  PyErr_Format(PyExc_TypeError, "%s must be callable, not %.200s", name, Py_TYPE(value)->tp_name);
  return false;
}

static bool set_on_output(target to, PyObject *value) {
  if (!is_whole(to, "on_output") || !is_callable(value, "on_output")) return false;
  spb_set_on_output(to.spec, native_on_output, value);
  to.request->on_output = value;
  return true;
}

static bool set_preexec(target to, PyObject *value) {
  if (!is_whole(to, "preexec_fn") || !is_callable(value, "preexec_fn")) return false;
  spb_set_preexec(to.spec, native_preexec, value);
  return true;
}

/* -- the dict -------------------------------------------------------------------------------------------------------- */

static bool set_option(target to, int option, PyObject *value) {
  switch (spb_option_kind(option)) {
    case SPB_KIND_ARGV:
      return set_argv(to, option, value);
    case SPB_KIND_STAGES:
      spb_begin_list(to.spec, option);
      return add_converted(to, PySequence_Tuple(value), add_stage, option);
    case SPB_KIND_INPUT:
      return set_input(to, value);
    case SPB_KIND_CANCEL:
      return set_cancel(to, value);
    case SPB_KIND_OUTPUT:
      return set_on_output(to, value);
    case SPB_KIND_STDIO:
      return set_stdio(to, option, value);
    case SPB_KIND_TEXT:
      return set_text(to, option, value);
    case SPB_KIND_ENV:
    case SPB_KIND_PAIRS:
      return set_mapping(to, option, value);
    case SPB_KIND_INTEGERS:
      return set_integers(to, option, value);
    case SPB_KIND_INTEGER:
      return set_integer(to, option, value);
    case SPB_KIND_FLAG:
      return set_flag(to, option, value);
  }
  return false;
}

static bool set_named(target to, PyObject *name, PyObject *value) {
  Py_ssize_t len;
  const char *spelled = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &len) : NULL;
  if (spelled == NULL) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "names of options are strings");
    return false;
  }
  if (strcmp(spelled, "preexec_fn") == 0) return set_preexec(to, value);
  const int option = spb_option_find(spelled, (size_t)len);
  if (option >= 0) return set_option(to, option, value);
  PyErr_Format(PyExc_TypeError, "unknown option '%.100s'", spelled);
  return false;
}

/* `options` is a dict that nobody else has. */
static bool fill(target to, PyObject *options) {
  PyObject *name, *value;
  for (Py_ssize_t at = 0; PyDict_Next(options, &at, &name, &value);)
    if (!set_named(to, name, value)) return false;
  return true;
}

bool native_request_fill(native_request *request, PyObject *options) {
  sp_error error = SP_ERROR_INIT;
  request->options = copy_of(options);
  if (request->options == NULL) return false;
  request->spec = spb_spec_new();
  if (request->spec == NULL) {
    PyErr_NoMemory();
    return false;
  }
  return fill((target){request, request->spec, &error}, request->options);
}

void native_request_release(native_request *request) {
  spb_spec_free(request->spec);
  if (request->input.obj != NULL) PyBuffer_Release(&request->input);
  Py_CLEAR(request->options);
}
