// SPDX-License-Identifier: MIT
//
// cmocka leaves a failed test by longjmp, which must not jump over C++ objects. So a check throws, and only the frame
// that cmocka called, which holds no object, fails the test.
#pragma once

#include <cstdio>
#include <exception>
#include <functional>
#include <sstream>
#include <string>

// Behind the standard headers, because it defines macros of common names.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>
}
// clang-format on

namespace check {

struct Failure {
  std::string text;
};

template <class Left, class Right>
void equal(const Left& left, const Right& right, const char* text, const char* file, int line) {
  if (left == right) return;
  std::ostringstream out;
  out << file << ':' << line << ": " << text << ": \"" << left << "\" is not \"" << right << '"';
  throw Failure{out.str()};
}

// Writes the failure of `body` to `text`; false if there was one.
template <class Body>
bool passes(const Body& body, char* text, size_t size) {
  try {
    body();
    return true;
  } catch (const Failure& failure) {
    std::snprintf(text, size, "%s", failure.text.c_str());
  } catch (const std::exception& exception) {
    std::snprintf(text, size, "unexpected exception: %s", exception.what());
  }
  return false;
}

template <void (*Body)()>
void test(void** /*state*/) {
  char text[512];
  if (!passes(Body, text, sizeof text)) {
    print_error("%s\n", text);
    fail();
  }
}

// Runs `body` in a forked process, which may close descriptors and change signals as it likes, and is killed by SIGALRM
// if it hangs. Its failure is the caller's.
void in_child(const std::function<void()>& body);

}  // namespace check

#define CHECK(condition) check::equal(static_cast<bool>(condition), true, #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(left, right) check::equal((left), (right), #left, __FILE__, __LINE__)

#define TEST(function) \
  { #function, check::test < function>, nullptr, nullptr, nullptr }
