// SPDX-License-Identifier: MIT
#include <cstdlib>

#include "abi/guard.h"
#include "abi/handles.h"

using namespace sp;

namespace {

static_assert(core::kNoReturncode == SP_NO_RETURNCODE);

const core::CapturedStream* stream_of(const sp_result* r, int stream) {
  if (r == nullptr || (stream != SP_OUT && stream != SP_ERR)) return nullptr;
  return &r->outcome->outputs[static_cast<size_t>(stream) - 1];
}

}  // namespace

extern "C" {

int64_t sp_result_returncode(const sp_result* r) {
  return r == nullptr ? SP_NO_RETURNCODE : r->outcome->ending.returned.code;
}

int sp_result_core_dumped(const sp_result* r) { return r != nullptr && r->outcome->ending.core_dumped ? 1 : 0; }

const void* sp_result_output(const sp_result* r, int stream, size_t* ret_len) {
  const core::CapturedStream* found = stream_of(r, stream);
  const bool captured = found != nullptr && found->captured;
  if (ret_len != nullptr) *ret_len = captured ? found->bytes.size() : 0;
  return captured ? found->bytes.data() : nullptr;
}

uint64_t sp_result_dropped(const sp_result* r, int stream) {
  const core::CapturedStream* found = stream_of(r, stream);
  return found != nullptr ? found->dropped : 0;
}

int sp_result_pipes_held(const sp_result* r) { return r != nullptr && r->outcome->pipes_held ? 1 : 0; }

int sp_result_usage(const sp_result* r, sp_usage* ret) {
  if (r == nullptr || ret == nullptr) return SP_EINVAL;
  if (ret->size != sizeof(sp_usage)) return SP_EABI;
  const core::Ending& ending = r->outcome->ending;
  if (!ending.has_usage) return SP_ELOST;
  const os::Usage& usage = ending.usage;
  *ret = {sizeof(sp_usage),           ending.wall_us,     usage.user_us,      usage.system_us,
          usage.max_rss_bytes,        usage.minor_faults, usage.major_faults, usage.voluntary_switches,
          usage.involuntary_switches, usage.blocks_in,    usage.blocks_out};
  return abi::kOk;
}

int64_t sp_result_stage_returncode(const sp_result* r, size_t stage) {
  if (r == nullptr || stage >= r->outcome->ending.stage_returncodes.size()) return SP_NO_RETURNCODE;
  return r->outcome->ending.stage_returncodes[stage];
}

void sp_result_free(sp_result* r) { delete r; }

void sp_mem_free(void* memory) { std::free(memory); }

}  // extern "C"
