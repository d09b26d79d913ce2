// SPDX-License-Identifier: MIT
#include "os/signal_window.h"

namespace sp::os {

SignalWindow::SignalWindow(bool open) : open_(open) {
  if (!open_) return;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &host_mask_);
}

SignalWindow::~SignalWindow() {
  if (open_) pthread_sigmask(SIG_SETMASK, &host_mask_, nullptr);
}

}  // namespace sp::os
