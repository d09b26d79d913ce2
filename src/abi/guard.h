// SPDX-License-Identifier: MIT
#pragma once

#include <libsubprocess/sp.h>
#include <pthread.h>

#include <new>
#include <stdexcept>

#include "base/error.h"

namespace sp::abi {

inline constexpr int kOk = SP_OK;  // as the int that the functions return

// Writes a failure into the caller's struct, if there is one.
void report(const Error& error, sp_error* into);

inline int fail(const Error& error, sp_error* into) {
  report(error, into);
  return static_cast<int>(error.code);
}

inline bool has_valid_size(const sp_error* err) { return err == nullptr || err->size == sizeof(sp_error); }

// A thread that is cancelled in the middle would unwind through our frames with the host's unwinder and leave children
// and descriptors behind. sp_cancel is the way to end a call.
class NoThreadCancel {
 public:
  NoThreadCancel() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  ~NoThreadCancel() { pthread_setcancelstate(before_, nullptr); }
  NoThreadCancel(const NoThreadCancel&) = delete;
  NoThreadCancel& operator=(const NoThreadCancel&) = delete;

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

// Runs the body of a function of the C API. Nothing inside throws but the memory allocator, and this is the only place
// that catches it.
template <typename Body>
auto guarded(sp_error* err, Body body) -> decltype(body()) {
  using Number = decltype(body());
  if (!has_valid_size(err)) return static_cast<Number>(SP_EABI);
  const NoThreadCancel no_cancel;
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return static_cast<Number>(fail(out_of_memory(), err));
  } catch (const std::length_error&) {  // a container that would have to be larger than memory
    return static_cast<Number>(fail(out_of_memory(), err));
  }
}

}  // namespace sp::abi
