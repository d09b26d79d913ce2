// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>

namespace sp::os {

// Keeps signals out of a call except while it waits: one that comes between two waits is then seen by the next wait,
// and not handled unnoticed. For the calling thread, for as long as it lives, and only if `open`.
class SignalWindow {
 public:
  explicit SignalWindow(bool open);
  SignalWindow(const SignalWindow&) = delete;
  SignalWindow& operator=(const SignalWindow&) = delete;
  ~SignalWindow();
  // What to wait with; null if nothing is kept out.
  [[nodiscard]] const sigset_t* mask() const { return open_ ? &host_mask_ : nullptr; }

 private:
  sigset_t host_mask_;
  bool open_;
};

}  // namespace sp::os
