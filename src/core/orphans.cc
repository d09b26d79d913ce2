// SPDX-License-Identifier: MIT
#include "core/orphans.h"

#include <atomic>
#include <mutex>

#include "os/exit.h"
#include "os/per_process.h"

namespace sp::core {
namespace {

// A queue: asked at the front, put back at the end.
class Orphanage {
 public:
  void add(std::unique_ptr<Orphan> orphan) {
    const std::lock_guard<std::mutex> lock(mutex_);
    Orphan* added = orphan.release();
    (last_ != nullptr ? last_->next : first_) = added;
    last_ = added;
    ++count_;
  }

  std::unique_ptr<Orphan> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (first_ == nullptr) return nullptr;
    std::unique_ptr<Orphan> taken(first_);
    first_ = taken->next;
    taken->next = nullptr;
    if (first_ == nullptr) last_ = nullptr;
    --count_;
    return taken;
  }

  // Read without the lock: a missed newcomer is found the next time.
  [[nodiscard]] size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  Orphan* first_ = nullptr;
  Orphan* last_ = nullptr;
  std::atomic<size_t> count_{0};
};

os::PerProcess<Orphanage> orphanage;

}  // namespace

void adopt_orphan(std::unique_ptr<Orphan> orphan) { orphanage.get().add(std::move(orphan)); }

void sweep_orphans(size_t most) {
  Orphanage& all = orphanage.get();
  size_t left = all.count();
  for (; left > 0 && most > 0; --left, --most) {
    std::unique_ptr<Orphan> orphan = all.take();
    if (!orphan) return;
    os::ExitStatus status;
    const bool running =
        os::reap(orphan->pid, orphan->exit_fd.get(), false, os::ReapMode::ask, status) == os::Reap::running;
    if (running) all.add(std::move(orphan));
  }
}

}  // namespace sp::core
