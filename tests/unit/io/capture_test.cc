// SPDX-License-Identifier: MIT
//
// Capture: what is kept, what is only counted, and who may stop it.
#include "io/capture.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "check.h"
#include "io_tests.h"
#include "os/descriptor.h"

namespace {

using sp::io::Capture;
using sp::io::ReadEnd;
using sp::os::PipeEnds;

constexpr int kErrorStream = 2;

class Pipe {
 public:
  Pipe() {
    CHECK_EQUAL(sp::os::make_pipe(ends_), 0);
    sp::os::set_blocking(reader(), false);
  }
  void write(const std::string& text) {
    CHECK_EQUAL(::write(ends_.writer.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_writer() { ends_.writer.reset(); }
  [[nodiscard]] int reader() const { return ends_.reader.get(); }

 private:
  PipeEnds ends_;
};

class Listener final : public sp::io::OutputObserver {
 public:
  bool output(int stream, const char* data, size_t size) override {
    streams.push_back(stream);
    heard.append(data, size);
    return heard.size() < patience;
  }
  std::vector<int> streams;
  std::string heard;
  size_t patience = SIZE_MAX;
};

std::string text_of(Capture& capture) { return {capture.bytes().data(), capture.bytes().size()}; }

void every_end_is_told() {
  Pipe pipe;
  Capture capture(1);
  CHECK(capture.read_from(pipe.reader(), nullptr) == ReadEnd::would_block);
  pipe.write("abc");
  CHECK(capture.read_from(pipe.reader(), nullptr) == ReadEnd::more);
  pipe.close_writer();
  CHECK(capture.read_from(pipe.reader(), nullptr) == ReadEnd::end_of_file);
  CHECK_EQUAL(text_of(capture), "abc");
  CHECK(capture.read_from(-1, nullptr) == ReadEnd::failed);
  CHECK_EQUAL(capture.sys_errno(), EBADF);
  CHECK_EQUAL(capture.dropped(), 0U);
}

void a_cap_keeps_the_beginning_and_counts_the_rest() {
  for (const size_t cap : {size_t{1}, size_t{5}, size_t{6}, size_t{7}, size_t{12}, size_t{100}}) {
    Pipe pipe;
    Capture capture(1);
    capture.configure(cap, false);
    for (int i = 0; i < 2; ++i) {
      pipe.write("abcdef");
      CHECK(capture.read_from(pipe.reader(), nullptr) == ReadEnd::more);
    }
    const std::string all = "abcdefabcdef";
    CHECK_EQUAL(text_of(capture), all.substr(0, cap));
    CHECK_EQUAL(capture.dropped(), all.size() - text_of(capture).size());
  }
}

// Much more than a read takes at once, so that the capped tail is written again and again.
void a_cap_bounds_the_memory() {
  Pipe pipe;
  Capture capture(1);
  capture.configure(1000, false);
  uint64_t total = 0;
  for (int i = 0; i < 40; ++i) {
    pipe.write(std::string(50'000, static_cast<char>('a' + i % 26)));
    total += 50'000;
    while (capture.read_from(pipe.reader(), nullptr) == ReadEnd::more) {
    }
  }
  CHECK_EQUAL(text_of(capture), std::string(1000, 'a'));
  CHECK_EQUAL(capture.dropped(), total - 1000);
  CHECK(capture.bytes().room() < 256 * 1024);
}

void without_a_cap_all_is_kept() {
  Pipe pipe;
  Capture capture(1);
  capture.configure(0, true);
  std::string all;
  for (int i = 0; i < 40; ++i) {
    const std::string part(static_cast<size_t>(30'000 + 13 * i), static_cast<char>('a' + i % 26));
    pipe.write(part);
    all += part;
    while (capture.read_from(pipe.reader(), nullptr) == ReadEnd::more) {
    }
  }
  CHECK(text_of(capture) == all);
  CHECK_EQUAL(capture.dropped(), 0U);
}

void only_a_pipe_that_carries_much_is_enlarged() {
  for (const bool resize : {false, true}) {
    Pipe pipe;
    Capture capture(1);
    capture.configure(0, resize);
    const int before = ::fcntl(pipe.reader(), F_GETPIPE_SZ);
    pipe.write("little");
    CHECK(capture.read_from(pipe.reader(), nullptr) == ReadEnd::more);
    CHECK_EQUAL(::fcntl(pipe.reader(), F_GETPIPE_SZ), before);
    for (int i = 0; i < 10; ++i) {
      pipe.write(std::string(40'000, 'x'));
      while (capture.read_from(pipe.reader(), nullptr) == ReadEnd::more) {
      }
    }
    CHECK_EQUAL(::fcntl(pipe.reader(), F_GETPIPE_SZ) > before, resize);
  }
}

void the_observer_sees_all_and_may_stop() {
  Pipe pipe;
  Capture capture(kErrorStream);
  capture.configure(2, false);
  Listener listener;
  listener.patience = 6;
  pipe.write("abc");
  CHECK(capture.read_from(pipe.reader(), &listener) == ReadEnd::more);
  pipe.write("def");
  CHECK(capture.read_from(pipe.reader(), &listener) == ReadEnd::stopped);
  CHECK_EQUAL(listener.heard, "abcdef");
  CHECK(listener.streams == (std::vector<int>{kErrorStream, kErrorStream}));
  // What it stopped at was read, and so is kept or counted.
  CHECK_EQUAL(text_of(capture), "ab");
  CHECK_EQUAL(capture.dropped(), 4U);
}

void what_was_read_ahead_comes_first_and_counts() {
  Pipe pipe;
  Capture capture(1);
  capture.configure(5, false);
  CHECK(capture.prepend("abc", 3));
  pipe.write("defg");
  CHECK(capture.read_from(pipe.reader(), nullptr) == ReadEnd::more);
  CHECK_EQUAL(text_of(capture), "abcde");
  CHECK_EQUAL(capture.dropped(), 2U);
  Capture small(1);
  small.configure(2, false);
  CHECK(small.prepend("abc", 3));
  CHECK_EQUAL(text_of(small), "ab");
  CHECK_EQUAL(small.dropped(), 1U);
}

}  // namespace

int capture_tests() {
  const CMUnitTest tests[] = {
      TEST(every_end_is_told),
      TEST(a_cap_keeps_the_beginning_and_counts_the_rest),
      TEST(a_cap_bounds_the_memory),
      TEST(without_a_cap_all_is_kept),
      TEST(only_a_pipe_that_carries_much_is_enlarged),
      TEST(the_observer_sees_all_and_may_stop),
      TEST(what_was_read_ahead_comes_first_and_counts),
  };
  return cmocka_run_group_tests_name("capture", tests, nullptr, nullptr);
}
