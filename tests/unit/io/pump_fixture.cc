// SPDX-License-Identifier: MIT
#include "pump_fixture.h"

#include <fcntl.h>
#include <unistd.h>

Owner::Owner() {
  for (sp::os::PipeEnds& ends : pipes) CHECK_EQUAL(sp::os::make_pipe(ends), 0);
}

bool Owner::output(int /*stream*/, const char* /*data*/, size_t /*size*/) {
  ++output_count;
  return !on_output || on_output();
}

void Owner::finished(int stream) {
  ++finished_count[stream];
  (stream == 0 ? pipes[stream].writer : pipes[stream].reader).reset();
}

bool Owner::all_exited() {
  ++exit_questions;
  return exited;
}

std::string Owner::captured(int stream) {
  const sp::Bytes& bytes = captures[stream - 1].bytes();
  return bytes.empty() ? std::string() : std::string(bytes.data(), bytes.size());
}

void Owner::say(int stream, const std::string& text) const {
  CHECK_EQUAL(::write(pipes[stream].writer.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

sp::io::PumpJob job_of(Owner& owner, int mask, const std::string& input) {
  sp::io::PumpJob job;
  job.owner = &owner;
  if ((mask & kIn) != 0) job.outlet = {owner.pipes[0].writer.get(), input.data(), input.size()};
  if ((mask & kOut) != 0) job.inlets[0] = {owner.pipes[1].reader.get(), &owner.captures[0]};
  if ((mask & kErr) != 0) job.inlets[1] = {owner.pipes[2].reader.get(), &owner.captures[1]};
  return job;
}

sp::io::PumpResult run_on_loop(sp::io::PumpJob& job) {
  auto lease = sp::io::LoopLease::acquire();
  CHECK(lease);
  return sp::io::pump_on_loop(**lease, job);
}

bool is_blocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }
