// SPDX-License-Identifier: MIT
#pragma once

#include "base/unique_fd.h"

namespace sp::os {

// A latched wake-up that poll can wait for. wake() is async-signal-safe.
class Waker {
 public:
  // 0 or an errno.
  int open();
  void wake() const;
  void clear() const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace sp::os
