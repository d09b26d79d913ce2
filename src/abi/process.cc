// SPDX-License-Identifier: MIT
#include <csignal>

#include "abi/guard.h"
#include "abi/handles.h"
#include "core/start.h"

using namespace sp;

namespace {

constexpr int kLastSignal = 64;

int wait_for(sp_process* p, Deadline deadline, int64_t* ret_code, sp_error* err) {
  const auto code = p->body->wait(deadline);
  if (!code) return abi::fail(code.error(), err);
  if (ret_code != nullptr) *ret_code = *code;
  return abi::kOk;
}

template <typename Body>
int signal(sp_process* p, int sig, sp_error* err, Body body) {
  return abi::guarded(err, [&] {
    const Status handle = abi::check_handle(p);
    if (!handle) return abi::fail(handle.error(), err);
    if (sig < 0 || sig > kLastSignal) return abi::fail(invalid("sig %d is not a signal", sig), err);
    const Status sent = body(*p->body);
    return sent ? abi::kOk : abi::fail(sent.error(), err);
  });
}

}  // namespace

extern "C" {

int sp_popen(const char* const argv[], const sp_options* opt, sp_process** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    const auto options = core::parse_options(opt, core::Purpose::popen);
    if (!options) return abi::fail(options.error(), err);
    auto handle = std::make_unique<sp_process>();
    auto process = core::start(argv, *options);
    if (!process) return abi::fail(process.error(), err);
    handle->body = std::move(*process);
    *ret = handle.release();
    return abi::kOk;
  });
}

int sp_close(sp_process* p) {
  const abi::NoThreadCancel no_cancel;
  const Status handle = abi::check_handle(p);
  if (!handle && handle.error().code == Code::invalid) return SP_EINVAL;
  for (const auto& stage : p->stages) stage->body->close();
  p->body->close();
  return abi::kOk;
}

void sp_process_free(sp_process* p) {
  const abi::NoThreadCancel no_cancel;
  delete p;
}

int sp_communicate(sp_process* p, const void* input, size_t len, int64_t timeout_ms, sp_result** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    const Status handle = abi::check_handle(p);
    if (!handle) return abi::fail(handle.error(), err);
    if (input == nullptr && len != 0) return abi::fail(invalid("input is NULL but len is %zu", len), err);
    const Status timeout = core::check_timeout(timeout_ms, "timeout_ms");
    if (!timeout) return abi::fail(timeout.error(), err);
    abi::ResultSlot slot(ret);
    core::SharedOutcome partial;
    auto outcome = p->body->communicate(static_cast<const char*>(input), len, Deadline::after(timeout_ms),
                                        ret != nullptr ? &partial : nullptr);
    const Status checked = outcome ? p->body->check(**outcome) : outcome.error();
    slot.set(outcome ? std::move(*outcome) : std::move(partial));
    return checked ? abi::kOk : abi::fail(checked.error(), err);
  });
}

int sp_wait(sp_process* p, int64_t timeout_ms, int64_t* ret_code, sp_error* err) {
  return abi::guarded(err, [&] {
    const Status handle = abi::check_handle(p);
    if (!handle) return abi::fail(handle.error(), err);
    const Status timeout = core::check_timeout(timeout_ms, "timeout_ms");
    if (!timeout) return abi::fail(timeout.error(), err);
    return wait_for(p, Deadline::after(timeout_ms), ret_code, err);
  });
}

int sp_poll(sp_process* p, int64_t* ret_code) {
  return abi::guarded(nullptr, [&] {
    const Status handle = abi::check_handle(p);
    if (!handle) return static_cast<int>(handle.error().code);
    int64_t returncode = 0;
    const auto ended = p->body->poll(returncode);
    if (!ended) return static_cast<int>(ended.error().code);
    if (*ended && ret_code != nullptr) *ret_code = returncode;
    return *ended ? 1 : 0;
  });
}

int sp_stop(sp_process* p, int64_t grace_ms, int64_t* ret_code, sp_error* err) {
  return abi::guarded(err, [&] {
    const Status handle = abi::check_handle(p);
    if (!handle) return abi::fail(handle.error(), err);
    const Status grace = core::check_timeout(grace_ms, "grace_ms");
    if (!grace) return abi::fail(grace.error(), err);
    const auto code = p->body->stop(grace_ms);
    if (!code) return abi::fail(code.error(), err);
    if (ret_code != nullptr) *ret_code = *code;
    return abi::kOk;
  });
}

int sp_finish(sp_process* p, int64_t grace_ms, int whole_group, sp_result** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    const Status handle = abi::check_handle(p);
    if (!handle) return abi::fail(handle.error(), err);
    if (grace_ms == SP_FOREVER) return abi::fail(invalid("grace_ms is SP_FOREVER, but this call has to end"), err);
    const Status grace = core::check_timeout(grace_ms, "grace_ms");
    if (!grace) return abi::fail(grace.error(), err);
    abi::ResultSlot slot(ret);
    auto outcome = p->body->finish(grace_ms, whole_group != 0);
    if (!outcome) return abi::fail(outcome.error(), err);
    slot.set(std::move(*outcome));
    return abi::kOk;
  });
}

int64_t sp_pid(const sp_process* p) { return p == nullptr ? -1 : p->body->children().front()->pid(); }

int sp_send_signal(sp_process* p, int sig, sp_error* err) {
  return signal(p, sig, err, [sig](core::Process& process) { return process.send_signal(sig); });
}

int sp_terminate(sp_process* p, sp_error* err) { return sp_send_signal(p, SIGTERM, err); }

int sp_kill(sp_process* p, sp_error* err) { return sp_send_signal(p, SIGKILL, err); }

int sp_kill_group(sp_process* p, int sig, sp_error* err) {
  return signal(p, sig, err, [sig](core::Process& process) { return process.kill_group(sig); });
}

}  // extern "C"
