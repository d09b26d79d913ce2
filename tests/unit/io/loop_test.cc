// SPDX-License-Identifier: MIT
//
// Loop and LoopLease: kept for the next call, never on 0, 1 or 2, and given up once the host has closed them.
#include "io/loop.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <thread>
#include <vector>

#include "check.h"
#include "io_tests.h"
#include "os/descriptor.h"

namespace {

using sp::io::Loop;
using sp::io::LoopLease;

std::set<int> open_descriptors() {
  std::set<int> numbers;
  for (int fd = 0; fd < 256; ++fd)
    if (sp::os::is_open(fd)) numbers.insert(fd);
  return numbers;
}

Loop* leased_address() {
  auto lease = LoopLease::acquire();
  CHECK(lease);
  return &**lease;
}

void a_lease_is_put_back() {
  Loop* first = leased_address();
  const std::set<int> before = open_descriptors();
  for (int i = 0; i < 20; ++i) CHECK(leased_address() == first);
  CHECK(open_descriptors() == before);
}

void two_leases_are_two_loops() {
  auto one = LoopLease::acquire();
  auto other = LoopLease::acquire();
  CHECK(one && other);
  CHECK(&**one != &**other);
}

void at_most_four_are_kept() {
  check::in_child([] {
    sp::io::release_loops();
    static_cast<void>(leased_address());  // makes what libuv keeps for ever
    sp::io::release_loops();
    const std::set<int> none = open_descriptors();
    {
      std::vector<LoopLease> leases;
      for (int i = 0; i < 7; ++i) {
        auto lease = LoopLease::acquire();
        CHECK(lease);
        leases.push_back(std::move(*lease));
      }
      CHECK(open_descriptors().size() >= none.size() + 7);
    }
    const size_t kept = open_descriptors().size() - none.size();
    CHECK(kept >= 4 && kept <= 4 * 5);
    sp::io::release_loops();
    CHECK(open_descriptors() == none);
  });
}

void nothing_lands_below_three() {
  for (int mask = 1; mask < 8; ++mask) {
    check::in_child([mask] {
      for (int fd = 0; fd < 3; ++fd)
        if ((mask & (1 << fd)) != 0) ::close(fd);
      const std::set<int> before = open_descriptors();
      for (int round = 0; round < 2; ++round) {
        {
          auto lease = LoopLease::acquire();
          CHECK(lease);
          CHECK(uv_backend_fd((*lease)->get()) > 2);
          for (int fd = 0; fd < 3; ++fd) CHECK_EQUAL(sp::os::is_open(fd), (mask & (1 << fd)) == 0);
          for (const int fd : open_descriptors())
            if (before.count(fd) == 0) CHECK_EQUAL(::fcntl(fd, F_GETFD), FD_CLOEXEC);
        }
        sp::io::release_loops();
      }
    });
  }
}

// As a daemon does that closes everything it does not know.
void a_closed_loop_is_given_up() {
  check::in_child([] {
    static_cast<void>(leased_address());
    for (int fd = 3; fd < 100; ++fd) ::close(fd);
    {
      auto lease = LoopLease::acquire();
      CHECK(lease);
      CHECK((*lease)->intact());
      (*lease)->wake();
      uv_run((*lease)->get(), UV_RUN_ONCE);
    }
    sp::io::release_loops();
  });
}

void a_closed_loop_closes_nothing_of_the_hosts() {
  check::in_child([] {
    Loop loop;
    CHECK_EQUAL(loop.open(), 0);
    CHECK(loop.intact());
    for (int fd = 3; fd < 100; ++fd) ::close(fd);
    CHECK(!loop.intact());
    std::vector<int> hosts;
    for (int i = 0; i < 20; ++i) hosts.push_back(::dup(1));
    CHECK(!loop.intact());
    {
      Loop gone;
      CHECK_EQUAL(gone.open(), 0);
      for (int fd = hosts.back() + 1; fd < 100; ++fd) ::close(fd);
      CHECK(!gone.intact());
    }
    for (const int fd : hosts) CHECK(sp::os::is_open(fd));
  });
}

void a_wake_ends_a_wait() {
  Loop loop;
  CHECK_EQUAL(loop.open(), 0);
  std::thread waker([&loop] { loop.wake(); });
  uv_run(loop.get(), UV_RUN_ONCE);  // returns only when woken: nothing else is on it
  waker.join();
}

// libuv would abort half-way.
void too_few_descriptors_are_an_error() {
  for (rlim_t limit = 0; limit < 16; ++limit) {
    check::in_child([limit] {
      for (int fd = 3; fd < 100; ++fd) ::close(fd);
      rlimit open_files = {};
      ::getrlimit(RLIMIT_NOFILE, &open_files);
      open_files.rlim_cur = limit;
      CHECK_EQUAL(::setrlimit(RLIMIT_NOFILE, &open_files), 0);
      const std::set<int> before = open_descriptors();
      Loop loop;
      const int error = loop.open();
      CHECK(error == 0 || error == EMFILE);
      if (limit < 3) CHECK_EQUAL(error, EMFILE);
      if (limit >= 15) CHECK_EQUAL(error, 0);
      if (error != 0) CHECK(open_descriptors() == before);
    });
  }
}

void a_forked_child_has_its_own() {
  Loop* parents = leased_address();
  check::in_child([parents] { CHECK(leased_address() != parents); });
  CHECK(leased_address() == parents);
}

}  // namespace

int loop_tests() {
  const CMUnitTest tests[] = {
      TEST(a_lease_is_put_back),        TEST(two_leases_are_two_loops),
      TEST(at_most_four_are_kept),      TEST(nothing_lands_below_three),
      TEST(a_closed_loop_is_given_up),  TEST(a_closed_loop_closes_nothing_of_the_hosts),
      TEST(a_wake_ends_a_wait),         TEST(too_few_descriptors_are_an_error),
      TEST(a_forked_child_has_its_own),
  };
  return cmocka_run_group_tests_name("loop", tests, nullptr, nullptr);
}
