# SPDX-License-Identifier: MIT
"""Which tests of CPython's test_subprocess.py concern another implementation, and which do not.

A test is named without its class where the class does not matter. What is not listed is about behaviour, and is expected
to end as with the standard module.
"""

# Tests of the insides of CPython's own module, which another implementation does not have.
INTERNALS = {
    "test_exception_errpipe_normal": "puts a mock in the place of _posixsubprocess.fork_exec and writes to its error pipe",
    "test_exception_errpipe_bad_data": "the same, with data that its error pipe never carries",
    "test_stopped": "puts a mock in the place of os.waitpid, which is not what waits here",
    "test_preexec_errpipe_does_not_double_close_pipes":
        "looks at the parent's pipe ends inside of _execute_child(), which makes them here only if it succeeds",
    "test__use_vfork": "reads the arguments of a mocked _posixsubprocess.fork_exec",
    "test_vfork_used_when_expected": "looks with strace for the system call vfork; children are made with clone3 here",
}

# Tests that never get at the module, and pass with any.
VACUOUS = {
    "test_fork_exec": "calls _posixsubprocess directly",
    "test_fork_exec_sorted_fd_sanity_check": "calls _posixsubprocess directly",
}

# Other tests of private names, which the drop-in module has too.
PRIVATE_NAMES = {
    "test_failed_child_execute_fd_leak", "test_repr", "test_call_keyboardinterrupt_no_kill",
    "test_run_keyboardinterrupt_no_kill", "test_context_manager_keyboardinterrupt_no_kill",
    "test_communicate_BrokenPipeError_stdin_write", "test_communicate_BrokenPipeError_stdin_flush",
    "test_communicate_BrokenPipeError_stdin_close", "test_communicate_BrokenPipeError_stdin_close_with_timeout",
    "test_zombie_fast_process_del", "test_leak_fast_process_del_killed",
}

WINDOWS_CLASSES = {"Win32ProcessTestCase", "CommandsWithSpaces"}
WINDOWS_TESTS = {
    "test_nonexisting_with_pipes", "test_wait_negative_timeout", "test_win32_duplicate_envs", "test_win32_invalid_env",
}


def class_of(name):
    """What a test called "Class.test_name" is about: "windows", "internals" or "semantics"."""
    case, _, test = name.partition(".")
    if case in WINDOWS_CLASSES or test in WINDOWS_TESTS:
        return "windows"
    if test in INTERNALS or test in VACUOUS or test in PRIVATE_NAMES:
        return "internals"
    return "semantics"


def exclusion(name):
    """Why a test need not end as with the standard module, or None."""
    return INTERNALS.get(name.rpartition(".")[2])
