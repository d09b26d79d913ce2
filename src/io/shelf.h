// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>

#include "os/per_process.h"

namespace sp::io {

// Keeps up to `Limit` idle things for the next call. A forked child starts with an empty shelf and forgets its parent's
// things without closing them: a daemon may have closed and reused their descriptors.
template <typename T, size_t Limit>
class Shelf {
 public:
  std::unique_ptr<T> take() {
    Items& items = items_.get();
    const std::lock_guard<std::mutex> lock(items.mutex);
    return items.count > 0 ? std::unique_ptr<T>(items.kept[--items.count]) : nullptr;
  }

  // What does not fit is handed back.
  std::unique_ptr<T> put(std::unique_ptr<T> item) {
    Items& items = items_.get();
    const std::lock_guard<std::mutex> lock(items.mutex);
    if (items.count < Limit) items.kept[items.count++] = item.release();
    return item;
  }

  void clear() {
    while (take()) {
    }
  }

 private:
  struct Items {
    std::mutex mutex;
    std::array<T*, Limit> kept{};
    size_t count = 0;
  };

  os::PerProcess<Items> items_;
};

}  // namespace sp::io
