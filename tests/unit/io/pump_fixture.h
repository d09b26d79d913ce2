// SPDX-License-Identifier: MIT
//
// A pump's owner with pipes in this process, and both pumps to try with it.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "check.h"
#include "io/loop.h"
#include "io/pump.h"
#include "os/descriptor.h"

class Owner final : public sp::io::PumpOwner {
 public:
  Owner();
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;

  bool output(int stream, const char* data, size_t size) override;
  void finished(int stream) override;
  bool all_exited() override;
  bool closing() override { return is_closing; }

  [[nodiscard]] std::string captured(int stream);
  // Writes to the pipe of an output stream, as a child does.
  void say(int stream, const std::string& text) const;

  sp::os::PipeEnds pipes[3];
  sp::io::Capture captures[2] = {sp::io::Capture(1), sp::io::Capture(2)};
  int finished_count[3] = {};
  int output_count = 0;
  int exit_questions = 0;
  std::function<bool()> on_output;
  bool exited = false;
  std::atomic<bool> is_closing{false};
};

enum Streams { kIn = 1, kOut = 2, kErr = 4 };

// A job that has the streams of `mask`; `input` must outlive it.
sp::io::PumpJob job_of(Owner& owner, int mask, const std::string& input = {});

// Runs `body` with the pump on a loop and with the one without.
using RunPump = sp::io::PumpResult (*)(sp::io::PumpJob& job);
sp::io::PumpResult run_on_loop(sp::io::PumpJob& job);
inline constexpr RunPump kPumps[] = {run_on_loop, sp::io::pump_by_poll};

bool is_blocking(int fd);
