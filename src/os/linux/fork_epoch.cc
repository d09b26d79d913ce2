// SPDX-License-Identifier: MIT
#include "os/fork_epoch.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

namespace sp::os {
namespace {

// A page that the kernel wipes in forked children (MADV_WIPEONFORK, Linux 4.14), but not in ours that share memory.
constexpr size_t kPageSize = 4096;
struct alignas(kPageSize) Page {
  std::atomic<uint64_t> epoch{0};
  unsigned char rest[kPageSize - sizeof(std::atomic<uint64_t>)] = {};
};
Page page;
std::atomic<uint64_t> latest{0};  // not wiped: goes on counting in the child

uint64_t number_page() {
  uint64_t epoch = 0;
  const uint64_t next = latest.fetch_add(1) + 1;
  return page.epoch.compare_exchange_strong(epoch, next) ? next : epoch;
}

enum class Wiping { unknown, yes, no };
std::atomic<Wiping> wiping{Wiping::unknown};

// Fails on machines with larger pages and on older kernels: then the pid has to do.
Wiping ask_for_wiping() {
  const Wiping answer = ::madvise(&page, sizeof page, MADV_WIPEONFORK) == 0 ? Wiping::yes : Wiping::no;
  wiping.store(answer, std::memory_order_relaxed);
  return answer;
}

}  // namespace

uint64_t fork_epoch() {
  Wiping answer = wiping.load(std::memory_order_relaxed);
  if (answer == Wiping::unknown) answer = ask_for_wiping();
  if (answer == Wiping::no) return static_cast<uint64_t>(::getpid());
  const uint64_t epoch = page.epoch.load(std::memory_order_relaxed);
  return epoch != 0 ? epoch : number_page();
}

}  // namespace sp::os
