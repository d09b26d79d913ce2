// SPDX-License-Identifier: MIT
//
// Both pumps: what is moved, and that nothing of it is lost, doubled or mixed.
#include "io/pump.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <thread>

#include "check.h"
#include "io_tests.h"
#include "pump_fixture.h"

namespace {

using sp::Deadline;
using sp::io::PumpEnd;
using sp::io::PumpJob;

std::string random_bytes(size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

void write_all(int fd, const char* from, size_t size) {
  while (size > 0) {
    const ssize_t count = ::write(fd, from, size);
    if (count <= 0) return;
    from += count;
    size -= static_cast<size_t>(count);
  }
}

// A child made of a thread: copies its input to its output in odd portions, and says `size` bytes on the error stream.
void play_child(Owner& owner, const std::string& errors, unsigned seed) {
  std::mt19937 random(seed);
  char buffer[8192];
  size_t said = 0;
  for (;;) {
    const ssize_t count = ::read(owner.pipes[0].reader.get(), buffer, 1 + random() % sizeof buffer);
    if (count <= 0) break;
    write_all(owner.pipes[1].writer.get(), buffer, static_cast<size_t>(count));
    const size_t part = std::min(errors.size() - said, size_t{random() % 4096});
    write_all(owner.pipes[2].writer.get(), errors.data() + said, part);
    said += part;
  }
  write_all(owner.pipes[2].writer.get(), errors.data() + said, errors.size() - said);
  owner.pipes[1].writer.reset();
  owner.pipes[2].writer.reset();
}

void bytes_go_all_ways_at_once() {
  for (const RunPump run : kPumps) {
    for (unsigned seed = 0; seed < 4; ++seed) {
      Owner owner;
      const std::string input = random_bytes(300'000 + 77'777 * seed, seed);
      const std::string errors = random_bytes(200'000, seed + 100);
      std::thread child([&] { play_child(owner, errors, seed); });
      PumpJob job = job_of(owner, kIn | kOut | kErr, input);
      const sp::io::PumpResult result = run(job);
      child.join();
      CHECK(result.end == PumpEnd::finished);
      CHECK(job.done());
      CHECK(owner.captured(1) == input);
      CHECK(owner.captured(2) == errors);
      for (const int count : owner.finished_count) CHECK_EQUAL(count, 1);
    }
  }
}

void nothing_to_do_is_finished() {
  for (const RunPump run : kPumps) {
    Owner owner;
    PumpJob job = job_of(owner, 0);
    CHECK(run(job).end == PumpEnd::finished);
  }
}

void empty_input_closes_the_pipe() {
  for (const RunPump run : kPumps) {
    Owner owner;
    PumpJob job = job_of(owner, kIn);
    CHECK(run(job).end == PumpEnd::finished);
    CHECK_EQUAL(owner.finished_count[0], 1);
    char byte = 0;
    CHECK_EQUAL(::read(owner.pipes[0].reader.get(), &byte, 1), 0);
  }
}

// Python's communicate() says so too.
void input_that_nobody_reads_is_no_failure() {
  ::signal(SIGPIPE, SIG_DFL);
  for (const RunPump run : kPumps) {
    Owner owner;
    owner.pipes[0].reader.reset();
    owner.say(1, "abc");
    owner.pipes[1].writer.reset();
    const std::string input(100'000, 'x');
    PumpJob job = job_of(owner, kIn | kOut, input);
    CHECK(run(job).end == PumpEnd::finished);
    CHECK_EQUAL(owner.captured(1), "abc");
    CHECK_EQUAL(owner.finished_count[0], 1);
  }
}

std::string drain(int fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t count = 0; (count = sp::os::read_some(fd, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<size_t>(count));
  return all;
}

// A full pipe in one direction, a trickle in the other, and limits that cut both short again and again.
void a_job_cut_short_goes_on() {
  for (const RunPump run : kPumps) {
    Owner owner;
    const std::string input = random_bytes(400'000, 3);
    const int child_in = owner.pipes[0].reader.get();
    sp::os::set_blocking(child_in, false);
    PumpJob job = job_of(owner, kIn | kOut, input);
    std::string received;
    std::string said;
    int rounds = 0;
    while (job.outlet.fd >= 0) {
      owner.say(1, "part;");
      said += "part;";
      job.deadline = Deadline::after(2);
      const PumpEnd end = run(job).end;
      CHECK(end == PumpEnd::timed_out);
      CHECK_EQUAL(owner.captured(1), said);
      CHECK(is_blocking(job.inlets[0].fd));
      if (job.outlet.fd >= 0) CHECK(is_blocking(job.outlet.fd));
      received += drain(child_in);
      ++rounds;
    }
    CHECK(rounds > 2);
    CHECK(received == input);
    owner.pipes[1].writer.reset();
    job.deadline = Deadline::never();
    CHECK(run(job).end == PumpEnd::finished);
    CHECK_EQUAL(owner.captured(1), said);
  }
}

void the_pump_of_one_pipe_reads_to_the_end() {
  Owner owner;
  const std::string all = random_bytes(300'000, 9);
  std::thread child([&] {
    write_all(owner.pipes[2].writer.get(), all.data(), all.size());
    owner.pipes[2].writer.reset();
  });
  PumpJob job = job_of(owner, kErr);
  CHECK(sp::io::pump_to_end(job).end == PumpEnd::finished);
  child.join();
  CHECK(owner.captured(2) == all);
  CHECK_EQUAL(owner.finished_count[2], 1);
  CHECK(job.done());

  Owner stopping;
  stopping.on_output = [] { return false; };
  stopping.say(1, "abc");
  PumpJob stopped = job_of(stopping, kOut);
  CHECK(sp::io::pump_to_end(stopped).end == PumpEnd::stopped);
  CHECK_EQUAL(stopping.captured(1), "abc");
  CHECK(!stopped.done());
}

void the_rest_is_what_is_there() {
  check::in_child([] {
    Owner owner;
    owner.say(1, "left");
    owner.say(2, "over");
    owner.pipes[2].writer.reset();
    PumpJob job = job_of(owner, kOut | kErr);
    sp::io::pump_rest(job, &owner);
    CHECK_EQUAL(owner.captured(1), "left");
    CHECK_EQUAL(owner.captured(2), "over");
    CHECK_EQUAL(owner.output_count, 2);
    CHECK(job.inlets[0].fd >= 0);
    CHECK(is_blocking(job.inlets[0].fd));
    CHECK_EQUAL(job.inlets[1].fd, -1);
    CHECK_EQUAL(owner.finished_count[1], 0);
    CHECK_EQUAL(owner.finished_count[2], 1);
  });
}

}  // namespace

int pump_tests() {
  const CMUnitTest tests[] = {
      TEST(bytes_go_all_ways_at_once),   TEST(nothing_to_do_is_finished),
      TEST(empty_input_closes_the_pipe), TEST(input_that_nobody_reads_is_no_failure),
      TEST(a_job_cut_short_goes_on),     TEST(the_pump_of_one_pipe_reads_to_the_end),
      TEST(the_rest_is_what_is_there),
  };
  return cmocka_run_group_tests_name("pump", tests, nullptr, nullptr);
}
