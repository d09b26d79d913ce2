// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "os/fork_epoch.h"
#include "os/waker.h"

namespace sp::core {

// The latch behind sp_cancel; shared by the token's owner and the processes that it was given to.
class CancelToken {
 public:
  CancelToken() = default;
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;
  ~CancelToken() {
    if (!is_ours()) waker_.forget();
  }
  int open() { return waker_.open(); }
  // The descriptor is shared with a forked child, which must not cancel its parent's calls.
  void trigger() const {
    if (is_ours()) waker_.wake();
  }
  void reset() const {
    if (is_ours()) waker_.clear();
  }
  [[nodiscard]] int fd() const { return waker_.fd(); }
  [[nodiscard]] bool is_ours() const { return epoch_ == os::fork_epoch(); }

 private:
  os::Waker waker_;
  uint64_t epoch_ = os::fork_epoch();
};

}  // namespace sp::core

// The public handle: it may be freed before the processes that hold the token.
struct sp_cancel {
  std::shared_ptr<sp::core::CancelToken> token;
};
