// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <variant>

#include "base/error.h"

namespace sp {

// A value, or the Error that stands in its place.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(const Error& error) : state_(std::in_place_index<1>, error) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() { return *std::get_if<0>(&state_); }
  const T& operator*() const { return *std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  [[nodiscard]] const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
inline Status success() { return std::monostate{}; }

}  // namespace sp

// Hands the Error of a Status (or Result) on to the caller.
#define SP_TRY(expression) \
  do { \
    if (auto&& sp_try = (expression); !sp_try) return sp_try.error(); \
  } while (false)
