// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <cstring>
#include <string>

#include "abi/guard.h"
#include "core/orphans.h"
#include "core/shell_words.h"
#include "core/which.h"
#include "io/loop.h"
#include "io/wake.h"

using namespace sp;

namespace {

template <typename T>
T* allocate(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

char* copy_text(const std::string& text) {
  char* copy = allocate<char>(text.size() + 1);
  std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

// One block: the pointers, then the characters.
char** copy_words(const std::vector<std::string>& words) {
  const size_t table = (words.size() + 1) * sizeof(char*);
  size_t size = table;
  for (const std::string& word : words) size += word.size() + 1;
  char** argv = allocate<char*>(size);
  char* text = reinterpret_cast<char*>(argv) + table;
  char** entry = argv;
  for (const std::string& word : words) {
    std::memcpy(text, word.c_str(), word.size() + 1);
    *entry++ = text;
    text += word.size() + 1;
  }
  *entry = nullptr;
  return argv;
}

void release_caches() {
  const abi::NoThreadCancel no_cancel;
  io::release_loops();
  io::release_wakers();
  core::sweep_orphans(core::kSweepAll);
}

// Unloading the library, or ending the host, leaves nothing of it open.
__attribute__((destructor)) void release_at_unload() { release_caches(); }

}  // namespace

extern "C" {

int sp_quote(const char* const argv[], char** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    if (argv == nullptr) return abi::fail(invalid("argv is NULL"), err);
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    *ret = copy_text(core::quote(argv));
    return abi::kOk;
  });
}

int sp_split(const char* line, char*** ret_argv, sp_error* err) {
  return abi::guarded(err, [&] {
    if (line == nullptr) return abi::fail(invalid("line is NULL"), err);
    if (ret_argv == nullptr) return abi::fail(invalid("ret_argv is NULL"), err);
    const auto words = core::split(line);
    if (!words) return abi::fail(invalid("line has an unfinished quotation or escape"), err);
    *ret_argv = copy_words(*words);
    return abi::kOk;
  });
}

int sp_which(const char* name, const char* path, char** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    if (name == nullptr || name[0] == '\0') return abi::fail(invalid("name is NULL or empty"), err);
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    const auto found = core::which(name, path);
    if (!found) return abi::fail(found.error(), err);
    *ret = copy_text(*found);
    return abi::kOk;
  });
}

void sp_release_caches(void) { release_caches(); }

uint32_t sp_version_number(void) { return SP_VERSION_NUMBER; }

}  // extern "C"
