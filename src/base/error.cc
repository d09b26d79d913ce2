// SPDX-License-Identifier: MIT
#include "base/error.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace sp {
namespace {

// strerror_r has two shapes: GNU returns the text, POSIX fills the buffer.
[[maybe_unused]] const char* text_of(const char* text, const char* /*buffer*/) { return text; }
[[maybe_unused]] const char* text_of(int status, const char* buffer) { return status == 0 ? buffer : "unknown error"; }

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// How many bytes the UTF-8 character has that begins with `lead`.
size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0U) return 1;
  if (byte < 0xE0U) return 2;
  return byte < 0xF0U ? 3 : 4;
}

// A cut must not leave half a UTF-8 character.
void trim_partial_character(char* text, size_t size) {
  const size_t length = std::strlen(text);
  if (length + 1 < size) return;
  size_t start = length;
  do --start;
  while (start > 0 && is_continuation(text[start]));
  if (start + character_size(text[start]) > length) text[start] = '\0';
}

void print_message(Error& error, const char* format, std::va_list arguments) {
  std::vsnprintf(error.message, sizeof error.message, format, arguments);
  trim_partial_character(error.message, sizeof error.message);
}

}  // namespace

void Error::set_path(const char* text) {
  const size_t length = std::strlen(text);
  const char* from = length < sizeof path ? text : text + (length - sizeof path + 1);
  while (from != text && is_continuation(*from)) ++from;
  std::memcpy(path, from, std::strlen(from) + 1);
}

void Error::set_message(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  print_message(*this, format, arguments);
  va_end(arguments);
}

Error make_error(Code code, Step step, const char* format, ...) {
  Error error;
  error.code = code;
  error.step = step;
  std::va_list arguments;
  va_start(arguments, format);
  print_message(error, format, arguments);
  va_end(arguments);
  return error;
}

Error invalid(const char* format, ...) {
  Error error;
  error.code = Code::invalid;
  std::va_list arguments;
  va_start(arguments, format);
  print_message(error, format, arguments);
  va_end(arguments);
  return error;
}

Error system_error(Step step, int sys_errno, const char* path, const char* format, ...) {
  Error error;
  error.code = code_of(sys_errno);
  error.step = step;
  error.sys_errno = sys_errno;
  error.set_path(path);
  std::va_list arguments;
  va_start(arguments, format);
  print_message(error, format, arguments);
  va_end(arguments);
  char buffer[128];
  const size_t used = std::strlen(error.message);
  std::snprintf(error.message + used, sizeof error.message - used, ": %s",
                errno_text(sys_errno, buffer, sizeof buffer));
  trim_partial_character(error.message, sizeof error.message);
  return error;
}

Error out_of_memory() {
  Error error = make_error(Code::no_memory, Step::call, "out of memory");
  error.sys_errno = ENOMEM;
  return error;
}

int clipped(const char* text, int most) {
  const auto room = static_cast<size_t>(most);
  const size_t length = strnlen(text, room + 1);
  if (length <= room) return static_cast<int>(length);
  size_t end = room;
  while (end > 0 && is_continuation(text[end])) --end;
  return static_cast<int>(end);
}

Code code_of(int sys_errno) {
  switch (sys_errno) {
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EACCES:
    case EPERM:
      return Code::access;
    case ENOMEM:
      return Code::no_memory;
    default:
      return Code::system;
  }
}

const char* errno_text(int sys_errno, char* buffer, size_t size) {
  return text_of(strerror_r(sys_errno, buffer, size), buffer);
}

}  // namespace sp
