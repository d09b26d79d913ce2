// SPDX-License-Identifier: MIT
#include "abi/guard.h"
#include "abi/handles.h"
#include "core/start.h"

using namespace sp;

namespace {

constexpr size_t kMostStages = 1024;

struct ParsedStages {
  std::vector<core::Options> options;
  std::vector<core::Stage> stages;
};

Result<ParsedStages> parse_stages(const sp_command* cmds, size_t n) {
  if (cmds == nullptr) return invalid("cmds is NULL");
  if (n == 0) return invalid("n is 0: a pipeline has at least one command");
  if (n > kMostStages) return invalid("n is %zu: a pipeline has at most %zu commands", n, kMostStages);
  ParsedStages parsed;
  parsed.options.resize(n);
  for (size_t i = 0; i < n; ++i) {
    const bool own = cmds[i].options != nullptr;
    if (own) {
      auto options = core::parse_options(cmds[i].options, core::Purpose::stage);
      if (!options) {
        Error error = options.error();
        error.stage = static_cast<int32_t>(i);
        return error;
      }
      parsed.options[i] = std::move(*options);
    }
    parsed.stages.push_back({cmds[i].argv, own ? &parsed.options[i] : nullptr});
  }
  return {std::move(parsed)};
}

// A stage can be waited for and signalled like a process of its own; it has no streams and is not killed with its
// handle.
core::Options view_options(const core::Options& whole) {
  core::Options options;
  options.cancel = whole.cancel;
  options.return_on_signal = whole.return_on_signal;
  return options;
}

// The handle and those of its stages, made before the children are started so that nothing can fail after it.
std::unique_ptr<sp_process> make_handle(const core::Process::Children& children, const core::Options& options) {
  auto handle = std::make_unique<sp_process>();
  for (const auto& child : children) {
    auto stage = std::make_unique<sp_process>();
    stage->body = std::make_unique<core::Process>(core::Process::Children{child},
                                                  std::array<UniqueFd, core::kStreamCount>{}, view_options(options));
    handle->stages.push_back(std::move(stage));
  }
  return handle;
}

}  // namespace

extern "C" {

int sp_pipeline(const sp_command* cmds, size_t n, const sp_options* opt, sp_process** ret, sp_error* err) {
  return abi::guarded(err, [&] {
    if (ret == nullptr) return abi::fail(invalid("ret is NULL"), err);
    const auto options = core::parse_options(opt, core::Purpose::pipeline);
    if (!options) return abi::fail(options.error(), err);
    const auto parsed = parse_stages(cmds, n);
    if (!parsed) return abi::fail(parsed.error(), err);
    core::Process::Children children;
    for (size_t i = 0; i < n; ++i)
      children.push_back(
          std::make_shared<core::Child>(cmds[i].argv != nullptr && cmds[i].argv[0] != nullptr ? cmds[i].argv[0] : ""));
    auto handle = make_handle(children, *options);
    auto process = core::start_pipeline((*parsed).stages, *options, children);
    if (!process) return abi::fail(process.error(), err);
    handle->body = std::move(*process);
    *ret = handle.release();
    return abi::kOk;
  });
}

size_t sp_stage_count(const sp_process* p) { return p == nullptr ? 0 : p->body->children().size(); }

sp_process* sp_stage_at(sp_process* p, size_t i) {
  if (p == nullptr) return nullptr;
  if (p->stages.empty()) return i == 0 ? p : nullptr;
  return i < p->stages.size() ? p->stages[i].get() : nullptr;
}

}  // extern "C"
