// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace sp {

inline constexpr int64_t kForever = -1;
inline constexpr int64_t kLongestTimeout = 9'000'000'000'000;  // SP_TIMEOUT_MAX: still fits as nanoseconds

// Nanoseconds on the monotonic clock.
inline int64_t monotonic_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// A point on the monotonic clock, or never.
class Deadline {
 public:
  static Deadline never() { return Deadline(INT64_MAX); }
  static Deadline after(int64_t timeout_ms) {
    if (timeout_ms == kForever) return never();
    const int64_t now = monotonic_ns();
    const int64_t span = timeout_ms * 1'000'000;
    return Deadline(span > INT64_MAX - now ? INT64_MAX : now + span);
  }
  static Deadline earlier(Deadline left, Deadline right) { return left.at_ns_ < right.at_ns_ ? left : right; }

  [[nodiscard]] bool is_never() const { return at_ns_ == INT64_MAX; }
  // 0 when expired; meaningless for never().
  [[nodiscard]] int64_t remaining_ns() const {
    const int64_t left = at_ns_ - monotonic_ns();
    return left > 0 ? left : 0;
  }
  [[nodiscard]] bool expired() const { return !is_never() && remaining_ns() == 0; }

 private:
  explicit Deadline(int64_t at_ns) : at_ns_(at_ns) {}
  int64_t at_ns_;
};

}  // namespace sp
