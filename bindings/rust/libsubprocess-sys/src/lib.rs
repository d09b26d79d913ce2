// SPDX-License-Identifier: MIT
//! The C API of libsubprocess, as it is declared in `<libsubprocess/sp.h>`, which is also its manual.
//!
//! The safe crate is `libsubprocess`. A test of this crate compiles these declarations and the header together and
//! compares every size, offset, number and prototype.
//!
//! The library is found with pkg-config. `LIBSUBPROCESS_LIB_DIR` names its directory instead.
#![no_std]
#![allow(non_camel_case_types)]

extern crate std; // for the C types of std::os::raw

mod constants;
mod functions;
mod structs;

pub use constants::*;
pub use functions::*;
pub use structs::*;
