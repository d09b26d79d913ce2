// SPDX-License-Identifier: MIT
#include "core/cancel.h"
#include "abi/guard.h"

using namespace sp;

extern "C" {

int sp_cancel_new(sp_cancel** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    auto handle = std::make_unique<sp_cancel>();
    handle->token = std::make_shared<core::CancelToken>();
    if (const int error = handle->token->open())
      return abi::fail(system_error(Step::call, error, "", "cannot make a cancel token"), err);
    *ret = handle.release();
    return abi::kOk;
  });
}

void sp_cancel_trigger(sp_cancel* c) {
  const abi::NoThreadCancel no_cancel;
  if (c != nullptr) c->token->trigger();
}

void sp_cancel_reset(sp_cancel* c) {
  const abi::NoThreadCancel no_cancel;
  if (c != nullptr) c->token->reset();
}

void sp_cancel_free(sp_cancel* c) {
  const abi::NoThreadCancel no_cancel;
  delete c;
}

}  // extern "C"
