// SPDX-License-Identifier: MIT
//
// fork_epoch(): another number in a copy of the process, the same in a child that only borrows its memory.
#include "os/fork_epoch.h"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "check.h"
#include "os_tests.h"

namespace {

using sp::os::fork_epoch;

constexpr int kThreads = 8;

std::vector<uint64_t> epochs_of_threads() {
  std::vector<uint64_t> epochs(kThreads);
  std::vector<std::thread> threads;
  for (uint64_t& epoch : epochs) threads.emplace_back([&epoch] { epoch = fork_epoch(); });
  for (std::thread& thread : threads) thread.join();
  return epochs;
}

// Must be the first call of all, made by many threads at once.
void the_first_callers_agree() {
  for (const uint64_t epoch : epochs_of_threads()) {
    CHECK(epoch != 0);
    CHECK_EQUAL(epoch, fork_epoch());
  }
}

void a_process_keeps_its_epoch() {
  const uint64_t epoch = fork_epoch();
  for (int i = 0; i < 100; ++i) CHECK_EQUAL(fork_epoch(), epoch);
}

void a_forked_child_differs() {
  const uint64_t mine = fork_epoch();
  check::in_child([mine] {
    const uint64_t childs = fork_epoch();
    CHECK(childs != mine);
    CHECK_EQUAL(fork_epoch(), childs);
    check::in_child([mine, childs] {
      CHECK(fork_epoch() != mine);
      CHECK(fork_epoch() != childs);
    });
    CHECK_EQUAL(fork_epoch(), childs);
  });
  CHECK_EQUAL(fork_epoch(), mine);
}

// A child that never asked must not hide the generation between.
void a_grandchild_of_a_silent_child_differs() {
  const uint64_t mine = fork_epoch();
  check::in_child([mine] { check::in_child([mine] { CHECK(fork_epoch() != mine); }); });
}

void the_threads_of_a_child_agree() {
  const uint64_t mine = fork_epoch();
  for (int round = 0; round < 20; ++round) {
    check::in_child([mine] {
      const std::vector<uint64_t> epochs = epochs_of_threads();
      for (const uint64_t epoch : epochs) CHECK_EQUAL(epoch, epochs.front());
      CHECK(epochs.front() != mine);
    });
  }
}

struct Borrower {
  uint64_t epoch = 0;
  volatile bool ran = false;
};

int borrow(void* argument) {
  auto* borrower = static_cast<Borrower*>(argument);
  borrower->epoch = fork_epoch();
  borrower->ran = true;
  return 0;
}

void a_borrowed_memory_keeps_its_epoch() {
  const uint64_t mine = fork_epoch();
  static unsigned char stack[256 * 1024] __attribute__((aligned(64)));
  Borrower borrower;
  const int pid = ::clone(borrow, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &borrower);
  CHECK(pid > 0);
  CHECK_EQUAL(::waitpid(pid, nullptr, 0), pid);
  if (!borrower.ran) return;  // an emulator copied the memory instead of sharing it
  CHECK_EQUAL(borrower.epoch, mine);
  CHECK_EQUAL(fork_epoch(), mine);
}

}  // namespace

int fork_epoch_tests() {
  const CMUnitTest tests[] = {
      TEST(the_first_callers_agree),      TEST(a_process_keeps_its_epoch),
      TEST(a_forked_child_differs),       TEST(a_grandchild_of_a_silent_child_differs),
      TEST(the_threads_of_a_child_agree), TEST(a_borrowed_memory_keeps_its_epoch),
  };
  return cmocka_run_group_tests_name("fork_epoch", tests, nullptr, nullptr);
}
