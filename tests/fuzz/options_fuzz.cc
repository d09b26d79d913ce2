// SPDX-License-Identifier: MIT
//
// parse_options() on any sp_options whose pointers are good: it takes the options or names the field that is wrong, and
// reads nothing beyond what the struct says. Nothing is started.
#include <fuzzer/FuzzedDataProvider.h>
#include <libsubprocess/sp.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/cancel.h"
#include "core/options.h"
#include "require.h"

namespace {

using sp::Code;
using sp::core::Options;
using sp::core::Purpose;
using sp::core::StdioKind;

constexpr const char* kFields[] = {
    "options.size", "flags",     "std_in",       "std_out",       "std_err",    "executable", "cwd",
    "env",          "pass_fds",  "fd_map",       "input",         "timeout_ms", "drain_ms",   "kill_grace_ms",
    "max_output",   "pipe_size", "death_signal", "process_group", "user",       "group",      "uid",
    "gid",          "umask",     "reserved0",    "cancel",        "preexec",    "on_output"};
constexpr size_t kLargestHonestSize = 2048;
constexpr int kMostFields = 8;

sp_cancel* cancel_token() {
  static sp_cancel* token = [] {
    auto* made = new sp_cancel{std::make_shared<sp::core::CancelToken>()};
    REQUIRE(made->token->open() == 0);
    return made;
  }();
  return token;
}

int nothing_before_exec(void*) { return 0; }
int nothing_heard(void*, int, const void*, size_t) { return 0; }

// The memory behind the pointers: of the exact size, so that the sanitizer sees a step too far.
class Maker {
 public:
  Maker(const uint8_t* data, size_t size) : input_(data, size) {}

  // On the heap, `size` long but for a size that is a lie.
  const sp_options* make() {
    sp_options raw = {};
    raw.size = size();
    // A few fields a run: were all of them drawn, hardly any options would be good.
    for (int i = 0; i < kMostFields && input_.remaining_bytes() > 0; ++i) {
      if (often())
        set_number(raw);
      else
        set_pointer(raw);
    }
    const bool honest = raw.size <= kLargestHonestSize;
    const size_t room = honest ? std::max(raw.size, sizeof raw.size) : sizeof raw;
    memory_.reset(new unsigned char[room]());
    std::memcpy(memory_.get(), &raw, std::min(room, sizeof raw));
    if (room > sizeof raw && rarely()) memory_[input_.ConsumeIntegralInRange(sizeof raw, room - 1)] = 1;
    room_ = room;
    return reinterpret_cast<const sp_options*>(memory_.get());
  }
  [[nodiscard]] std::vector<unsigned char> copy() const { return {memory_.get(), memory_.get() + room_}; }

 private:
  bool often() { return input_.ConsumeBool(); }
  bool rarely() { return input_.ConsumeIntegralInRange(0, 7) == 7; }

  size_t size() {
    if (!rarely()) return sizeof(sp_options);
    return often() ? input_.ConsumeIntegralInRange<size_t>(0, kLargestHonestSize)
                   : input_.ConsumeIntegralInRange<size_t>(kLargestHonestSize * 2 + 1, SIZE_MAX);
  }

  template <typename Number>
  Number number() {
    static constexpr int64_t kEdges[] = {
        -2,         -1,        1,        2, 3, 64, 65, 0777, 01000, INT32_MAX, SP_TIMEOUT_MAX, SP_TIMEOUT_MAX + 1,
        UINT32_MAX, INT64_MIN, INT64_MAX};
    if (often()) return static_cast<Number>(kEdges[input_.ConsumeIntegralInRange<size_t>(0, std::size(kEdges) - 1)]);
    return input_.ConsumeIntegral<Number>();
  }

  const char* text() {
    const std::string drawn = input_.ConsumeRandomLengthString(20);
    const size_t length = std::strlen(drawn.c_str()) + 1;
    texts_.emplace_back(new char[length]);
    std::memcpy(texts_.back().get(), drawn.c_str(), length);
    return texts_.back().get();
  }

  template <typename Item>
  const Item* array(size_t& length) {
    length = 1;
    if (rarely()) return nullptr;  // a length without an array
    length = input_.ConsumeIntegralInRange<size_t>(0, 4);
    arrays_.emplace_back(new unsigned char[length * sizeof(Item)]);
    auto* items = reinterpret_cast<int32_t*>(arrays_.back().get());
    for (size_t i = 0; i < length * sizeof(Item) / sizeof(int32_t); ++i)
      items[i] = rarely() ? input_.ConsumeIntegral<int32_t>() : input_.ConsumeIntegralInRange(-1, 9);
    return reinterpret_cast<const Item*>(items);
  }

  const char* const* env() {
    const size_t length = input_.ConsumeIntegralInRange<size_t>(0, 4);
    env_.reset(new const char*[length + 1]);
    for (size_t i = 0; i < length; ++i) {
      env_[i] = often() ? text() : "K=V";
    }
    env_[length] = nullptr;
    return env_.get();
  }

  sp_stdio stdio() {
    sp_stdio stream = {};
    stream.kind = rarely() ? input_.ConsumeIntegral<int32_t>() : input_.ConsumeIntegralInRange<int32_t>(-1, 6);
    stream.flags = rarely() ? number<int32_t>() : 0;
    stream.handle = often() ? input_.ConsumeIntegralInRange<intptr_t>(0, 3) : number<intptr_t>();
    stream.path = often() ? "file" : text();
    return stream;
  }

  void set_number(sp_options& raw) {
    switch (input_.ConsumeIntegralInRange(0, 14)) {
      case 0:
      case 1:
      case 2:
        raw.flags |= uint64_t{1} << input_.ConsumeIntegralInRange(0, 20);
        break;
      case 3:
        raw.flags = input_.ConsumeIntegral<uint64_t>();
        break;
      case 4:
        raw.input_len = number<size_t>();
        break;
      case 5:
        raw.timeout_ms = number<int64_t>();
        break;
      case 6:
        raw.drain_ms = number<int64_t>();
        break;
      case 7:
        raw.kill_grace_ms = number<int64_t>();
        break;
      case 8:
        raw.pipe_size = number<int32_t>();
        break;
      case 9:
        raw.death_signal = number<int32_t>();
        break;
      case 10:
        raw.flags |= SP_JOIN_GROUP;
        raw.process_group = number<int64_t>();
        break;
      case 11:
        raw.uid = number<uint32_t>();
        break;
      case 12:
        raw.gid = number<uint32_t>();
        break;
      case 13:
        raw.umask = number<uint32_t>();
        break;
      default:
        raw.max_output = number<size_t>();
        raw.reserved0 = number<uint32_t>();
    }
  }

  void set_pointer(sp_options& raw) {
    const char** const texts[] = {&raw.executable, &raw.cwd, &raw.user, &raw.group};
    sp_stdio* const streams[] = {&raw.std_in, &raw.std_out, &raw.std_err};
    switch (input_.ConsumeIntegralInRange(0, 10)) {
      case 0:
        *texts[input_.ConsumeIntegralInRange<size_t>(0, 3)] = text();
        break;
      case 1:
      case 2:
        *streams[input_.ConsumeIntegralInRange<size_t>(0, 2)] = stdio();
        break;
      case 3:
        raw.env = env();
        break;
      case 4:
        raw.pass_fds = array<int32_t>(raw.pass_fds_len);
        break;
      case 5:
        raw.fd_map = array<sp_fd_map>(raw.fd_map_len);
        break;
      case 6:
        raw.groups = array<uint32_t>(raw.groups_len);
        break;
      case 7:
        raw.input = text();
        break;
      case 8:
        raw.cancel = cancel_token();
        break;
      case 9:
        raw.preexec = often() ? nothing_before_exec : nullptr;
        raw.preexec_arg = &raw.flags;
        break;
      default:
        raw.on_output = nothing_heard;
    }
  }

  FuzzedDataProvider input_;
  std::unique_ptr<unsigned char[]> memory_;
  size_t room_ = 0;
  std::vector<std::unique_ptr<char[]>> texts_;
  std::vector<std::unique_ptr<unsigned char[]>> arrays_;
  std::unique_ptr<const char*[]> env_;
};

bool names_field(const std::string& message) {
  return std::any_of(std::begin(kFields), std::end(kFields),
                     [&](const char* field) { return message.find(field) != std::string::npos; });
}

void check_refusal(const sp::Error& error) {
  REQUIRE(error.code == Code::invalid || error.code == Code::abi);
  REQUIRE(error.step == sp::Step::call);
  REQUIRE(names_field(error.message));
}

void check_limits(const Options& options) {
  REQUIRE(options.timeout_ms >= -1 && options.timeout_ms <= SP_TIMEOUT_MAX && options.timeout_ms != 0);
  REQUIRE(options.drain_ms >= 0 && options.drain_ms <= SP_TIMEOUT_MAX);
  REQUIRE(options.kill_grace_ms >= 0 && options.kill_grace_ms <= SP_TIMEOUT_MAX);
  REQUIRE(options.pipe_size >= 0);
  REQUIRE(options.death_signal >= 0 && options.death_signal <= 64);
  REQUIRE(options.umask <= 0777);
  REQUIRE(options.process_group >= 0 && (options.process_group > 0) == options.join_group);
  REQUIRE(!(options.set_uid && options.uid == UINT32_MAX) && !(options.set_gid && options.gid == UINT32_MAX));
  REQUIRE(options.group_count == 0 || (options.set_groups && options.groups != nullptr));
}

void check_streams(const Options& options, const sp_options& raw, Purpose purpose) {
  for (const sp::core::Stdio& stream : options.streams) {
    REQUIRE(stream.kind != StdioKind::file || (stream.path != nullptr && stream.path[0] != '\0'));
    REQUIRE(stream.kind != StdioKind::handle || stream.handle >= 0);
  }
  REQUIRE(options.streams[0].kind != StdioKind::standard_output);
  REQUIRE(options.streams[1].kind != StdioKind::standard_output);
  if ((raw.flags & SP_CAPTURE) != 0) REQUIRE(options.streams[2].kind == StdioKind::pipe);
  if (purpose == Purpose::check_output) REQUIRE(options.streams[1].kind == StdioKind::pipe);
  if (options.input != nullptr) REQUIRE(options.streams[0].kind == StdioKind::pipe);
  if (purpose == Purpose::stage) REQUIRE(options.streams[0].kind == StdioKind::inherit && !options.cancel);
}

void check_relations(const Options& options, Purpose purpose) {
  const bool is_run = purpose == Purpose::run || purpose == Purpose::check_output;
  REQUIRE(is_run || (options.input == nullptr && options.timeout_ms == -1 && options.kill_grace_ms == 0));
  REQUIRE(!options.pipefail || purpose == Purpose::pipeline);
  REQUIRE(!options.join_group || !options.leads_group());
  REQUIRE(!options.kill_group_on_timeout || options.leads_group());
  REQUIRE(!options.controlling_tty || options.new_session);
  REQUIRE(options.input != nullptr || options.input_size == 0);
  for (const auto& mapping : options.fd_map) REQUIRE(mapping.child_fd > 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Maker maker(data, size);
  const sp_options* raw = maker.make();
  const std::vector<unsigned char> before = maker.copy();
  for (const Purpose purpose :
       {Purpose::run, Purpose::check_output, Purpose::popen, Purpose::pipeline, Purpose::stage}) {
    const auto options = sp::core::parse_options(raw, purpose);
    if (!options) {
      check_refusal(options.error());
      continue;
    }
    check_limits(*options);
    check_streams(*options, *raw, purpose);
    check_relations(*options, purpose);
  }
  REQUIRE(maker.copy() == before);
  return 0;
}
