/* SPDX-License-Identifier: MIT
 *
 *     swig -ruby -I../../.. core.i
 */
%module "libsubprocess::core"
%include "typemaps.swg"
%include "subprocess.i"
