// SPDX-License-Identifier: MIT
//
// PerProcess: a forked child starts anew, even if its parent was in the middle of something.
#include "os/per_process.h"

#include <mutex>
#include <thread>
#include <vector>

#include "check.h"
#include "os_tests.h"

namespace {

using sp::os::PerProcess;

struct Ledger {
  std::mutex mutex;
  int entries = 0;
};

PerProcess<Ledger> ledger;
PerProcess<Ledger> untouched;

void one_process_has_one_value() {
  Ledger& mine = ledger.get();
  mine.entries = 5;
  CHECK(&ledger.get() == &mine);
  CHECK_EQUAL(ledger.get().entries, 5);
}

void a_forked_child_has_its_own() {
  ledger.get().entries = 5;
  check::in_child([] {
    CHECK_EQUAL(ledger.get().entries, 0);
    ledger.get().entries = 6;
    CHECK_EQUAL(ledger.get().entries, 6);
    check::in_child([] { CHECK_EQUAL(ledger.get().entries, 0); });
    CHECK_EQUAL(ledger.get().entries, 6);
  });
  CHECK_EQUAL(ledger.get().entries, 5);
}

void a_lock_held_at_the_fork_is_not_inherited() {
  const std::lock_guard<std::mutex> held(ledger.get().mutex);
  check::in_child([] {
    CHECK(ledger.get().mutex.try_lock());
    ledger.get().mutex.unlock();
  });
}

void a_value_first_used_in_the_child_is_new() {
  check::in_child([] {
    CHECK_EQUAL(untouched.get().entries, 0);
    untouched.get().entries = 1;
    CHECK_EQUAL(untouched.get().entries, 1);
  });
}

void racing_threads_get_the_same_one() {
  static_cast<void>(ledger.get());
  for (int round = 0; round < 20; ++round) {
    check::in_child([] {
      constexpr int kThreads = 8;
      std::vector<Ledger*> got(kThreads);
      std::vector<std::thread> threads;
      for (Ledger*& mine : got) {
        threads.emplace_back([&mine] {
          mine = &ledger.get();
          const std::lock_guard<std::mutex> lock(mine->mutex);
          ++mine->entries;
        });
      }
      for (std::thread& thread : threads) thread.join();
      for (const Ledger* one : got) CHECK(one == got.front());
      CHECK_EQUAL(ledger.get().entries, kThreads);
    });
  }
}

}  // namespace

int per_process_tests() {
  const CMUnitTest tests[] = {
      TEST(one_process_has_one_value),
      TEST(a_forked_child_has_its_own),
      TEST(a_lock_held_at_the_fork_is_not_inherited),
      TEST(a_value_first_used_in_the_child_is_new),
      TEST(racing_threads_get_the_same_one),
  };
  return cmocka_run_group_tests_name("per_process", tests, nullptr, nullptr);
}
