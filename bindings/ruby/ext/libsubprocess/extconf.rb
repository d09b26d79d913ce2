# frozen_string_literal: true

# SPDX-License-Identifier: MIT
#
# Builds the extension of an installed gem, against the installed C library.
require "mkmf"

pkg_config("libsubprocess") or abort "libsubprocess is not installed, or PKG_CONFIG_PATH does not lead to libsubprocess.pc"
have_header("libsubprocess/sp.h") or abort "libsubprocess/sp.h is missing"
have_func("sp_finish", "libsubprocess/sp.h") or abort "the installed libsubprocess is too old"
have_func("rb_thread_call_without_gvl2", "ruby/thread.h") or abort "this Ruby cannot release its global lock"

append_cflags(["-std=gnu11", "-fvisibility=hidden"])
create_makefile("libsubprocess/core")
