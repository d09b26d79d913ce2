// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "os/fork_epoch.h"

namespace sp::os {

// Shared state of the library that a forked child must not inherit: another thread may hold its lock at the fork. The
// child gets a new T and forgets its parent's. Constant-initialized and never destroyed, so that it serves threads
// which outlive main(); T must be like that too.
template <typename T>
class PerProcess {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  T& get() {
    Slot* slot = slot_.load(std::memory_order_acquire);
    const uint64_t epoch = fork_epoch();
    uint64_t owner = 0;
    if (slot->epoch.compare_exchange_strong(owner, epoch) || owner == epoch) return slot->value;
    auto fresh = std::make_unique<Slot>();
    fresh->epoch = epoch;
    fresh->parents = slot;
    if (slot_.compare_exchange_strong(slot, fresh.get())) return fresh.release()->value;
    return slot->value;
  }

 private:
  struct Slot {
    T value{};
    std::atomic<uint64_t> epoch{0};
    Slot* parents = nullptr;  // kept reachable for leak checkers
  };

  Slot first_;
  std::atomic<Slot*> slot_{&first_};
};

}  // namespace sp::os
