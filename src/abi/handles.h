// SPDX-License-Identifier: MIT
#pragma once

#include <libsubprocess/sp.h>

#include <memory>
#include <vector>

#include "core/outcome.h"
#include "core/process.h"

// What the opaque handles are.
struct sp_process {
  std::unique_ptr<sp::core::Process> body;
  std::vector<std::unique_ptr<sp_process>> stages;  // of a pipeline
};

struct sp_result {
  sp::core::SharedOutcome outcome;
};

namespace sp::abi {

// A NULL handle is an error of its own.
inline Status check_handle(const sp_process* p) {
  if (p == nullptr || p->body == nullptr) return invalid("process is NULL");
  return p->body->usable();
}

// A result handle, made before it is needed so that handing over what a child left cannot fail.
class ResultSlot {
 public:
  explicit ResultSlot(sp_result** ret) : ret_(ret), result_(ret != nullptr ? new sp_result : nullptr) {}
  void set(core::SharedOutcome outcome) {
    if (!result_ || !outcome) return;
    result_->outcome = std::move(outcome);
    *ret_ = result_.release();
  }

 private:
  sp_result** ret_;
  std::unique_ptr<sp_result> result_;
};

}  // namespace sp::abi
