// SPDX-License-Identifier: MIT
//
// cmocka leaves a failed test by longjmp, which must not jump over C++ objects. So a check throws, and only the frame
// that cmocka called, which holds no object, fails the test.
#pragma once

#include <cstdio>
#include <libsubprocess/sp.hpp>
#include <sstream>
#include <string>
#include <typeinfo>

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

// What `body` throws, which must be an Exception, and of no class derived from it.
template <class Exception, class Body>
Exception thrown(const Body& body, const char* text, const char* file, int line) {
  const std::string place = std::string(file) + ':' + std::to_string(line) + ": " + text;
  try {
    body();
  } catch (const Exception& exception) {
    if (typeid(exception) != typeid(Exception)) throw Failure{place + ": another class was thrown"};
    return exception;
  } catch (const std::exception& exception) {
    throw Failure{place + ": another class was thrown: " + exception.what()};
  }
  throw Failure{place + ": nothing was thrown"};
}

// Writes the failure of `body` to `text`; false if there was one.
inline bool passes(void (*body)(), char* text, size_t size) {
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

}  // namespace check

#define CHECK(condition) check::equal(static_cast<bool>(condition), true, #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(left, right) check::equal((left), (right), #left, __FILE__, __LINE__)
#define CHECK_THROWS(Exception, statement) check::thrown<Exception>([&] { statement; }, #statement, __FILE__, __LINE__)

#define TEST(function) \
  { #function, check::test < function>, nullptr, nullptr, nullptr }
