/* SPDX-License-Identifier: MIT
 *
 * The extension module libsubprocess._native: flat functions, wrapped without proxy classes. The package's Python files
 * are its only users.
 */
%module(package="libsubprocess") _native
%include "typemaps.swg"
%include "subprocess.i"

%rename("%(strip:[native_])s", regextarget=1) "^native_";
spb_number native_read_ahead(sp_error *err, sp_process *process, int stream, PyObject *ahead, int64_t size,
                             int64_t timeout_ms);
spb_number native_write_counted(sp_error *err, sp_process *process, PyObject *progress, const void *input,
                                size_t input_len, int64_t timeout_ms);

%constant int PIPE = NATIVE_PIPE;
%constant int STDOUT = NATIVE_STDOUT;
%constant int DEVNULL = NATIVE_DEVNULL;
