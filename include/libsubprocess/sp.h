/* SPDX-License-Identifier: MIT
 *
 * libsubprocess: start and control child processes. This header is the whole C API and its manual.
 *
 * Calling rules, true for every function unless its own text says otherwise:
 *  - Inputs come first, then outputs (`ret`, `ret_*`), then `err`, which may be NULL.
 *  - An `int` result is SP_OK (0) or one of the negative `sp_code` values. Outputs are untouched on failure.
 *  - Strings are NUL-terminated bytes, UTF-8 by convention; the library copies what it needs before it returns.
 *  - Times are milliseconds, sizes are bytes. A `timeout_ms` of SP_FOREVER waits without limit, 0 does not block; other
 *    negative values, and values above SP_TIMEOUT_MAX, are SP_EINVAL.
 *  - NULL, a closed handle, a handle from before a fork() or a wrong struct size is an error, never a crash.
 *  - Every function may be called from any thread. Per process one thread at a time may read a stream, write, or
 *    communicate: a second one gets SP_EBUSY.
 *  - Starting a child takes about 24 KiB of the calling thread's stack. The host's environment must not be changed by another
 *    thread meanwhile.
 *  - Every *_free function takes NULL, never blocks for long, and may be called in any order.
 *
 * On Linux the library installs no signal handler, changes no signal disposition, starts no thread, never calls
 * waitpid(-1), opens every descriptor close-on-exec and above 2, and never raises SIGPIPE in the host.
 *
 * fork(): handles made before the host's fork() are refused in the forked child with SP_EINVAL; only sp_close_stream() and
 * freeing them are allowed there, and give up the child's copies of the pipes. New processes can be started in the forked child as usual.
 */
#ifndef LIBSUBPROCESS_SP_H
#define LIBSUBPROCESS_SP_H

#include <stddef.h>
#include <stdint.h>

#include <libsubprocess/export.h>
#include <libsubprocess/version.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A child process, or a whole pipeline of them. Made by sp_popen() and sp_pipeline(), released by sp_process_free(). */
typedef struct sp_process sp_process;
/** What a finished (or timed-out) child left behind: output, return code, resource usage. Immutable. */
typedef struct sp_result sp_result;
/** A latch that wakes the blocking calls of the processes that it was given to. */
typedef struct sp_cancel sp_cancel;

/** Wait without limit. */
#define SP_FOREVER ((int64_t)-1)
/** The largest timeout that is accepted, in milliseconds (about 292 years). */
#define SP_TIMEOUT_MAX ((int64_t)9000000000000)
/** The return code of a child that has not been seen to exit, or whose status is lost. */
#define SP_NO_RETURNCODE INT64_MIN

/* == Errors ============================================================================================================= */

/** What went wrong, to branch on. The numbers are frozen and the same on every system. @since 0.1 */
enum sp_code {
  SP_OK = 0,
  SP_EINVAL = -1,       /**< an argument is wrong; the message names it */
  SP_ENOMEM = -2,       /**< no memory */
  SP_ESYS = -3,         /**< the system said no: see sys_errno and step */
  SP_ENOTFOUND = -4,    /**< the program, cwd, file, user or group does not exist: see step and path */
  SP_EACCESS = -5,      /**< not executable, or not permitted: see step and path */
  SP_ETIMEDOUT = -6,    /**< the limit passed */
  SP_EFAILED = -7,      /**< SP_CHECK was set and the child did not return 0 */
  SP_ECLOSED = -8,      /**< the handle or stream was closed, maybe by another thread during the call */
  SP_ECANCELED = -9,    /**< the cancel token was triggered, or the output callback asked to stop */
  SP_EINTR = -10,       /**< a signal came and SP_RETURN_ON_SIGNAL was set; repeat the call to go on */
  SP_ELOST = -11,       /**< somebody else reaped the child and its status is gone */
  SP_EUNSUPPORTED = -12,/**< this backend, kernel or system cannot do it; the message names the option */
  SP_EBUSY = -13,       /**< another thread is reading that stream, writing or communicating */
  SP_EABI = -14         /**< a struct's size is wrong, or it uses fields that this library is too old for */
};

/** Where a call failed. Frozen numbers. @since 0.1 */
enum sp_step {
  SP_AT_CALL = 0,     /**< while the arguments were checked */
  SP_AT_STDIO = 1,    /**< opening a file, pipe or null device for the child */
  SP_AT_FORK = 2,     /**< making the process */
  SP_AT_SESSION = 3,  /**< setsid, or the controlling terminal */
  SP_AT_GROUP = 4,    /**< setpgid */
  SP_AT_FDS = 5,      /**< moving descriptors into place in the child */
  SP_AT_CHDIR = 6,    /**< entering cwd */
  SP_AT_GROUPS = 7,   /**< setgroups */
  SP_AT_GID = 8,      /**< finding or setting the group */
  SP_AT_UID = 9,      /**< finding or setting the user */
  SP_AT_UMASK = 10,   /**< setting the umask */
  SP_AT_LIMITS = 11,  /**< setting the death signal */
  SP_AT_PREEXEC = 12, /**< the preexec callback returned nonzero */
  SP_AT_EXEC = 13,    /**< executing the program */
  SP_AT_IO = 14,      /**< reading or writing a stream */
  SP_AT_WAIT = 15,    /**< waiting for the child */
  SP_AT_SIGNAL = 16   /**< sending a signal */
};

/**
 * One failure, described. Owned by the caller; start it with SP_ERROR_INIT. Written only when a call fails.
 * `size` must be sizeof(sp_error), or the call is refused with SP_EABI.
 * @since 0.1
 */
typedef struct sp_error {
  size_t size;       /**< sizeof(sp_error) */
  int32_t code;      /**< sp_code */
  int32_t step;      /**< sp_step */
  int32_t sys_errno; /**< errno of the system call that failed, else 0 */
  int32_t stage;     /**< index of the command in a pipeline, else 0 */
  char path[232];    /**< the program, cwd, user, file or descriptor concerned; "" if none; long ones lose their beginning */
  char message[256]; /**< one English sentence, such as "cannot start 'x': not found in PATH (/bin)" */
} sp_error;
#define SP_ERROR_INIT { sizeof(sp_error), 0, 0, 0, 0, { 0 }, { 0 } }

/** Names an sp_code: "SP_ETIMEDOUT". @return a static string; "SP_E?" for an unknown code, never NULL. @since 0.1 */
SP_API const char *sp_code_name(int code);
/** Names an sp_step: "chdir". @return a static string; "?" for an unknown step, never NULL. @since 0.1 */
SP_API const char *sp_step_name(int step);

/* == Options ============================================================================================================ */

/** The standard streams, as indices. @since 0.1 */
enum sp_stream { SP_IN = 0, SP_OUT = 1, SP_ERR = 2 };

/** What a standard stream of the child is connected to. @since 0.1 */
enum sp_stdio_kind {
  SP_INHERIT = 0, /**< the host's own descriptor of that number (Python's None) */
  SP_PIPE = 1,    /**< a new pipe to the host */
  SP_DEVNULL = 2, /**< the null device */
  SP_STDOUT = 3,  /**< std_err only: wherever the child's standard output goes (2>&1) */
  SP_HANDLE = 4,  /**< `handle`: an open descriptor of the host, borrowed for the call; also another process's sp_stream_handle() */
  SP_FILE = 5     /**< `path`, opened by the host relative to the host's cwd: std_in for reading, the others truncated
                       or, with SP_APPEND, appended to; created with mode 0666 less the umask. Opening a FIFO waits for its
                       other end, outside of every limit */
};
/** Details of an sp_stdio. @since 0.1 */
enum sp_stdio_flag { SP_APPEND = 1 /**< SP_FILE: append instead of truncating */ };

/** One standard stream. Zero inherits. The layout is frozen. @since 0.1 */
typedef struct sp_stdio {
  int32_t kind;     /**< sp_stdio_kind */
  int32_t flags;    /**< sp_stdio_flag */
  intptr_t handle;  /**< SP_HANDLE */
  const char *path; /**< SP_FILE */
} sp_stdio;

/** One more descriptor for the child: `host_fd` of the host becomes `child_fd` (3 or above). Frozen. @since 0.1 */
typedef struct sp_fd_map {
  int32_t child_fd;
  int32_t host_fd;
} sp_fd_map;

/** Bits of sp_options.flags. Unknown bits are SP_EINVAL. @since 0.1 */
enum sp_flag {
  SP_SHELL = 1 << 0,            /**< argv[0] is a command line for /bin/sh -c; the rest become $0, $1, ... as in Python */
  SP_CHECK = 1 << 1,            /**< sp_run, sp_communicate: a return code other than 0 is SP_EFAILED */
  SP_CAPTURE = 1 << 2,          /**< std_out and std_err become SP_PIPE; both must be unset */
  SP_ENV_EXTEND = 1 << 3,       /**< env adds to the host's environment; "K" without '=' removes K; of two entries for K the last wins */
  SP_KEEP_FDS = 1 << 4,         /**< do not close other descriptors (close_fds=False); close-on-exec ones still close */
  SP_KEEP_SIGNALS = 1 << 5,     /**< leave SIGPIPE, SIGXFSZ and SIGCHLD ignored if the host ignores them (restore_signals=False) */
  SP_KEEP_SIGMASK = 1 << 6,     /**< start the child with the calling thread's signal mask instead of an empty one */
  SP_NEW_SESSION = 1 << 7,      /**< setsid(): the child leads a new session and group */
  SP_NEW_GROUP = 1 << 8,        /**< setpgid(0, 0): the child leads a new group, as sp_kill_group() needs */
  SP_JOIN_GROUP = 1 << 9,       /**< setpgid(0, process_group) */
  SP_CONTROLLING_TTY = 1 << 10, /**< with SP_NEW_SESSION: the child's standard input becomes its controlling terminal */
  SP_SET_UID = 1 << 11,         /**< use `uid` */
  SP_SET_GID = 1 << 12,         /**< use `gid` */
  SP_SET_GROUPS = 1 << 13,      /**< use `groups`; an empty list drops all supplementary groups */
  SP_SET_UMASK = 1 << 14,       /**< use `umask` */
  SP_PIPEFAIL = 1 << 15,        /**< sp_pipeline: the last stage that failed decides the return code */
  SP_KILL_ON_FREE = 1 << 16,    /**< sp_process_free() kills a child that still runs */
  SP_RETURN_ON_SIGNAL = 1 << 17,/**< a signal handled during a blocking call makes it return SP_EINTR; signals are held
                                     back while it works (on_output included) and handled while it waits */
  SP_UNIVERSAL_NEWLINES = 1 << 18, /**< "\r\n" and "\r" become "\n" in captured output */
  SP_KILL_GROUP_ON_TIMEOUT = 1 << 19 /**< sp_run: an end by timeout, cancel or signal kills the child's whole group; needs
                                          SP_NEW_GROUP or SP_NEW_SESSION */
};

/**
 * Runs in the forked child just before exec, with the signal mask that the program will start with, on the slower fork path. Only async-signal-safe calls are allowed; memory
 * is a copy of the host's; if `env` is NULL, the program gets the environment as the callback leaves it. @return 0, or an errno that the start then fails with (step SP_AT_PREEXEC). @since 0.1
 */
typedef int (*sp_preexec_fn)(void *arg);
/**
 * Sees each chunk of output as it is read, on the thread that called; the chunk is captured too. `data` is valid during
 * the call only. The callback may signal the process but must not read, write, communicate with or free it.
 * @return 0 to go on; anything else stops the call with SP_ECANCELED. @since 0.1
 */
typedef int (*sp_output_fn)(void *arg, int stream, const void *data, size_t len);

/**
 * How to start a child and how to run it. Only `size` is mandatory: every other zero is Python's default. Use SP_OPTIONS,
 * or memset to 0 and set `size`. All pointers are borrowed for the duration of the call only, except `on_output` with its
 * `on_output_arg`, which sp_communicate() uses too.
 *
 * A field that only counts with a flag (uid, gid, groups, umask, process_group) must be zero without it: SP_EINVAL.
 *
 * The struct grows at the tail only. An older, shorter struct is accepted; a longer one is accepted while its unknown
 * tail is zero, else SP_EABI; so is a size that no version ever had.
 * @since 0.1
 */
typedef struct sp_options {
  size_t size;               /**< sizeof(sp_options) */
  uint64_t flags;            /**< sp_flag bits */
  sp_stdio std_in;           /**< not `stdin`, which is a macro in C */
  sp_stdio std_out;
  sp_stdio std_err;
  const char *executable;    /**< the program to execute instead of argv[0] (or instead of /bin/sh) */
  const char *cwd;           /**< directory that the child enters first; a relative program is looked up from there */
  const char *const *env;    /**< "K=V" strings and a NULL; NULL inherits; see SP_ENV_EXTEND */
  const int32_t *pass_fds;   /**< descriptors that the child gets under the same numbers */
  size_t pass_fds_len;
  const sp_fd_map *fd_map;   /**< descriptors that the child gets under other numbers */
  size_t fd_map_len;
  const void *input;         /**< sp_run, sp_check_output: fed to standard input, which must be unset; NULL: none */
  size_t input_len;
  int64_t timeout_ms;        /**< sp_run, sp_check_output: 0 or SP_FOREVER no limit; on expiry kill, reap, SP_ETIMEDOUT */
  int64_t drain_ms;          /**< after the child's exit read at most so long; 0: until end of file, as Python does */
  int64_t kill_grace_ms;     /**< sp_run: on expiry SIGTERM first and SIGKILL after this; 0: SIGKILL at once */
  size_t max_output;         /**< captured bytes per stream; 0: no cap; more is read, dropped and counted */
  int32_t pipe_size;         /**< capacity of new pipes (F_SETPIPE_SZ); 0: the system's default */
  int32_t death_signal;      /**< sent to the child when the thread that started it ends (PR_SET_PDEATHSIG); 0: none */
  int64_t process_group;     /**< with SP_JOIN_GROUP: a positive group number */
  const char *user;          /**< run as this user, by name; the supplementary groups stay unless SP_SET_GROUPS, as in Python */
  const char *group;         /**< run as this group, by name */
  uint32_t uid;              /**< with SP_SET_UID */
  uint32_t gid;              /**< with SP_SET_GID */
  uint32_t umask;            /**< with SP_SET_UMASK, 0 to 0777 */
  uint32_t reserved0;        /**< 0 */
  const uint32_t *groups;    /**< with SP_SET_GROUPS */
  size_t groups_len;
  sp_cancel *cancel;         /**< wakes every blocking call on the process; the token may be freed before the process */
  sp_preexec_fn preexec;
  void *preexec_arg;
  sp_output_fn on_output;    /**< sp_run, sp_check_output, sp_communicate: sees output as it comes */
  void *on_output_arg;
} sp_options;

/** Options in one expression, in C: `&SP_OPTIONS(.cwd = "/tmp", .std_out.kind = SP_PIPE)`. @since 0.1 */
#ifndef __cplusplus
#  define SP_OPTIONS(...) ((sp_options){ .size = sizeof(sp_options), __VA_ARGS__ })
#endif

/* == One call does it all =============================================================================================== */

/**
 * Runs a command to its end: Python's subprocess.run().
 *
 *     sp_error err = SP_ERROR_INIT;
 *     sp_result *result = NULL;
 *     const char *argv[] = {"git", "status", "--short", NULL};
 *     if (sp_run(argv, &SP_OPTIONS(.flags = SP_CAPTURE | SP_CHECK, .timeout_ms = 5000), &result, &err) != SP_OK)
 *       fprintf(stderr, "%s\n", err.message);
 *     else
 *       fputs(sp_result_output(result, SP_OUT, NULL), stdout);
 *     sp_result_free(result);
 *
 * With a limit, a cancel token, SP_RETURN_ON_SIGNAL or a stopping callback, a child that still runs is killed and reaped
 * before the call returns, and the call returns even if grandchildren hold the pipes open.
 * @param argv  the program, its arguments and a NULL; with SP_SHELL a command line first.
 * @param opt   NULL for the defaults.
 * @param ret   NULL if not wanted; else the result, to be freed with sp_result_free(). Also set (partial output, the code
 *              of the killed child) with SP_EFAILED, SP_ETIMEDOUT, SP_ECANCELED, SP_EINTR and SP_ELOST; NULL on other failures.
 * @return SP_OK whatever the child returned (but SP_CHECK); SP_ENOTFOUND, SP_EACCESS, SP_ETIMEDOUT, SP_EFAILED, ...
 * @since 0.1
 */
SP_API int sp_run(const char *const argv[], const sp_options *opt, sp_result **ret, sp_error *err);

/**
 * Runs a command and returns its standard output: Python's subprocess.check_output(). Implies SP_CHECK; std_out must be unset.
 *
 *     char *head = NULL;
 *     const char *argv[] = {"git", "rev-parse", "HEAD", NULL};
 *     if (sp_check_output(argv, NULL, &head, NULL, NULL) == SP_OK) puts(head);
 *     sp_mem_free(head);
 *
 * @param ret      the output with a NUL after it, to be freed with sp_mem_free(); NULL on failure (use sp_run() to see
 *                 the output of a child that failed).
 * @param ret_len  NULL, or the number of bytes without the NUL.
 * @return as sp_run().
 * @since 0.1
 */
SP_API int sp_check_output(const char *const argv[], const sp_options *opt, char **ret, size_t *ret_len, sp_error *err);

/* == Start, talk, wait ================================================================================================== */

/**
 * Starts a command: Python's subprocess.Popen().
 *
 *     sp_process *p = NULL;
 *     const char *argv[] = {"bc", "-q", NULL};
 *     int rc = sp_popen(argv, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE), &p, &err);
 *
 * Returns when the program has been executed, or the attempt has failed; a failed attempt leaves no process behind.
 * `input`, `timeout_ms`, `kill_grace_ms` and SP_KILL_GROUP_ON_TIMEOUT belong to sp_run() and are refused.
 * @param argv  the program, its arguments and a NULL; with SP_SHELL a command line first.
 * @param opt   NULL for the defaults.
 * @param ret   the process, to be freed with sp_process_free().
 * @return SP_OK; SP_EINVAL, SP_ENOTFOUND (program, cwd, user: see err->step), SP_EACCESS, SP_ESYS, SP_ENOMEM, ...
 * @since 0.1
 */
SP_API int sp_popen(const char *const argv[], const sp_options *opt, sp_process **ret, sp_error *err);

/**
 * Closes a process: wakes blocked callers with SP_ECLOSED and closes the pipes; later calls get SP_ECLOSED. The child is
 * neither signalled nor waited for, and the memory stays until sp_process_free(). Calling it again does nothing.
 * @return SP_OK, or SP_EINVAL for NULL. @since 0.1
 */
SP_API int sp_close(sp_process *p);

/**
 * Releases a process. The child is neither killed nor waited for: one that still runs is remembered and reaped by later
 * calls of the library once it has ended. With SP_KILL_ON_FREE it is killed, and given at most 100 ms to go.
 * No other thread may be inside a call on `p` (use sp_close() first to wake it). @since 0.1
 */
SP_API void sp_process_free(sp_process *p);

/**
 * Feeds input, collects output until end of file, and waits: Python's Popen.communicate(). A child that does not read
 * its input is no error. Standard input is closed when the input has been written.
 *
 * After SP_ETIMEDOUT, SP_ECANCELED or SP_EINTR the child, the data and the unsent input are kept: call again to go on,
 * with no input or with the same length of input as the first time, which is then not sent twice. After success a
 * further call returns the same result again.
 * @param input       borrowed for the call; NULL for none. Needs std_in = SP_PIPE.
 * @param len         its length in bytes.
 * @param timeout_ms  the limit of this call. It does not kill the child.
 * @param ret         NULL if not wanted; else the result, to be freed with sp_result_free(). With SP_EFAILED and SP_ELOST it is
 *                    the whole result, with SP_ETIMEDOUT and SP_ECANCELED a copy of what came so far; untouched otherwise.
 * @return SP_OK; SP_ETIMEDOUT; SP_EFAILED with SP_CHECK; SP_ELOST; SP_EBUSY; SP_ECLOSED; SP_ECANCELED; SP_EINTR.
 * @since 0.1
 */
SP_API int sp_communicate(sp_process *p, const void *input, size_t len, int64_t timeout_ms, sp_result **ret, sp_error *err);

/**
 * Waits for the end of the child (of every stage of a pipeline). Several threads may wait at once; repeating the call
 * returns the same code. Beware of a child that fills a pipe which nobody reads: use sp_communicate() then.
 * @param ret_code  NULL, or the exit code 0 to 255, or -N if signal N ended it.
 * @return SP_OK; SP_ETIMEDOUT; SP_ELOST; SP_ECLOSED; SP_ECANCELED; SP_EINTR. @since 0.1
 */
SP_API int sp_wait(sp_process *p, int64_t timeout_ms, int64_t *ret_code, sp_error *err);

/**
 * Asks without blocking whether the child has ended.
 * @param ret_code  NULL, or as in sp_wait(); set only when the result is 1.
 * @return 1 ended; 0 still runs; a negative sp_code, SP_ELOST among them. @since 0.1
 */
SP_API int sp_poll(sp_process *p, int64_t *ret_code);

/**
 * Ends a child: SIGTERM (and SIGCONT, for a stopped one), at most `grace_ms` of patience, SIGKILL, then reaps it. A cancel
 * token does not end this call: a cancelled call is the usual reason for it.
 * @param grace_ms  0 kills at once; SP_FOREVER never does.
 * @param ret_code  NULL, or as in sp_wait().
 * @return SP_OK, also if it had ended before; SP_EACCESS if the host may not signal it; else as sp_wait(). @since 0.1
 */
SP_API int sp_stop(sp_process *p, int64_t grace_ms, int64_t *ret_code, sp_error *err);

/**
 * Ends what sp_communicate() could not, as sp_run() does at its limit: SIGTERM (and SIGCONT), reading on for at most
 * `grace_ms`, SIGKILL, reaps, and takes what is in the pipes without waiting for whoever still holds them. The usual call
 * after SP_ETIMEDOUT or SP_ECANCELED from sp_communicate(); neither a token nor a signal ends it.
 *
 *     int rc = sp_communicate(p, input, len, 5000, NULL, &err);
 *     if (rc == SP_ETIMEDOUT) sp_finish(p, 500, 0, &result, NULL);
 *
 * @param grace_ms     0 kills at once; SP_FOREVER is refused.
 * @param whole_group  not 0: signals go to the group that the child leads, as in sp_kill_group().
 * @param ret          NULL, or all that the child left, earlier calls included; to be freed with sp_result_free().
 * @return SP_OK, also if it had ended before (SP_CHECK does not count here); SP_EINVAL; SP_EBUSY while another thread
 *         communicates; SP_ECLOSED; SP_ETIMEDOUT if the system could not end the child. @since 0.1
 */
SP_API int sp_finish(sp_process *p, int64_t grace_ms, int whole_group, sp_result **ret, sp_error *err);

/** The process id; of a pipeline that of its first stage. @return the id, or -1 for NULL. @since 0.1 */
SP_API int64_t sp_pid(const sp_process *p);

/* == Signals ============================================================================================================ */

/**
 * Sends a signal to the child (to every stage that runs). Goes by pidfd where there is one, never to a recycled pid. A
 * child that has ended is not signalled, and that is SP_OK, as in Python.
 * @param sig  1 to 64; 0 only checks.
 * @return SP_OK; SP_EINVAL; SP_EACCESS; SP_ECLOSED. @since 0.1
 */
SP_API int sp_send_signal(sp_process *p, int sig, sp_error *err);
/** Sends SIGTERM; see sp_send_signal(). @since 0.1 */
SP_API int sp_terminate(sp_process *p, sp_error *err);
/** Sends SIGKILL; see sp_send_signal(). @since 0.1 */
SP_API int sp_kill(sp_process *p, sp_error *err);
/**
 * Sends a signal to the process group that the child leads, members that outlived the child included; never to a
 * recycled group. A group with no member left is SP_OK.
 * @return SP_OK; SP_EINVAL unless started with SP_NEW_GROUP or SP_NEW_SESSION; SP_EACCESS; SP_ECLOSED. @since 0.1
 */
SP_API int sp_kill_group(sp_process *p, int sig, sp_error *err);

/* == Streams ============================================================================================================ */

/**
 * Reads what there is, waiting until there is something: read(2) with a limit.
 * @param stream      SP_OUT or SP_ERR, started as SP_PIPE.
 * @param buf         receives at most `len` bytes.
 * @return the number of bytes; 0 at end of file (or for len 0); a negative sp_code: SP_ETIMEDOUT, SP_EINVAL, SP_EBUSY,
 *         SP_ECLOSED, SP_ECANCELED, SP_EINTR. Nothing is lost: call again. @since 0.1
 */
SP_API int64_t sp_read(sp_process *p, int stream, void *buf, size_t len, int64_t timeout_ms, sp_error *err);

/**
 * Writes to the child's standard input until all is written, without ever raising SIGPIPE.
 * @return `len`; fewer bytes if the limit, a cancel, a signal or an error came after the first byte (an error comes again with
 *         the next call); a negative sp_code if before it.
 *         A child that closed its input gives SP_ESYS with sys_errno EPIPE. @since 0.1
 */
SP_API int64_t sp_write(sp_process *p, const void *buf, size_t len, int64_t timeout_ms, sp_error *err);

/**
 * Reads one line, through its "\n"; the last one may lack it. May be mixed with sp_read().
 * @param ret      the line with a NUL after it; belongs to the process, valid until the next read of that stream.
 * @param ret_len  its length without the NUL; 0 at end of file.
 * @return SP_OK, or as sp_read(); a partial line is kept for the next call. @since 0.1
 */
SP_API int sp_read_line(sp_process *p, int stream, int64_t timeout_ms, const char **ret, size_t *ret_len, sp_error *err);

/**
 * Closes one pipe: for SP_IN the child sees end of file. Wakes a caller blocked on it with SP_ECLOSED. Doing it twice is fine.
 * @return SP_OK; SP_EINVAL if the stream is not a pipe; SP_ECLOSED. @since 0.1
 */
SP_API int sp_close_stream(sp_process *p, int stream);
/**
 * The host's end of a pipe, to poll or to pass to another child as SP_HANDLE; in blocking mode, owned by the process.
 * Bytes that sp_read_line() has read ahead are not in it. @return the descriptor, or -1. @since 0.1
 */
SP_API intptr_t sp_stream_handle(const sp_process *p, int stream);
/**
 * Takes the host's end of a pipe out of the process: it is now the caller's to close. Fails while another thread uses it.
 * @return the descriptor, or -1. @since 0.1
 */
SP_API intptr_t sp_stream_release(sp_process *p, int stream);
/**
 * A descriptor that becomes readable when the child ends (a pidfd); owned by the process, not to be read.
 * @return the descriptor; -1 for a pipeline, or where the kernel has none. @since 0.1
 */
SP_API intptr_t sp_exit_handle(const sp_process *p);

/* == Cancel ============================================================================================================= */

/** Makes a cancel token. @param ret to be freed with sp_cancel_free(). @return SP_OK, SP_ENOMEM, SP_ESYS. @since 0.1 */
SP_API int sp_cancel_new(sp_cancel **ret, sp_error *err);
/**
 * Makes every blocking call, now and until sp_cancel_reset(), of every process that was given the token return
 * SP_ECANCELED. From any thread, and from signal handlers: async-signal-safe. @since 0.1
 */
SP_API void sp_cancel_trigger(sp_cancel *c);
/** Makes a triggered token usable again. @since 0.1 */
SP_API void sp_cancel_reset(sp_cancel *c);
/** Releases the caller's hold of a token; processes that were given it keep theirs. @since 0.1 */
SP_API void sp_cancel_free(sp_cancel *c);

/* == Pipelines ========================================================================================================== */

/** One stage: a command and how to start it. `options` may be NULL. Frozen. @since 0.1 */
typedef struct sp_command {
  const char *const *argv;
  const sp_options *options;
} sp_command;

/**
 * Starts `n` commands, each one's standard output piped into the next one's standard input, as one process handle:
 *
 *     const char *grep[] = {"grep", "-v", "^#", NULL}, *sort[] = {"sort", "-u", NULL};
 *     sp_command stages[] = {{grep, NULL}, {sort, NULL}};
 *     int rc = sp_pipeline(stages, 2, &SP_OPTIONS(.std_in = {.kind = SP_FILE, .path = "/etc/hosts"}, .std_out.kind = SP_PIPE),
 *                          &p, &err);
 *
 * If a stage cannot be started, those before it are killed and reaped, and err->stage tells which. With SP_NEW_GROUP all
 * stages share one group. A pipe for std_err is shared by all stages.
 * @param opt  the pipeline's own streams, limits and flags (std_in goes to the first stage, std_out comes from the last,
 *             std_err from all). Its other fields (cwd, env, user, ...) apply to the stages whose own options are NULL.
 *             Stage options describe the child alone: their std_in and std_out must be unset, their std_err is
 *             anything but SP_PIPE, and flags and fields that concern the whole pipeline are refused.
 * @return as sp_popen(). The return code of a pipeline is that of its last stage; see SP_PIPEFAIL. @since 0.1
 */
SP_API int sp_pipeline(const sp_command *cmds, size_t n, const sp_options *opt, sp_process **ret, sp_error *err);
/** The number of stages: 1 for a plain child, 0 for NULL. @since 0.1 */
SP_API size_t sp_stage_count(const sp_process *p);
/**
 * One stage as a process of its own, to wait for or to signal; it has no streams.
 * @return borrowed from `p`, never to be freed; NULL if `i` is out of range. @since 0.1
 */
SP_API sp_process *sp_stage_at(sp_process *p, size_t i);

/* == Results ============================================================================================================ */

/** What a child cost. Start it with `size` = sizeof(sp_usage). Grows at the tail only. @since 0.1 */
typedef struct sp_usage {
  size_t size;
  int64_t wall_us;        /**< microseconds from the start to the seen end */
  int64_t user_us;        /**< processor time in user mode, waited-for descendants included */
  int64_t system_us;      /**< processor time in the kernel */
  int64_t max_rss_bytes;  /**< largest resident set */
  int64_t minor_faults;
  int64_t major_faults;
  int64_t voluntary_switches;
  int64_t involuntary_switches;
  int64_t blocks_in;      /**< file system inputs, in blocks of 512 bytes */
  int64_t blocks_out;
} sp_usage;

/** The exit code 0 to 255, -N for signal N, or SP_NO_RETURNCODE. SP_NO_RETURNCODE for NULL too. @since 0.1 */
SP_API int64_t sp_result_returncode(const sp_result *r);
/** Whether the child (for pipelines: the deciding stage) dumped core. @return 1 or 0. @since 0.1 */
SP_API int sp_result_core_dumped(const sp_result *r);
/**
 * Captured output of SP_OUT or SP_ERR.
 * @param ret_len  NULL, or the number of bytes; 0 if not captured.
 * @return the bytes with a NUL after them, valid until sp_result_free(); NULL if that stream was not captured. @since 0.1
 */
SP_API const void *sp_result_output(const sp_result *r, int stream, size_t *ret_len);
/** Bytes of a stream that were dropped because of max_output. @since 0.1 */
SP_API uint64_t sp_result_dropped(const sp_result *r, int stream);
/** 1 if the child had ended but somebody else (a grandchild) still held its pipes open when reading stopped, else 0. @since 0.1 */
SP_API int sp_result_pipes_held(const sp_result *r);
/**
 * What the child cost; for a pipeline summed over its stages (wall_us, max_rss_bytes: the largest).
 * @return SP_OK; SP_EINVAL for NULL; SP_EABI for a wrong ret->size; SP_ELOST if the system did not tell. @since 0.1
 */
SP_API int sp_result_usage(const sp_result *r, sp_usage *ret);
/** The return code of one stage of a pipeline; SP_NO_RETURNCODE if out of range. @since 0.1 */
SP_API int64_t sp_result_stage_returncode(const sp_result *r, size_t stage);
/** Releases a result. @since 0.1 */
SP_API void sp_result_free(sp_result *r);
/** Releases memory that sp_check_output(), sp_quote(), sp_split() or sp_which() returned. @since 0.1 */
SP_API void sp_mem_free(void *memory);

/* == Helpers ============================================================================================================ */

/**
 * Joins arguments into one line for a POSIX shell, quoting where needed: Python's shlex.join().
 * @param ret  to be freed with sp_mem_free(). @return SP_OK, SP_EINVAL, SP_ENOMEM. @since 0.1
 */
SP_API int sp_quote(const char *const argv[], char **ret, sp_error *err);
/**
 * Splits a line into arguments by the POSIX shell's quoting rules, without expansions: Python's shlex.split().
 * @param ret_argv  a NULL-terminated list in one block of memory, to be freed with sp_mem_free().
 * @return SP_OK; SP_EINVAL for an unfinished quotation or escape; SP_ENOMEM. @since 0.1
 */
SP_API int sp_split(const char *line, char ***ret_argv, sp_error *err);
/**
 * Finds a program: the executable file that sp_popen() would try for `name`.
 * @param path  directories separated by ':'; NULL for the host's PATH. Not used for a name with a '/'.
 * @param ret   its path, to be freed with sp_mem_free().
 * @return SP_OK; SP_ENOTFOUND; SP_EACCESS if only files that are not executable were found. @since 0.1
 */
SP_API int sp_which(const char *name, const char *path, char **ret, sp_error *err);
/**
 * Closes what the library keeps for the next call (wake-up descriptors: at most 16; for pipelines event loops: at most 4,
 * with 4 or 5 descriptors each) and reaps forgotten children that have ended. Safe at any time. Two descriptors that libuv
 * shares among all loops of a process stay; libuv makes them anew in forked children, so that a host which closes
 * descriptors that are not its own must not fork() after that. @since 0.1
 */
SP_API void sp_release_caches(void);
/** The version of the running library, as SP_VERSION_NUMBER. @since 0.1 */
SP_API uint32_t sp_version_number(void);

#ifdef __cplusplus
}
#endif
#endif
