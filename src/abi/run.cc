// SPDX-License-Identifier: MIT
#include "abi/guard.h"
#include "abi/handles.h"
#include "core/start.h"

using namespace sp;

namespace {

// Both outputs are cleared first: a caller frees them whatever happened.
int run(const char* const argv[], const sp_options* opt, core::Purpose purpose, core::SharedOutcome& outcome,
        sp_error* err) {
  const auto options = core::parse_options(opt, purpose);
  if (!options) return abi::fail(options.error(), err);
  core::Options checked = *options;
  checked.check = checked.check || purpose == core::Purpose::check_output;
  auto result = core::run(argv, checked, outcome);
  if (!result) return abi::fail(result.error(), err);
  outcome = std::move(*result);
  return abi::kOk;
}

}  // namespace

extern "C" {

int sp_run(const char* const argv[], const sp_options* opt, sp_result** ret, sp_error* err) {
  if (ret != nullptr) *ret = nullptr;
  return abi::guarded(err, [&] {
    abi::ResultSlot slot(ret);
    core::SharedOutcome outcome;
    const int code = run(argv, opt, core::Purpose::run, outcome, err);
    slot.set(std::move(outcome));
    return code;
  });
}

int sp_check_output(const char* const argv[], const sp_options* opt, char** ret, size_t* ret_len, sp_error* err) {
  if (ret != nullptr) *ret = nullptr;
  return abi::guarded(err, [&] {
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    core::SharedOutcome outcome;
    const int code = run(argv, opt, core::Purpose::check_output, outcome, err);
    if (code != SP_OK) return code;
    // Nobody else holds this outcome, so its bytes can be handed over without a copy.
    Bytes& bytes = const_cast<core::Outcome&>(*outcome).outputs[0].bytes;
    if (ret_len != nullptr) *ret_len = bytes.size();
    *ret = bytes.release();
    return code;
  });
}

}  // extern "C"
