/* SPDX-License-Identifier: MIT
 *
 * The extension module libsubprocess._native: flat functions, wrapped without proxy classes. The package's Python files
 * are its only users.
 */
%module(package="libsubprocess") _native
%include "typemaps.swg"
%include "subprocess.i"

%constant int PIPE = NATIVE_PIPE;
%constant int STDOUT = NATIVE_STDOUT;
%constant int DEVNULL = NATIVE_DEVNULL;
