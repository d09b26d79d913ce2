// SPDX-License-Identifier: MIT
#include "core/command.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace sp::core {
namespace {

std::string_view name_of(const char* entry) {
  const std::string_view text(entry);
  return text.substr(0, text.find('='));
}

const char* const kEmptyEnvironment[] = {nullptr};

const char* const* host_environment() { return environ != nullptr ? environ : kEmptyEnvironment; }

}  // namespace

const char* find_variable(const char* const* env, std::string_view name) {
  for (; *env != nullptr; ++env)
    if (std::strncmp(*env, name.data(), name.size()) == 0 && (*env)[name.size()] == '=') return *env + name.size() + 1;
  return nullptr;
}

void add_candidates(std::string_view search_path, std::string_view program, StringVector& candidates) {
  for (;;) {
    const size_t colon = search_path.find(':');
    const std::string_view directory = search_path.substr(0, colon);
    // An empty entry is the current directory.
    candidates.add(directory, directory.empty() || directory.back() == '/' ? "" : "/", program);
    if (colon == std::string_view::npos) return;
    search_path.remove_prefix(colon + 1);
  }
}

// argv[0] is the command line; what follows it become $0, $1, ... as with Python's shell=True.
void Command::wrap_in_shell(const Options& options) {
  shell_argv_ = {options.executable != nullptr ? options.executable : kShell, "-c"};
  for (const char* const* argument = argv_; *argument != nullptr; ++argument) shell_argv_.push_back(*argument);
  shell_argv_.push_back(nullptr);
}

void Command::merge_env(const Options& options) {
  const auto is_replaced = [&](const char* inherited) {
    for (const char* const* entry = options.env; *entry != nullptr; ++entry)
      if (name_of(*entry) == name_of(inherited)) return true;
    return false;
  };
  for (const char* const* entry = host_environment(); *entry != nullptr; ++entry)
    if (!is_replaced(*entry)) merged_env_.push_back(*entry);
  const auto is_repeated = [](const char* const* entry) {
    for (const char* const* later = entry + 1; *later != nullptr; ++later)
      if (name_of(*later) == name_of(*entry)) return true;
    return false;
  };
  for (const char* const* entry = options.env; *entry != nullptr; ++entry)
    if (std::strchr(*entry, '=') != nullptr && !is_repeated(entry)) merged_env_.push_back(*entry);
  merged_env_.push_back(nullptr);
}

void Command::find_candidates() {
  if (std::strchr(program_, '/') != nullptr) {
    candidates_.add(program_);
    return;
  }
  search_path_ = find_variable(env(), "PATH");
  if (search_path_ == nullptr) search_path_ = kDefaultPath;
  add_candidates(search_path_, program_, candidates_);
}

Result<Command> Command::make(const char* const* argv, const Options& options) {
  if (argv == nullptr) return invalid("argv is NULL");
  if (argv[0] == nullptr) return invalid("argv is empty");
  if (argv[0][0] == '\0' && !options.shell && options.executable == nullptr)
    return invalid("argv[0], the program, is empty");
  Command command;
  command.argv_ = argv;
  command.env_ = options.env != nullptr ? options.env : host_environment();
  if (options.shell) command.wrap_in_shell(options);
  if (options.env != nullptr && options.env_extend) command.merge_env(options);
  command.program_ = options.executable != nullptr ? options.executable : command.argv()[0];
  command.find_candidates();
  return command;
}

}  // namespace sp::core
