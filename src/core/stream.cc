// SPDX-License-Identifier: MIT
//
// Process: its pipes, read and written by the caller.
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "core/process.h"
#include "os/descriptor.h"
#include "os/per_process.h"
#include "os/poll.h"

namespace sp::core {
namespace {

constexpr int kInput = 0;
constexpr size_t kLargestRead = SIZE_MAX / 2;
constexpr size_t kReadAhead = size_t{16} * 1024;
os::PerProcess<std::mutex> copies_given_up;
constexpr const char* kNames[] = {"SP_IN", "SP_OUT", "SP_ERR"};

Status check_output_index(int index) {
  if (index != 1 && index != 2) return invalid("stream is %d: only SP_OUT and SP_ERR can be read", index);
  return success();
}

}  // namespace

Status Process::check_stream(int index) const {
  if (index < 0 || index >= kStreamCount) return invalid("stream is %d, which is no sp_stream", index);
  const Stream& stream = streams_[static_cast<size_t>(index)];
  if (!stream.is_pipe) return invalid("stream %s is not a pipe: start the child with SP_PIPE", kNames[index]);
  if (!stream.fd || stream.close_wanted)
    return make_error(Code::closed, Step::io, "stream %s was closed", kNames[index]);
  return success();
}

namespace {

// Waits until the claimed stream is ready for `events`.
Status await_stream(Call& call, const Stream& stream, short events, Deadline deadline) {
  for (;;) {
    const io::Wake wake = io::await(stream.fd.get(), events, call.interrupts(), deadline);
    if (wake == io::Wake::ready) return success();
    if (wake != io::Wake::closed || !call.woken_in_vain(&stream)) return wake_error(wake, Step::io);
  }
}

// The same to write: a reader that is always ready leaves no wait in which a signal could come.
Status await_writable(Call& call, const Stream& stream, const os::SignalWindow& window, Deadline deadline) {
  if (window.mask() != nullptr && os::let_signals_in(window.mask())) return wake_error(io::Wake::interrupted, Step::io);
  return await_stream(call, stream, POLLOUT, deadline);
}

// Waits until there is something and reads it; 0 at end of file.
Result<size_t> read_ready(Call& call, const Stream& stream, void* into, size_t size, Deadline deadline) {
  for (;;) {
    SP_TRY(await_stream(call, stream, POLLIN, deadline));
    const ssize_t count = os::read_some(stream.fd.get(), into, size);
    if (count >= 0) return static_cast<size_t>(count);
    if (count != -EAGAIN && count != -EINTR)
      return system_error(Step::io, static_cast<int>(-count), "", "cannot read from the child");
  }
}

}  // namespace

Result<size_t> Process::read(int index, void* into, size_t size, Deadline deadline) {
  SP_TRY(usable());
  SP_TRY(check_output_index(index));
  const os::SignalWindow window(options_.return_on_signal);
  Call call(*this, window, Call::Unregistered());
  auto stream = StreamClaim::claim(*this, index, &call);
  if (!stream) return stream.error();
  if (size == 0) return size_t{0};
  if ((*stream)->ahead.size() > 0) return (*stream)->ahead.take(into, size);
  return read_ready(call, **stream, into, std::min(size, kLargestRead), deadline);
}

Result<Process::Line> Process::read_line(int index, Deadline deadline) {
  SP_TRY(usable());
  SP_TRY(check_output_index(index));
  const os::SignalWindow window(options_.return_on_signal);
  Call call(*this, window, Call::Unregistered());
  auto stream = StreamClaim::claim(*this, index, &call);
  if (!stream) return stream.error();
  io::LineBuffer& ahead = (*stream)->ahead;
  Line line = {nullptr, 0};
  if ((line.data = ahead.next_line(line.size)) != nullptr) return line;
  for (;;) {
    char* tail = ahead.tail(kReadAhead);
    if (tail == nullptr) return out_of_memory();
    const auto count = read_ready(call, **stream, tail, kReadAhead, deadline);
    if (!count) return count.error();
    ahead.grow(*count);
    line.data = *count == 0 ? ahead.last_line(line.size) : ahead.next_line(line.size);
    if (line.data != nullptr) return line;
  }
}

// Most writes fit into the pipe: only one that does not has to wait.
Result<size_t> Process::write(const void* from, size_t size, Deadline deadline) {
  SP_TRY(usable());
  auto stream = StreamClaim::claim(*this, kInput);
  if (!stream) return stream.error();
  if (size == 0) return size_t{0};
  const char* data = static_cast<const char*>(from);
  const os::SignalWindow window(options_.return_on_signal);
  std::optional<Call> call;
  size_t written = 0;
  for (;;) {
    const ssize_t count = os::write_some((*stream)->fd.get(), data + written, size - written);
    if (count > 0) written += static_cast<size_t>(count);
    if (written == size) break;
    if (count < 0 && count != -EAGAIN && count != -EINTR) {
      if (written > 0) break;  // the next call tells
      return system_error(Step::io, static_cast<int>(-count), "", "cannot write to the child");
    }
    // Also where a fast reader would take the next bytes at once: limits must be looked at.
    if (!call) call.emplace(*this, window);
    const Status ready = await_writable(*call, **stream, window, deadline);
    if (!ready && written > 0) break;
    SP_TRY(ready);
  }
  return written;
}

bool Process::has_open_pipe(int index) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Stream& stream = streams_[static_cast<size_t>(index)];
  return stream.fd && !stream.close_wanted;
}

// A forked child gives its copy of a pipe up, but not a file of its own that it has opened in its place. The process's
// own lock may be held for ever by a thread that was not forked.
void Process::give_up_copy(int index) {
  const std::lock_guard<std::mutex> lock(copies_given_up.get());
  UniqueFd& fd = streams_[static_cast<size_t>(index)].fd;
  if (!fd) return;
  if (os::is_pipe(fd.get()))
    fd.reset();
  else
    static_cast<void>(fd.release());
}

Status Process::close_stream(int index) {
  if (epoch_ != os::fork_epoch() && index >= 0 && index < kStreamCount) {
    give_up_copy(index);
    return success();
  }
  SP_TRY(usable());
  const std::lock_guard<std::mutex> lock(mutex_);
  const Status found = check_stream(index);
  if (!found) return found.error().code == Code::closed ? success() : found;
  Stream& stream = streams_[static_cast<size_t>(index)];
  stream.close_wanted = true;
  if (stream.claimed)
    wake_sleepers();
  else
    stream.fd.reset();
  return success();
}

bool Process::is_closing_stream() const {
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const Stream& stream) { return stream.claimed && stream.close_wanted; });
}

int Process::stream_fd(int index) const {
  if (!usable()) return -1;
  const std::lock_guard<std::mutex> lock(mutex_);
  return check_stream(index) ? streams_[static_cast<size_t>(index)].fd.get() : -1;
}

int Process::release_stream(int index) {
  if (!usable()) return -1;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!check_stream(index)) return -1;
  Stream& stream = streams_[static_cast<size_t>(index)];
  return stream.claimed ? -1 : stream.fd.release();
}

}  // namespace sp::core
