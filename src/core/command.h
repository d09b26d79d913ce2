// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/string_vector.h"
#include "core/options.h"

namespace sp::core {

inline constexpr const char* kShell = "/bin/sh";
inline constexpr const char* kDefaultPath = "/bin:/usr/bin";  // Python's os.defpath

// What will be executed: argv, the environment and the paths to try.
class Command {
 public:
  static Result<Command> make(const char* const* argv, const Options& options);

  [[nodiscard]] const char* const* argv() const { return shell_argv_.empty() ? argv_ : shell_argv_.data(); }
  [[nodiscard]] const char* const* env() const { return merged_env_.empty() ? env_ : merged_env_.data(); }
  [[nodiscard]] const char* const* candidates() { return candidates_.pointers(); }
  // The name that the caller gave, for messages.
  [[nodiscard]] const char* program() const { return program_; }
  // Searched for the program; nullptr if its name has a '/'.
  [[nodiscard]] const char* search_path() const { return search_path_; }

 private:
  void wrap_in_shell(const Options& options);
  void merge_env(const Options& options);
  void find_candidates();

  const char* const* argv_ = nullptr;
  const char* const* env_ = nullptr;
  std::vector<const char*> shell_argv_;
  std::vector<const char*> merged_env_;
  StringVector candidates_;
  const char* program_ = nullptr;
  const char* search_path_ = nullptr;
};

// The value of `name` in an environment, or nullptr.
const char* find_variable(const char* const* env, std::string_view name);

// Appends the paths under which `program` may be found along `search_path`.
void add_candidates(std::string_view search_path, std::string_view program, StringVector& candidates);

}  // namespace sp::core
