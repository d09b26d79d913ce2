// SPDX-License-Identifier: MIT
//
// Orphans: asked in turn, so many at a time, and reaped once they have ended.
#include "core/orphans.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include "check.h"
#include "core_tests.h"

namespace {

using sp::core::Orphan;
using sp::core::sweep_orphans;

// A child that waits for a signal, given into the library's care.
pid_t abandon_child() {
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid == 0)
    for (;;) ::pause();
  auto orphan = std::make_unique<Orphan>();
  orphan->pid = pid;
  sp::core::adopt_orphan(std::move(orphan));
  return pid;
}

// Returns once it has ended; it is a zombie then.
void end(pid_t pid) {
  CHECK_EQUAL(::kill(pid, SIGKILL), 0);
  siginfo_t info = {};
  CHECK_EQUAL(::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT), 0);
}

// Whether nobody has reaped it so far.
bool is_ours(pid_t pid) { return ::kill(pid, 0) == 0; }

std::vector<pid_t> abandon_children(int count) {
  std::vector<pid_t> pids;
  for (int i = 0; i < count; ++i) pids.push_back(abandon_child());
  return pids;
}

void end_all(const std::vector<pid_t>& pids) {
  for (const pid_t pid : pids)
    if (is_ours(pid)) end(pid);
  sweep_orphans(sp::core::kSweepAll);
  for (const pid_t pid : pids) CHECK(!is_ours(pid));
}

void the_ended_are_reaped_and_the_others_kept() {
  check::in_child([] {
    const std::vector<pid_t> pids = abandon_children(4);
    end(pids[1]);
    end(pids[2]);
    sweep_orphans(sp::core::kSweepAll);
    CHECK(is_ours(pids[0]) && !is_ours(pids[1]) && !is_ours(pids[2]) && is_ours(pids[3]));
    sweep_orphans(sp::core::kSweepAll);
    CHECK(is_ours(pids[0]) && is_ours(pids[3]));
    end_all(pids);
    CHECK_EQUAL(::waitpid(-1, nullptr, WNOHANG), -1);
    CHECK_EQUAL(errno, ECHILD);
  });
}

void a_sweep_asks_so_many_and_goes_on_where_it_was() {
  check::in_child([] {
    const std::vector<pid_t> pids = abandon_children(5);
    sweep_orphans(2);  // 0 and 1 run and go to the end: 2 3 4 0 1
    for (const pid_t pid : pids) end(pid);
    sweep_orphans(2);
    CHECK(is_ours(pids[0]) && is_ours(pids[1]) && !is_ours(pids[2]) && !is_ours(pids[3]) && is_ours(pids[4]));
    sweep_orphans(0);
    CHECK(is_ours(pids[4]));
    sweep_orphans(2);
    CHECK(!is_ours(pids[0]) && is_ours(pids[1]) && !is_ours(pids[4]));
    sweep_orphans(1);
    CHECK(!is_ours(pids[1]));
    sweep_orphans(8);  // nobody left
    end_all(abandon_children(1));
  });
}

void somebody_elses_waitpid_does_not_matter() {
  check::in_child([] {
    const pid_t pid = abandon_child();
    end(pid);
    CHECK_EQUAL(::waitpid(pid, nullptr, 0), pid);
    sweep_orphans(sp::core::kSweepAll);
    end_all(abandon_children(2));
  });
}

// The orphans of a parent are no children of the forked child, whose sweeps ask its own alone.
void a_forked_child_has_its_own_queue() {
  const pid_t parents = abandon_child();
  check::in_child([] {
    const pid_t pid = abandon_child();
    end(pid);
    sweep_orphans(1);
    CHECK(!is_ours(pid));
  });
  end(parents);
  CHECK(is_ours(parents));
  sweep_orphans(sp::core::kSweepAll);
  CHECK(!is_ours(parents));
}

}  // namespace

int orphans_tests() {
  const CMUnitTest tests[] = {
      TEST(the_ended_are_reaped_and_the_others_kept),
      TEST(a_sweep_asks_so_many_and_goes_on_where_it_was),
      TEST(somebody_elses_waitpid_does_not_matter),
      TEST(a_forked_child_has_its_own_queue),
  };
  return cmocka_run_group_tests_name("orphans", tests, nullptr, nullptr);
}
