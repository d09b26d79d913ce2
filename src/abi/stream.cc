// SPDX-License-Identifier: MIT
#include "abi/guard.h"
#include "abi/handles.h"

using namespace sp;

namespace {

Status check_call(const sp_process* p, int64_t timeout_ms) {
  SP_TRY(abi::check_handle(p));
  return core::check_timeout(timeout_ms, "timeout_ms");
}

}  // namespace

extern "C" {

int64_t sp_read(sp_process* p, int stream, void* buf, size_t len, int64_t timeout_ms, sp_error* err) {
  return abi::guarded(err, [&]() -> int64_t {
    const Status call = check_call(p, timeout_ms);
    if (!call) return abi::fail(call.error(), err);
    if (buf == nullptr && len != 0) return abi::fail(invalid("buf is NULL"), err);
    const auto count = p->body->read(stream, buf, len, Deadline::after(timeout_ms));
    return count ? static_cast<int64_t>(*count) : abi::fail(count.error(), err);
  });
}

int64_t sp_write(sp_process* p, const void* buf, size_t len, int64_t timeout_ms, sp_error* err) {
  return abi::guarded(err, [&]() -> int64_t {
    const Status call = check_call(p, timeout_ms);
    if (!call) return abi::fail(call.error(), err);
    if (buf == nullptr && len != 0) return abi::fail(invalid("buf is NULL"), err);
    const auto count = p->body->write(buf, len, Deadline::after(timeout_ms));
    return count ? static_cast<int64_t>(*count) : abi::fail(count.error(), err);
  });
}

int sp_read_line(sp_process* p, int stream, int64_t timeout_ms, const char** ret, size_t* ret_len, sp_error* err) {
  return abi::guarded(err, [&] {
    const Status call = check_call(p, timeout_ms);
    if (!call) return abi::fail(call.error(), err);
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    const auto line = p->body->read_line(stream, Deadline::after(timeout_ms));
    if (!line) return abi::fail(line.error(), err);
    *ret = (*line).data;
    if (ret_len != nullptr) *ret_len = (*line).size;
    return abi::kOk;
  });
}

int sp_close_stream(sp_process* p, int stream) {
  return abi::guarded(nullptr, [&] {
    if (p == nullptr || p->body == nullptr) return static_cast<int>(SP_EINVAL);
    const Status closed = p->body->close_stream(stream);
    return closed ? abi::kOk : static_cast<int>(closed.error().code);
  });
}

intptr_t sp_stream_handle(const sp_process* p, int stream) { return p == nullptr ? -1 : p->body->stream_fd(stream); }

intptr_t sp_stream_release(sp_process* p, int stream) { return p == nullptr ? -1 : p->body->release_stream(stream); }

intptr_t sp_exit_handle(const sp_process* p) {
  if (!abi::check_handle(p)) return -1;
  const auto& children = p->body->children();
  return children.size() == 1 ? children.front()->exit_fd() : -1;
}

}  // extern "C"
