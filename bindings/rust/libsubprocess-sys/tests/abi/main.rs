// SPDX-License-Identifier: MIT
//! The declarations of this crate against the header: both are compiled and compared.

mod compiler;
mod declarations;

use compiler::{check, run, Header};
use declarations::{callbacks, constants, functions, structs, Function, Typed};
use libsubprocess_sys as sys;
use std::collections::BTreeSet;
use std::mem::{align_of, size_of, MaybeUninit};

#[test]
fn every_function_of_the_header_is_declared() {
    let declared: BTreeSet<_> = functions().into_iter().map(|function| function.name).collect();
    assert!(declared.len() > 40);
    assert_eq!(declared, Header::read().functions());
}

#[test]
fn prototypes_agree() {
    check(&functions().iter().map(Function::prototype).collect::<String>()).unwrap();
    for function in functions() {
        for (what, wrong) in wrong_versions(&function) {
            assert!(check(&wrong.prototype()).is_err(), "{}: another {what} was not noticed", function.name);
        }
    }
}

/// One version with another result, and one for each parameter with another type there.
fn wrong_versions(function: &Function) -> Vec<(String, Function)> {
    let strange = "double";
    let mut versions = vec![("result".to_owned(), Function { result: strange.to_owned(), ..function.clone() })];
    for index in 0..function.parameters.len() {
        let mut wrong = function.clone();
        wrong.parameters[index].c_type = strange.to_owned();
        versions.push((format!("type of {}", function.parameters[index].name), wrong));
    }
    versions
}

#[test]
fn a_lost_const_is_noticed() {
    let mut run = functions().into_iter().find(|function| function.name == "sp_run").unwrap();
    run.parameters[1].c_type = "sp_options *".to_owned();
    assert!(check(&run.prototype()).is_err());
}

#[test]
fn callbacks_agree() {
    let typedef = |callback: &Function| {
        let pointer = Function { name: format!("(*{})", callback.name), ..callback.clone() };
        format!("typedef {}", pointer.prototype())
    };
    assert_eq!(callbacks().len(), 2);
    for callback in callbacks() {
        check(&typedef(&callback)).unwrap();
        for (what, wrong) in wrong_versions(&callback) {
            assert!(check(&typedef(&wrong)).is_err(), "{}: another {what} was not noticed", callback.name);
        }
    }
}

#[test]
fn constants_agree() {
    let declared: BTreeSet<_> = constants().into_iter().map(|(name, _)| name).collect();
    assert!(declared.len() > 60);
    assert_eq!(declared, Header::read().constants());

    let assertion = |name: &str, value: &str| format!("_Static_assert({name} == ({value}), \"{name}\");\n");
    check(&constants().iter().map(|(name, value)| assertion(name, value)).collect::<String>()).unwrap();
    for (name, value) in constants() {
        assert!(check(&assertion(&name, &format!("{value} + 1"))).is_err(), "{name}");
    }
}

#[test]
fn every_field_of_the_header_is_declared() {
    let names = |fields: Vec<Typed>| fields.into_iter().map(|field| field.name).collect::<Vec<_>>();
    let mut declared: Vec<_> = structs().into_iter().map(|(name, fields)| (name, names(fields))).collect();
    let mut expected = Header::read().structs();
    declared.sort();
    expected.sort();
    assert_eq!(declared, expected);
}

#[test]
fn field_types_agree() {
    let assertion = |name: &str, field: &Typed, c_type: &str| {
        let seen = format!("__typeof__((({name} *)0)->{})", field.name);
        format!("_Static_assert(__builtin_types_compatible_p({seen}, __typeof__({c_type})), \"{}\");\n", field.name)
    };
    for (name, fields) in structs() {
        let right = |field: &Typed| assertion(&name, field, &field.c_type);
        check(&fields.iter().map(right).collect::<String>()).unwrap();
        let wrong = assertion(&name, &fields[0], "struct { int strange; }");
        assert!(check(&wrong).is_err(), "{name}: another type was not noticed");
    }
}

/// Size, alignment and offsets as Rust sees them: one line each, as the C program below prints them.
macro_rules! layout {
    ($($name:ident { $($field:ident)* })*) => {{
        let mut lines = Vec::new();
        $({
            // A field that is missing from the list is refused by the compiler.
            #[allow(dead_code)]
            fn all_fields(value: sys::$name) {
                let sys::$name { $($field: _),* } = value;
            }
            let value = MaybeUninit::<sys::$name>::uninit();
            let start = value.as_ptr();
            lines.push(format!("{} {} {}", stringify!($name), size_of::<sys::$name>(), align_of::<sys::$name>()));
            // SAFETY: addr_of! makes an address within `value` and reads nothing.
            $(lines.push(format!("{}.{} {}", stringify!($name), stringify!($field), unsafe {
                std::ptr::addr_of!((*start).$field) as usize - start as usize
            }));)*
        })*
        lines
    }};
}

#[test]
fn layouts_agree() {
    let expected = layout! {
        sp_error { size code step sys_errno stage path message }
        sp_stdio { kind flags handle path }
        sp_fd_map { child_fd host_fd }
        sp_options {
            size flags std_in std_out std_err executable cwd env pass_fds pass_fds_len fd_map fd_map_len input input_len
            timeout_ms drain_ms kill_grace_ms max_output pipe_size death_signal process_group user group uid gid umask
            reserved0 groups groups_len cancel preexec preexec_arg on_output on_output_arg
        }
        sp_command { argv options }
        sp_usage {
            size wall_us user_us system_us max_rss_bytes minor_faults major_faults voluntary_switches
            involuntary_switches blocks_in blocks_out
        }
    };
    let print_field =
        |name: &str, field: &Typed| format!("printf(\"{name}.{0} %zu\\n\", offsetof({name}, {0}));\n", field.name);
    let print_struct = |(name, fields): (String, Vec<Typed>)| {
        let size = format!("printf(\"{name} %zu %zu\\n\", sizeof({name}), _Alignof({name}));\n");
        size + &fields.iter().map(|field| print_field(&name, field)).collect::<String>()
    };
    let statements: String = structs().into_iter().map(print_struct).collect();
    let seen = run(&format!("#include <stdio.h>\nint main(void) {{\n{statements}return 0;\n}}\n"));
    assert_eq!(expected, seen.lines().collect::<Vec<_>>());
}

#[test]
fn the_library_is_the_one_that_was_declared() {
    // SAFETY: no arguments.
    assert_eq!(sys::SP_VERSION_NUMBER, unsafe { sys::sp_version_number() });
}

#[test]
fn fresh_structs_know_their_size() {
    assert_eq!(sys::sp_options::new().size, size_of::<sys::sp_options>());
    assert_eq!(sys::sp_error::new().size, size_of::<sys::sp_error>());
    assert_eq!(sys::sp_usage::new().size, size_of::<sys::sp_usage>());
    assert!(sys::sp_options::new().cwd.is_null() && sys::sp_options::new().on_output.is_none());
}
