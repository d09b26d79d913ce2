/* SPDX-License-Identifier: MIT
 *
 * libsubprocess for C++17: the C API of sp.h with owners instead of *_free, exceptions instead of codes, std::chrono
 * instead of milliseconds. Header only; link with the C library.
 *
 *     #include <libsubprocess/sp.hpp>
 *     using namespace std::chrono_literals;
 *
 *     std::string head = sp::check_output({"git", "rev-parse", "HEAD"});
 *
 *     try {
 *       sp::Result result = sp::run({"make", "-j2"}, sp::Options().cwd("/src").capture().check().timeout(90s));
 *       std::cout << result.output();
 *     } catch (const sp::TimeoutExpired& error) {
 *       std::cerr << error.what() << "; so far: " << error.result().output();
 *     } catch (const sp::CalledProcessError& error) {
 *       std::cerr << error.result().output(sp::Stream::err);
 *     }
 *
 *     sp::Process bc = sp::popen({"bc", "-q"}, sp::Options().std_in(sp::Stdio::pipe()).std_out(sp::Stdio::pipe()));
 *     bc.write("6*7\n");
 *     std::cout << bc.read_line().value_or("");
 *
 * What a call does in detail is said in sp.h at the function that it is named after. Rules here:
 *  - A call that fails throws sp::Error or a class derived from it; nothing else but std::bad_alloc and what a callback
 * threw.
 *  - A limit is std::optional<std::chrono::milliseconds>: std::nullopt waits without limit, 0 does not block, less than
 * 0 is refused with SP_EINVAL. Seconds and longer units convert by themselves, shorter ones need std::chrono::ceil.
 *  - Options own their strings, the input excepted. Strings with a NUL byte inside are refused with SP_EINVAL.
 *  - An object that was moved from, or is default-constructed, is empty: using it throws Error with SP_EINVAL.
 *  - Threads: as in C, one object may be used by several at once, but not while it is assigned to, moved from or
 * destroyed.
 */
#ifndef LIBSUBPROCESS_SP_HPP
#define LIBSUBPROCESS_SP_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <libsubprocess/sp.h>

namespace sp {
// Inline, so that these classes never share a symbol with the library's own when it is linked statically.
inline namespace v0 {

/** A time limit; std::nullopt: none. */
using Limit = std::optional<std::chrono::milliseconds>;

/** A standard stream of the child. */
enum class Stream : int { in = SP_IN, out = SP_OUT, err = SP_ERR };

/** What a child cost: sp_usage with durations. */
struct Usage {
  std::chrono::microseconds wall{};   /**< from the start to the seen end */
  std::chrono::microseconds user{};   /**< processor time in user mode */
  std::chrono::microseconds system{}; /**< processor time in the kernel */
  std::int64_t max_rss_bytes = 0;
  std::int64_t minor_faults = 0;
  std::int64_t major_faults = 0;
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  std::int64_t blocks_in = 0;
  std::int64_t blocks_out = 0;
};

/**
 * What a finished (or timed-out) child left behind. Immutable and shared: a copy costs nothing and keeps the output
 * alive.
 *
 *     sp::Result result = sp::run({"ls"}, sp::Options().capture());
 *     for (char c : result.output()) ...
 */
class Result {
 public:
  /** An empty result: false, without a return code, without output. */
  Result() noexcept = default;
  /** Takes over a result of the C API. */
  explicit Result(sp_result* owned) : result_(owned, sp_result_free) {}

  /** Whether there is one. An error that no child was concerned in carries an empty result. */
  explicit operator bool() const noexcept { return result_ != nullptr; }
  /** The result for the C API; stays owned by this object. */
  [[nodiscard]] const sp_result* get() const noexcept { return result_.get(); }

  /** The exit code 0 to 255, -N for signal N, or SP_NO_RETURNCODE. */
  [[nodiscard]] std::int64_t returncode() const noexcept { return sp_result_returncode(get()); }
  /** The return code of one stage of a pipeline; SP_NO_RETURNCODE if there is no such stage. */
  [[nodiscard]] std::int64_t stage_returncode(std::size_t stage) const noexcept {
    return sp_result_stage_returncode(get(), stage);
  }
  [[nodiscard]] bool core_dumped() const noexcept { return sp_result_core_dumped(get()) != 0; }

  /** Whether the stream was captured. */
  [[nodiscard]] bool captured(Stream stream) const noexcept {
    return sp_result_output(get(), static_cast<int>(stream), nullptr) != nullptr;
  }
  /** Captured output, "" if there is none. Valid as long as this result or a copy of it. A NUL follows. */
  [[nodiscard]] std::string_view output(Stream stream = Stream::out) const noexcept {
    std::size_t size = 0;
    const void* data = sp_result_output(get(), static_cast<int>(stream), &size);
    return data != nullptr ? std::string_view(static_cast<const char*>(data), size) : std::string_view("");
  }
  /** Bytes that were dropped because of Options::max_output(). */
  [[nodiscard]] std::uint64_t dropped(Stream stream) const noexcept {
    return sp_result_dropped(get(), static_cast<int>(stream));
  }
  /** Whether somebody else still held the pipes of the ended child when reading stopped. */
  [[nodiscard]] bool pipes_held() const noexcept { return sp_result_pipes_held(get()) != 0; }
  /** What the child cost; std::nullopt if the system did not tell. */
  [[nodiscard]] std::optional<Usage> usage() const noexcept {
    sp_usage raw{};
    raw.size = sizeof raw;
    if (sp_result_usage(get(), &raw) != SP_OK) return std::nullopt;
    using us = std::chrono::microseconds;
    return Usage{us(raw.wall_us),  us(raw.user_us),  us(raw.system_us),      raw.max_rss_bytes,
                 raw.minor_faults, raw.major_faults, raw.voluntary_switches, raw.involuntary_switches,
                 raw.blocks_in,    raw.blocks_out};
  }
  /** Throws CalledProcessError unless the return code is 0, as Options::check() does. */
  void check_returncode() const;

 private:
  std::shared_ptr<const sp_result> result_;
};

/**
 * A call failed. what() is one English sentence; the rest is for programs.
 *
 *     catch (const sp::Error& error) { if (error.code() == SP_ENOTFOUND && error.step() == SP_AT_CHDIR) ... }
 */
class Error : public std::runtime_error {
 public:
  explicit Error(const sp_error& error, Result result = {})
      : std::runtime_error(error.message), error_(error), result_(std::move(result)) {}

  /** An sp_code. */
  [[nodiscard]] int code() const noexcept { return error_.code; }
  /** An sp_step: where it failed. */
  [[nodiscard]] int step() const noexcept { return error_.step; }
  /** The errno of the system call that failed, else 0. */
  [[nodiscard]] int sys_errno() const noexcept { return error_.sys_errno; }
  /** The index of the command in a pipeline, else 0. */
  [[nodiscard]] int stage() const noexcept { return error_.stage; }
  /** The program, cwd, user, file or descriptor concerned, else "". Valid as long as the error. */
  [[nodiscard]] std::string_view path() const noexcept { return error_.path; }
  /** What is known of the child: partial output and return code. Empty where the call yields no result. */
  [[nodiscard]] const Result& result() const noexcept { return result_; }
  /** The error as the C API wrote it. */
  [[nodiscard]] const sp_error& get() const noexcept { return error_; }

 private:
  sp_error error_;
  Result result_;
};

/** The limit passed (SP_ETIMEDOUT). run() and communicate() put the output so far into result(). */
class TimeoutExpired : public Error {
 public:
  using Error::Error;
};

/** With Options::check(): the child did not return 0 (SP_EFAILED). result() is whole. */
class CalledProcessError : public Error {
 public:
  using Error::Error;
  [[nodiscard]] std::int64_t returncode() const noexcept { return result().returncode(); }
};

/** The token was triggered or the output callback returned false (SP_ECANCELED). result() holds the output so far. */
class Canceled : public Error {
 public:
  using Error::Error;
};

namespace detail {

[[noreturn]] inline void raise(const sp_error& error, Result result = {}) {
  switch (error.code) {
    case SP_ETIMEDOUT:
      throw TimeoutExpired(error, std::move(result));
    case SP_EFAILED:
      throw CalledProcessError(error, std::move(result));
    case SP_ECANCELED:
      throw Canceled(error, std::move(result));
    default:
      throw Error(error, std::move(result));
  }
}

// For failures that the C API reports by code alone, and for those that are found before it is called.
[[noreturn]] inline void raise(int code, std::string_view message, Result result = {}) {
  sp_error error = SP_ERROR_INIT;
  error.code = code;
  message.copy(error.message, sizeof error.message - 1);
  raise(error, std::move(result));
}

inline void check(int code, const sp_error& error) {
  if (code != SP_OK) raise(error);
}

// A byte count, or a code when negative.
inline std::size_t checked_size(std::int64_t size, const sp_error& error) {
  if (size < 0) raise(error);
  return static_cast<std::size_t>(size);
}

// -1 means "for ever" in C: a computed limit that fell below zero must be refused instead.
inline std::int64_t milliseconds(Limit limit) noexcept {
  if (!limit) return -1;  // SP_FOREVER, whose old-style cast some users' warnings refuse
  const std::int64_t count = limit->count();
  return count < 0 ? -2 : count;
}

// For fields where 0 means "without limit" in C: no time at all becomes the shortest time there is.
inline std::int64_t nonzero_milliseconds(Limit limit) noexcept {
  if (!limit) return 0;
  return limit->count() == 0 ? 1 : milliseconds(limit);
}

inline const std::string& without_nul(const std::string& text, const char* name) {
  if (text.find('\0') != std::string::npos) raise(SP_EINVAL, std::string(name) + " contains a NUL byte");
  return text;
}

struct MemFree {
  void operator()(void* memory) const noexcept { sp_mem_free(memory); }
};

// The exception of an output callback, on its way round the C frames. A callback runs on the thread that called the
// library, and so does whoever throws it on: nobody else can see it.
inline std::exception_ptr& callback_exception() noexcept {
  thread_local std::exception_ptr exception;
  return exception;
}

using OutputFunction = std::function<bool(Stream, std::string_view)>;

inline int call_output(void* arg, int stream, const void* data, std::size_t size) noexcept {
  try {
    const auto& function = *static_cast<const OutputFunction*>(arg);
    return function(static_cast<Stream>(stream), {static_cast<const char*>(data), size}) ? 0 : 1;
  } catch (...) {
    callback_exception() = std::current_exception();
    return 1;
  }
}

// Ends a call that can run callbacks and that yields a result, partial ones included.
inline Result finish(int code, sp_result* owned, const sp_error& error, bool has_callback) {
  const std::exception_ptr thrown = has_callback ? std::exchange(callback_exception(), nullptr) : nullptr;
  Result result = owned != nullptr ? Result(owned) : Result();
  if (thrown) std::rethrow_exception(thrown);
  if (code != SP_OK) raise(error, std::move(result));
  return result;
}

}  // namespace detail

inline void Result::check_returncode() const {
  const std::int64_t code = returncode();
  if (code == 0) return;
  if (code == SP_NO_RETURNCODE) detail::raise(SP_ELOST, "The return code of the child is not known.", *this);
  detail::raise(SP_EFAILED, "The child returned " + std::to_string(code) + ".", *this);
}

/** One argument of a command: a C string, a std::string or a std::filesystem::path, borrowed for the call. */
class Arg {
 public:
  Arg(const char* text) : text_(text) {  // NOLINT(google-explicit-constructor)
    if (text == nullptr) detail::raise(SP_EINVAL, "An argument is a null pointer.");
  }
  Arg(const std::string& text)
      : text_(detail::without_nul(text, "An argument").c_str()) {}  // NOLINT(google-explicit-constructor)
  template <class Path, class = std::enable_if_t<
                            std::is_same_v<decltype(std::declval<const Path&>().native()), const std::string&>>>
  Arg(const Path& path) : Arg(path.native()) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const char* c_str() const noexcept { return text_; }

 private:
  const char* text_;
};

/**
 * A command's arguments, borrowed for the call: `{"ls", "-l", name}`, a container of strings, or one string (the
 * program alone, or a command line with Options::shell()).
 */
class Args {
 public:
  Args(std::initializer_list<Arg> args) { assign(args); }     // NOLINT(google-explicit-constructor)
  Args(const char* program) : Args({Arg(program)}) {}         // NOLINT(google-explicit-constructor)
  Args(const std::string& program) : Args({Arg(program)}) {}  // NOLINT(google-explicit-constructor)
  /** Any range whose elements stay where they are; one that makes its strings on the fly is refused by the compiler. */
  template <class Range, class Element = decltype(*std::begin(std::declval<const Range&>())),
            class = std::enable_if_t<std::is_convertible_v<Element, Arg> &&
                                     (std::is_reference_v<Element> || std::is_pointer_v<Element>)>>
  Args(const Range& range) {
    assign(range);
  }  // NOLINT(google-explicit-constructor)

  /** The NULL-terminated list for the C API. */
  [[nodiscard]] const char* const* get() const noexcept { return pointers_.data(); }

 private:
  template <class Range>
  void assign(const Range& range) {
    for (const auto& text : range) pointers_.push_back(Arg(text).c_str());
    pointers_.push_back(nullptr);
  }

  std::vector<const char*> pointers_;
};

/** What a standard stream of the child is connected to. */
class Stdio {
 public:
  /** The host's own descriptor of that number: the default. */
  static Stdio inherit() { return Stdio(SP_INHERIT); }
  /** A new pipe to the host. */
  static Stdio pipe() { return Stdio(SP_PIPE); }
  static Stdio devnull() { return Stdio(SP_DEVNULL); }
  /** For std_err: wherever the child's standard output goes (2>&1). */
  static Stdio to_stdout() { return Stdio(SP_STDOUT); }
  /** An open descriptor of the host, borrowed for the call; also another process's stream_handle(). */
  static Stdio handle(std::intptr_t handle) {
    Stdio stdio(SP_HANDLE);
    stdio.handle_ = handle;
    return stdio;
  }
  /** A file: read from for std_in, else truncated and written to. */
  static Stdio file(std::string path) {
    Stdio stdio(SP_FILE);
    stdio.path_ = std::move(path);
    detail::without_nul(stdio.path_, "The path of a stream");
    return stdio;
  }
  /** A file that output is appended to. */
  static Stdio append(std::string path) {
    Stdio stdio = file(std::move(path));
    stdio.flags_ = SP_APPEND;
    return stdio;
  }

  /** The stream for the C API, valid as long as this object. */
  [[nodiscard]] sp_stdio native() const noexcept {
    return sp_stdio{kind_, flags_, handle_, kind_ == SP_FILE ? path_.c_str() : nullptr};
  }

 private:
  explicit Stdio(std::int32_t kind) noexcept : kind_(kind) {}

  std::int32_t kind_;
  std::int32_t flags_ = 0;
  std::intptr_t handle_ = 0;
  std::string path_;
};

/**
 * A latch that wakes the blocking calls of the processes that it was given to. Copies are the same token.
 *
 *     sp::Cancel cancel;
 *     std::thread watcher([cancel] { wait_for_the_user(); cancel.trigger(); });
 *     sp::run({"make"}, sp::Options().cancel(cancel));   // throws sp::Canceled
 */
class Cancel {
 public:
  Cancel() {
    sp_error error = SP_ERROR_INIT;
    sp_cancel* token = nullptr;
    detail::check(sp_cancel_new(&token, &error), error);
    token_.reset(token, sp_cancel_free);
  }
  /** Makes every blocking call, now and until reset(), throw Canceled. From any thread and from signal handlers. */
  void trigger() const noexcept { sp_cancel_trigger(token_.get()); }
  /** Makes a triggered token usable again. */
  void reset() const noexcept { sp_cancel_reset(token_.get()); }
  /** The token for the C API; stays owned by this object. */
  [[nodiscard]] sp_cancel* get() const noexcept { return token_.get(); }

 private:
  std::shared_ptr<sp_cancel> token_;
};

/**
 * How to start a child and how to run it; a fresh one has Python's defaults. Every setter returns the object:
 *
 *     sp::Options().cwd("/tmp").add_env("LC_ALL", "C").capture().timeout(500ms)
 *
 * What a setting means is said in sp.h at the field or flag of the same name.
 */
class Options {
 public:
  Options() noexcept { raw_.size = sizeof raw_; }

  /** @name The run */
  ///@{
  /** The first argument is a command line for /bin/sh -c. */
  Options& shell(bool on = true) noexcept { return flag(SP_SHELL, on); }
  /** run(), communicate(): throw CalledProcessError unless the return code is 0. */
  Options& check(bool on = true) noexcept { return flag(SP_CHECK, on); }
  /** Pipes for standard output and standard error. */
  Options& capture(bool on = true) noexcept { return flag(SP_CAPTURE, on); }
  /** run(): fed to standard input. Borrowed: it must live until the call returns. */
  Options& input(std::string_view bytes) noexcept {
    raw_.input = bytes.data() != nullptr ? bytes.data() : "";
    raw_.input_len = bytes.size();
    return *this;
  }
  /** run(): kill, reap and throw TimeoutExpired after this; 0 counts as one millisecond. */
  Options& timeout(Limit limit) noexcept { return raw_.timeout_ms = detail::nonzero_milliseconds(limit), *this; }
  /** run(): on expiry SIGTERM first, and SIGKILL only after this. */
  Options& kill_grace(std::chrono::milliseconds span) noexcept {
    return raw_.kill_grace_ms = detail::milliseconds(span), *this;
  }
  /** After the child's exit read at most so long; 0 counts as one millisecond; std::nullopt: until end of file. */
  Options& drain(Limit limit) noexcept { return raw_.drain_ms = detail::nonzero_milliseconds(limit), *this; }
  /** run(): an end by timeout, cancel or signal kills the whole group; needs new_group() or new_session(). */
  Options& kill_group_on_timeout(bool on = true) noexcept { return flag(SP_KILL_GROUP_ON_TIMEOUT, on); }
  /** Captured bytes per stream; more is read, dropped and counted. 0: no cap. */
  Options& max_output(std::size_t bytes) noexcept { return raw_.max_output = bytes, *this; }
  /** "\r\n" and "\r" become "\n" in captured output. */
  Options& universal_newlines(bool on = true) noexcept { return flag(SP_UNIVERSAL_NEWLINES, on); }
  /** A signal handled during a blocking call makes it throw Error with SP_EINTR. */
  Options& return_on_signal(bool on = true) noexcept { return flag(SP_RETURN_ON_SIGNAL, on); }
  /** Wakes every blocking call on the process. */
  Options& cancel(Cancel token) noexcept { return cancel_ = std::move(token), *this; }
  /**
   * Sees each chunk of output as it is read: `function(Stream, std::string_view)`. If it returns bool, false stops the
   * call with Canceled. What it throws stops the call too, and comes out of run() or communicate().
   */
  template <class Function>
  Options& on_output(Function function) {
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, Stream, std::string_view>>) {
      on_output_ = [function = std::move(function)](Stream stream, std::string_view data) mutable {
        function(stream, data);
        return true;
      };
    } else {
      on_output_ = std::move(function);
    }
    return *this;
  }
  /** pipeline(): the last stage that failed decides the return code. */
  Options& pipefail(bool on = true) noexcept { return flag(SP_PIPEFAIL, on); }
  /** ~Process kills a child that still runs. */
  Options& kill_on_free(bool on = true) noexcept { return flag(SP_KILL_ON_FREE, on); }
  ///@}

  /** @name The program and its surroundings */
  ///@{
  /** The program to execute instead of the first argument. */
  Options& executable(std::string path) { return text(executable_, std::move(path), "executable"); }
  /** The directory that the child enters first. */
  Options& cwd(std::string path) { return text(cwd_, std::move(path), "cwd"); }
  /** The whole environment: a map or a range of pairs, name and value. Replaces the host's. */
  template <class Map>
  Options& env(const Map& variables) {
    std::vector<std::string> entries;
    for (const auto& [name, value] : variables) entries.push_back(entry(name, value));
    env_ = std::move(entries);
    return flag(SP_ENV_EXTEND, false);
  }
  Options& env(std::initializer_list<std::pair<std::string, std::string>> variables) {
    return env<std::initializer_list<std::pair<std::string, std::string>>>(variables);
  }
  /** One more variable, or another value for one: of the list given to env(), else of the host's environment. */
  Options& add_env(const std::string& name, const std::string& value) { return set_env(name, entry(name, value)); }
  /** One variable less. */
  Options& remove_env(const std::string& name) {
    entry(name, {});
    return set_env(name, std::nullopt);
  }
  Options& umask(std::uint32_t mask) noexcept { return raw_.umask = mask, flag(SP_SET_UMASK, true); }
  /** Run as this user, by name. The supplementary groups stay unless groups() is called too. */
  Options& user(std::string name) { return text(user_, std::move(name), "user"); }
  Options& uid(std::uint32_t id) noexcept { return raw_.uid = id, flag(SP_SET_UID, true); }
  /** Run as this group, by name. */
  Options& group(std::string name) { return text(group_, std::move(name), "group"); }
  Options& gid(std::uint32_t id) noexcept { return raw_.gid = id, flag(SP_SET_GID, true); }
  /** The supplementary groups; an empty list drops them all. */
  Options& groups(std::vector<std::uint32_t> ids) { return groups_ = std::move(ids), flag(SP_SET_GROUPS, true); }
  /** Runs in the forked child just before exec; only async-signal-safe calls, and no exception, may leave it. */
  Options& preexec(sp_preexec_fn function, void* arg = nullptr) noexcept {
    return raw_.preexec = function, raw_.preexec_arg = arg, *this;
  }
  ///@}

  /** @name Streams and descriptors */
  ///@{
  Options& std_in(Stdio stdio) noexcept { return std_in_ = std::move(stdio), *this; }
  Options& std_out(Stdio stdio) noexcept { return std_out_ = std::move(stdio), *this; }
  Options& std_err(Stdio stdio) noexcept { return std_err_ = std::move(stdio), *this; }
  /** A descriptor that the child gets under the same number. May be called for several. */
  Options& pass_fd(int fd) { return pass_fds_.push_back(fd), *this; }
  /** A descriptor that the child gets under another number. May be called for several. */
  Options& map_fd(int child_fd, int host_fd) { return fd_map_.push_back({child_fd, host_fd}), *this; }
  /** Do not close other descriptors. */
  Options& keep_fds(bool on = true) noexcept { return flag(SP_KEEP_FDS, on); }
  /** The capacity of new pipes in bytes. */
  Options& pipe_size(std::int32_t bytes) noexcept { return raw_.pipe_size = bytes, *this; }
  ///@}

  /** @name Sessions, groups, signals */
  ///@{
  Options& new_session(bool on = true) noexcept { return flag(SP_NEW_SESSION, on); }
  Options& new_group(bool on = true) noexcept { return flag(SP_NEW_GROUP, on); }
  Options& join_group(std::int64_t group) noexcept { return raw_.process_group = group, flag(SP_JOIN_GROUP, true); }
  /** With new_session(): the child's standard input becomes its controlling terminal. */
  Options& controlling_tty(bool on = true) noexcept { return flag(SP_CONTROLLING_TTY, on); }
  /** Leave SIGPIPE, SIGXFSZ and SIGCHLD ignored if the host ignores them. */
  Options& keep_signals(bool on = true) noexcept { return flag(SP_KEEP_SIGNALS, on); }
  /** Start the child with the calling thread's signal mask. */
  Options& keep_sigmask(bool on = true) noexcept { return flag(SP_KEEP_SIGMASK, on); }
  /** Sent to the child when the thread that started it ends. */
  Options& death_signal(int signal) noexcept { return raw_.death_signal = signal, *this; }
  ///@}

  /** Options in the form of the C API. Points into the Options, which must not change meanwhile. */
  class Native {
   public:
    explicit Native(const Options& options) : raw_(options.raw_) {
      raw_.std_in = options.std_in_.native();
      raw_.std_out = options.std_out_.native();
      raw_.std_err = options.std_err_.native();
      if (options.executable_) raw_.executable = options.executable_->c_str();
      if (options.cwd_) raw_.cwd = options.cwd_->c_str();
      if (options.user_) raw_.user = options.user_->c_str();
      if (options.group_) raw_.group = options.group_->c_str();
      if (options.env_) {
        env_.reserve(options.env_->size() + 1);
        for (const std::string& entry : *options.env_) env_.push_back(entry.c_str());
        env_.push_back(nullptr);
        raw_.env = env_.data();
      }
      raw_.pass_fds = options.pass_fds_.data();
      raw_.pass_fds_len = options.pass_fds_.size();
      raw_.fd_map = options.fd_map_.data();
      raw_.fd_map_len = options.fd_map_.size();
      raw_.groups = options.groups_.data();
      raw_.groups_len = options.groups_.size();
      if (options.cancel_) raw_.cancel = options.cancel_->get();
      if (options.on_output_) on_output(&options.on_output_);
    }
    Native(Native&&) noexcept = default;  // a vector that moves keeps its elements where they are
    Native(const Native&) = delete;
    Native& operator=(Native&&) = delete;
    Native& operator=(const Native&) = delete;
    ~Native() = default;

    void on_output(const detail::OutputFunction* function) noexcept {
      raw_.on_output = detail::call_output;
      raw_.on_output_arg = const_cast<detail::OutputFunction*>(function);
    }
    [[nodiscard]] sp_options& get() noexcept { return raw_; }

   private:
    sp_options raw_;
    std::vector<const char*> env_;
  };

  /** The callback given to on_output(); empty if none. */
  [[nodiscard]] const detail::OutputFunction& output_function() const noexcept { return on_output_; }

 private:
  Options& flag(std::uint64_t bit, bool on) noexcept {
    raw_.flags = on ? raw_.flags | bit : raw_.flags & ~bit;
    return *this;
  }
  Options& text(std::optional<std::string>& field, std::string value, const char* name) {
    detail::without_nul(value, name);
    field = std::move(value);
    return *this;
  }
  static std::string entry(const std::string& name, const std::string& value) {
    if (name.empty() || name.find('=') != std::string::npos) {
      detail::raise(SP_EINVAL, "The name of an environment variable is empty or contains '='.");
    }
    return detail::without_nul(name, "env") + '=' + detail::without_nul(value, "env");
  }
  Options& set_env(const std::string& name, std::optional<std::string> value) {
    if (!env_) {
      env_.emplace();
      flag(SP_ENV_EXTEND, true);
    }
    // "NAME=..." and, from remove_env(), "NAME" alone.
    const auto same = [&name](const std::string& old) {
      return old.compare(0, name.size(), name) == 0 && (old.size() == name.size() || old[name.size()] == '=');
    };
    for (auto it = env_->begin(); it != env_->end();) it = same(*it) ? env_->erase(it) : it + 1;
    if (value) {
      env_->push_back(std::move(*value));
    } else if ((raw_.flags & SP_ENV_EXTEND) != 0) {
      env_->push_back(name);
    }
    return *this;
  }

  sp_options raw_{};  // its pointers stay null, the input's excepted: a copy of this object must not point into it
  Stdio std_in_ = Stdio::inherit();
  Stdio std_out_ = Stdio::inherit();
  Stdio std_err_ = Stdio::inherit();
  std::optional<std::string> executable_;
  std::optional<std::string> cwd_;
  std::optional<std::string> user_;
  std::optional<std::string> group_;
  std::optional<std::vector<std::string>> env_;
  std::vector<std::int32_t> pass_fds_;
  std::vector<sp_fd_map> fd_map_;
  std::vector<std::uint32_t> groups_;
  std::optional<Cancel> cancel_;
  detail::OutputFunction on_output_;
};

/** What can be done to a process, and to one stage of a pipeline alike: wait for it and signal it. */
class Child {
 public:
  /**
   * Waits for the end; repeating it returns the same code.
   * @return the exit code 0 to 255, or -N for signal N. Throws TimeoutExpired, Canceled, or Error (SP_ELOST,
   * SP_ECLOSED, ...).
   */
  std::int64_t wait(Limit timeout = std::nullopt) {
    sp_error error = SP_ERROR_INIT;
    std::int64_t returncode = SP_NO_RETURNCODE;
    detail::check(sp_wait(process_, detail::milliseconds(timeout), &returncode, &error), error);
    return returncode;
  }
  /** The return code if the child has ended, without blocking. */
  std::optional<std::int64_t> poll() {
    std::int64_t returncode = SP_NO_RETURNCODE;
    const int state = sp_poll(process_, &returncode);
    if (state < 0) detail::raise(state, std::string("poll: ") + sp_code_name(state));
    return state == 1 ? std::optional(returncode) : std::nullopt;
  }
  /** SIGTERM, at most `grace` of patience, SIGKILL, and wait. 0 kills at once; std::nullopt never does. */
  std::int64_t stop(Limit grace) {
    sp_error error = SP_ERROR_INIT;
    std::int64_t returncode = SP_NO_RETURNCODE;
    detail::check(sp_stop(process_, detail::milliseconds(grace), &returncode, &error), error);
    return returncode;
  }
  /** Sends a signal; does nothing if the child has ended. */
  void send_signal(int signal) {
    sp_error error = SP_ERROR_INIT;
    detail::check(sp_send_signal(process_, signal, &error), error);
  }
  void terminate() {
    sp_error error = SP_ERROR_INIT;
    detail::check(sp_terminate(process_, &error), error);
  }
  void kill() {
    sp_error error = SP_ERROR_INIT;
    detail::check(sp_kill(process_, &error), error);
  }
  /** The process id; -1 if empty. */
  [[nodiscard]] std::int64_t pid() const noexcept { return sp_pid(process_); }
  /** A descriptor that becomes readable when the child ends, to poll; -1 if there is none. Stays owned. */
  [[nodiscard]] std::intptr_t exit_handle() const noexcept { return sp_exit_handle(process_); }
  /** The process for the C API; stays owned. */
  [[nodiscard]] sp_process* get() const noexcept { return process_; }
  explicit operator bool() const noexcept { return process_ != nullptr; }

 protected:
  Child() noexcept = default;
  explicit Child(sp_process* process) noexcept : process_(process) {}
  Child(const Child&) noexcept = default;
  Child& operator=(const Child&) noexcept = default;
  ~Child() = default;

  sp_process* process_ = nullptr;
};

/** One stage of a pipeline, borrowed from its Process. */
class Stage : public Child {
 public:
  explicit Stage(sp_process* borrowed) noexcept : Child(borrowed) {}
};

/**
 * The lines of a stream, for a range-based for; each ends with its "\n", the last one maybe without, and is valid until
 * the next. See Process::lines().
 */
class Lines {
 public:
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = const std::string_view&;

    iterator() noexcept = default;
    explicit iterator(Lines& lines) : lines_(&lines) { ++*this; }
    reference operator*() const noexcept { return lines_->line_; }
    pointer operator->() const noexcept { return &lines_->line_; }
    iterator& operator++() {
      if (!lines_->next()) lines_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& left, const iterator& right) noexcept { return left.lines_ == right.lines_; }
    friend bool operator!=(const iterator& left, const iterator& right) noexcept { return left.lines_ != right.lines_; }

   private:
    Lines* lines_ = nullptr;
  };

  Lines(sp_process* process, Stream stream, Limit timeout) noexcept
      : process_(process), stream_(stream), timeout_(timeout) {}
  [[nodiscard]] iterator begin() { return iterator(*this); }
  [[nodiscard]] iterator end() noexcept { return {}; }

 private:
  friend class Process;
  bool next() {
    sp_error error = SP_ERROR_INIT;
    const char* data = nullptr;
    std::size_t size = 0;
    detail::check(
        sp_read_line(process_, static_cast<int>(stream_), detail::milliseconds(timeout_), &data, &size, &error), error);
    line_ = std::string_view(data, size);
    return size != 0;
  }

  sp_process* process_;
  Stream stream_;
  Limit timeout_;
  std::string_view line_;
};

class Process;
namespace detail {
template <class Start>
Process start(const Options& options, Start call);
}

/**
 * A child process, or a whole pipeline of them. Made by popen() and pipeline(); can be moved, not copied.
 *
 *     sp::Process sort = sp::popen({"sort"}, sp::Options().std_in(sp::Stdio::pipe()).std_out(sp::Stdio::pipe()));
 *     std::cout << sort.communicate("b\na\n").output();
 *
 * The destructor neither kills the child nor waits for it (but with Options::kill_on_free() it does).
 */
class Process : public Child {
 public:
  /** An empty process. */
  Process() noexcept = default;
  /** Takes over a process of the C API. */
  explicit Process(sp_process* owned) noexcept : Child(owned) {}
  Process(Process&& other) noexcept
      : Child(std::exchange(other.process_, nullptr)), on_output_(std::move(other.on_output_)) {}
  Process& operator=(Process&& other) noexcept {
    Process moved(std::move(other));
    std::swap(process_, moved.process_);
    std::swap(on_output_, moved.on_output_);
    return *this;
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { sp_process_free(process_); }

  /**
   * Feeds input, collects output until end of file, and waits. Does not kill the child on TimeoutExpired, Canceled or
   * SP_EINTR: call it again to go on; nothing is lost, and input of the same length is not sent twice.
   * @param input  borrowed for the call; std::string_view() for none.
   */
  Result communicate(std::string_view input = {}, Limit timeout = std::nullopt) {
    sp_error error = SP_ERROR_INIT;
    sp_result* result = nullptr;
    const int code =
        sp_communicate(process_, input.data(), input.size(), detail::milliseconds(timeout), &result, &error);
    return detail::finish(code, result, error, on_output_ != nullptr);
  }

  /**
   * Ends what communicate() could not: SIGTERM, reading on for at most `grace`, SIGKILL; takes what is in the pipes
   * without waiting for whoever still holds them. @param whole_group  signals go to the group that the child leads.
   */
  Result finish(std::chrono::milliseconds grace, bool whole_group = false) {
    sp_error error = SP_ERROR_INIT;
    sp_result* result = nullptr;
    const int code = sp_finish(process_, detail::milliseconds(grace), whole_group ? 1 : 0, &result, &error);
    return detail::finish(code, result, error, on_output_ != nullptr);
  }

  /** Reads what there is, waiting until there is something. @return the number of bytes; 0 at end of file. */
  std::size_t read(void* buffer, std::size_t size, Stream stream = Stream::out, Limit timeout = std::nullopt) {
    sp_error error = SP_ERROR_INIT;
    return detail::checked_size(
        sp_read(process_, static_cast<int>(stream), buffer, size, detail::milliseconds(timeout), &error), error);
  }
  /** Reads one line, through its "\n". @return the line, valid until the next read of that stream; nothing at end of
   * file. */
  std::optional<std::string_view> read_line(Stream stream = Stream::out, Limit timeout = std::nullopt) {
    Lines lines(process_, stream, timeout);
    return lines.next() ? std::optional(lines.line_) : std::nullopt;
  }
  /** All lines until end of file: `for (std::string_view line : process.lines())`. The limit is for each of them. */
  [[nodiscard]] Lines lines(Stream stream = Stream::out, Limit timeout = std::nullopt) noexcept {
    return {process_, stream, timeout};
  }
  /**
   * Writes to the child's standard input until all is written, without ever raising SIGPIPE.
   * @return the number of bytes: fewer if the limit, a cancel or a signal came after the first one.
   */
  std::size_t write(std::string_view bytes, Limit timeout = std::nullopt) {
    sp_error error = SP_ERROR_INIT;
    return detail::checked_size(sp_write(process_, bytes.data(), bytes.size(), detail::milliseconds(timeout), &error),
                                error);
  }

  /** Closes one pipe: for Stream::in the child sees end of file. Doing it twice is fine. */
  void close_stream(Stream stream) {
    const int code = sp_close_stream(process_, static_cast<int>(stream));
    if (code != SP_OK) detail::raise(code, std::string("close_stream: ") + sp_code_name(code));
  }
  /** The host's end of a pipe, to poll or to give to another child; -1 if there is none. Stays owned. */
  [[nodiscard]] std::intptr_t stream_handle(Stream stream) const noexcept {
    return sp_stream_handle(process_, static_cast<int>(stream));
  }
  /** Takes the host's end of a pipe out of the process: it is now the caller's to close. -1 if there is none. */
  [[nodiscard]] std::intptr_t release_stream(Stream stream) noexcept {
    return sp_stream_release(process_, static_cast<int>(stream));
  }
  /** Wakes the threads that are blocked in calls and closes the pipes; later calls fail with SP_ECLOSED. */
  void close() {
    const int code = sp_close(process_);
    if (code != SP_OK) detail::raise(code, std::string("close: ") + sp_code_name(code));
  }

  /** Sends a signal to the process group that the child leads; needs new_group() or new_session(). */
  void kill_group(int signal) {
    sp_error error = SP_ERROR_INIT;
    detail::check(sp_kill_group(process_, signal, &error), error);
  }
  /** The number of stages: 1 for a plain child, 0 if empty. */
  [[nodiscard]] std::size_t stage_count() const noexcept { return sp_stage_count(process_); }
  /** One stage, valid as long as the process. Throws std::out_of_range. */
  [[nodiscard]] Stage stage(std::size_t index) {
    sp_process* borrowed = sp_stage_at(process_, index);
    if (borrowed == nullptr) throw std::out_of_range("sp::Process::stage");
    return Stage(borrowed);
  }

 private:
  template <class Start>
  friend Process detail::start(const Options& options, Start call);

  // On the heap: the C process keeps its address, and this object may move.
  std::unique_ptr<const detail::OutputFunction> on_output_;
};

/** One stage of a pipeline: `{"grep", "-v", "^#"}`, with options of its own if need be: `{{"sort"},
 * sp::Options().cwd("/")}`. */
struct Command {
  Command(std::initializer_list<Arg> args) {  // NOLINT(google-explicit-constructor)
    for (const Arg& arg : args) argv.emplace_back(arg.c_str());
  }
  Command(std::initializer_list<Arg> args, Options own) : Command(args) { options = std::move(own); }
  Command(std::vector<std::string> args,
          std::optional<Options> own = std::nullopt)  // NOLINT(google-explicit-constructor)
      : argv(std::move(args)), options(std::move(own)) {}

  std::vector<std::string> argv;
  std::optional<Options> options;
};

namespace detail {

// Shared by popen() and pipeline(): a process that keeps what its callbacks need.
template <class Start>
Process start(const Options& options, Start call) {
  Options::Native native(options);
  std::unique_ptr<const detail::OutputFunction> on_output;
  if (options.output_function()) {
    on_output = std::make_unique<const detail::OutputFunction>(options.output_function());
    native.on_output(on_output.get());
  }
  sp_error error = SP_ERROR_INIT;
  sp_process* owned = nullptr;
  detail::check(call(&native.get(), &owned, &error), error);
  Process process(owned);
  process.on_output_ = std::move(on_output);
  return process;
}

}  // namespace detail

/**
 * Runs a command to its end: Python's subprocess.run().
 *
 *     sp::Result result = sp::run({"git", "status", "--short"}, sp::Options().capture().check().timeout(5s));
 *
 * Throws CalledProcessError (with check()), TimeoutExpired, Canceled, Error.
 */
inline Result run(const Args& args, const Options& options = {}) {
  Options::Native native(options);
  sp_error error = SP_ERROR_INIT;
  sp_result* result = nullptr;
  const int code = sp_run(args.get(), &native.get(), &result, &error);
  return detail::finish(code, result, error, static_cast<bool>(options.output_function()));
}

/**
 * Runs a command and returns its standard output; throws CalledProcessError, with the output, unless it returned 0.
 *
 *     std::string head = sp::check_output({"git", "rev-parse", "HEAD"});
 */
inline std::string check_output(const Args& args, const Options& options = {}) {
  // Not sp_check_output(): that one has no output to show for a child that failed.
  Options::Native native(options);
  sp_options& raw = native.get();
  if (raw.std_out.kind != SP_INHERIT) detail::raise(SP_EINVAL, "check_output: std_out must be unset");
  raw.flags |= SP_CHECK;
  if ((raw.flags & SP_CAPTURE) == 0) raw.std_out.kind = SP_PIPE;
  sp_error error = SP_ERROR_INIT;
  sp_result* result = nullptr;
  const int code = sp_run(args.get(), &raw, &result, &error);
  return std::string(detail::finish(code, result, error, raw.on_output != nullptr).output());
}

/**
 * Starts a command: Python's subprocess.Popen(). Returns when the program has been executed; throws Error if it could
 * not be.
 *
 *     sp::Process child = sp::popen({"sleep", "10"}, sp::Options().kill_on_free());
 */
inline Process popen(const Args& args, const Options& options = {}) {
  return detail::start(options, [&args](const sp_options* opt, sp_process** ret, sp_error* error) {
    return sp_popen(args.get(), opt, ret, error);
  });
}

namespace detail {

inline Process pipeline(const Command* commands, std::size_t count, const Options& options) {
  std::vector<Args> args;
  std::vector<Options::Native> natives;
  std::vector<sp_command> stages;
  args.reserve(count);
  natives.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    args.emplace_back(commands[i].argv);
    if (commands[i].options) natives.emplace_back(*commands[i].options);
    stages.push_back({args.back().get(), commands[i].options ? &natives.back().get() : nullptr});
  }
  return start(options, [&stages](const sp_options* opt, sp_process** ret, sp_error* error) {
    return sp_pipeline(stages.data(), stages.size(), opt, ret, error);
  });
}

}  // namespace detail

/**
 * Starts commands, each one's standard output piped into the next one's standard input, as one process:
 *
 *     sp::Process p = sp::pipeline({{"grep", "-v", "^#"}, {"sort", "-u"}},
 *                                  sp::Options().std_in(sp::Stdio::file("/etc/hosts")).std_out(sp::Stdio::pipe()));
 *     std::cout << p.communicate().output();
 *
 * Error::stage() tells which stage could not be started. See sp_pipeline() for which options belong to a stage.
 */
inline Process pipeline(std::initializer_list<Command> commands, const Options& options = {}) {
  return detail::pipeline(commands.begin(), commands.size(), options);
}
inline Process pipeline(const std::vector<Command>& commands, const Options& options = {}) {
  return detail::pipeline(commands.data(), commands.size(), options);
}

/** Joins arguments into one line for a POSIX shell: `sp::quote({"echo", "a b"})` is `echo 'a b'`. */
inline std::string quote(const Args& args) {
  sp_error error = SP_ERROR_INIT;
  char* line = nullptr;
  detail::check(sp_quote(args.get(), &line, &error), error);
  const std::unique_ptr<char, detail::MemFree> owner(line);
  return line;
}

/** Splits a line into arguments by the POSIX shell's quoting rules: `sp::split("echo 'a b'")` is `{"echo", "a b"}`. */
inline std::vector<std::string> split(const std::string& line) {
  sp_error error = SP_ERROR_INIT;
  char** argv = nullptr;
  detail::check(sp_split(detail::without_nul(line, "line").c_str(), &argv, &error), error);
  const std::unique_ptr<char*, detail::MemFree> owner(argv);
  std::vector<std::string> args;
  for (char** arg = argv; *arg != nullptr; ++arg) args.emplace_back(*arg);
  return args;
}

/**
 * Finds a program in a list of directories separated by ':', or in the host's PATH.
 * @return its path; nothing if there is none. Throws Error with SP_EACCESS if only files that are not executable were
 * found.
 */
inline std::optional<std::string> which(const std::string& name,
                                        const std::optional<std::string>& path = std::nullopt) {
  sp_error error = SP_ERROR_INIT;
  char* found = nullptr;
  const char* directories = path ? detail::without_nul(*path, "path").c_str() : nullptr;
  const int code = sp_which(detail::without_nul(name, "name").c_str(), directories, &found, &error);
  if (code == SP_ENOTFOUND) return std::nullopt;
  detail::check(code, error);
  const std::unique_ptr<char, detail::MemFree> owner(found);
  return found;
}

}  // namespace v0
}  // namespace sp

#endif
