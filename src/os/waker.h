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
  // The descriptor is not this waker's any more: a host that closes what is not its own may have reused the number.
  void forget() { static_cast<void>(fd_.release()); }
  ~Waker();
  Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace sp::os
