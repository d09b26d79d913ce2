// SPDX-License-Identifier: MIT
// The same in C++, with exceptions of its own: the library's hidden C++ runtime must not get in their way.
#include <libsubprocess/sp.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

using Result = std::unique_ptr<sp_result, decltype(&sp_result_free)>;

std::string output_of(const char* const argv[]) {
  sp_error err = SP_ERROR_INIT;
  sp_options options{};
  options.size = sizeof options;
  options.flags = SP_CAPTURE | SP_CHECK;
  sp_result* raw = nullptr;
  const int code = sp_run(argv, &options, &raw, &err);
  const Result result(raw, sp_result_free);
  if (code != SP_OK) throw std::runtime_error(err.message);
  size_t len = 0;
  const void* data = sp_result_output(result.get(), SP_OUT, &len);
  return std::string(static_cast<const char*>(data), len);
}

}  // namespace

int main() {
  const char* argv[] = {"echo", "hello from a child", nullptr};
  std::cout << output_of(argv);
  argv[0] = "/nonexistent/program";
  try {
    output_of(argv);
  } catch (const std::runtime_error&) {
    return 0;
  }
  return 3;
}
