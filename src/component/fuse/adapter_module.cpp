#include "component/fuse/adapter_module.h"

#include <algorithm>

#include "base/verify.h"
#include "component/binary/component.h"
#include "component/fuse/adapter_call.h"
#include "component/fuse/core_encoding.h"

namespace spindle::component {
namespace {

constexpr uint8_t kFunctionExport = 0;
constexpr uint8_t kGlobalExport = 3;

struct Covered {
  TrampolineIndex trampoline;
  ByteWriter body;
};

// Frames whose code uses the async ABI: the host keeps what each call has there.
std::vector<bool> asynchronous_frames(const InstantiationPlan& plan) {
  std::vector<bool> is_async(plan.frames.size());
  for (const Trampoline& trampoline : plan.trampolines) {
    if (trampoline.kind == TrampolineKind::BuiltIn || trampoline.options.is_async) {
      is_async[trampoline.frame.value] = true;
    }
    if (trampoline.kind == TrampolineKind::GuestCall &&
        plan.lifts[trampoline.lift.value].type.is_async) {
      is_async[trampoline.frame.value] = true;
    }
    if (trampoline.kind == TrampolineKind::HostCall &&
        plan.host_imports[trampoline.host_import.value].type.is_async) {
      is_async[trampoline.frame.value] = true;
    }
  }
  for (const PlannedLift& lift : plan.lifts) {
    if (lift.type.is_async) is_async[lift.frame.value] = true;
  }
  return is_async;
}

class AdapterBuilder {
 public:
  AdapterBuilder(const InstantiationPlan& plan, const AdapterLimits& limits)
      : plan_(plan), limits_(limits), links_(plan), is_covered_(plan.trampolines.size()) {}

  AdapterModule build() {
    CoreItems items(plan_);
    const std::vector<bool> is_async = asynchronous_frames(plan_);
    for (size_t i = 0; i < plan_.trampolines.size(); ++i) {
      const Trampoline& call = plan_.trampolines[i];
      is_covered_[i] = is_adaptable(plan_, call, types_, items) && !is_async[call.frame.value] &&
                       !is_async[plan_.lifts[call.lift.value].frame.value];
    }
    if (std::ranges::find(is_covered_, true) == is_covered_.end()) return {};
    has_exceptions_ = items.have_tags();
    drop_large_calls();
    flags_ = plan_frame_flags(plan_, is_covered_);
    write_calls();
    return assemble();
  }

 private:
  AdapterCallContext context() { return {plan_, flags_, has_exceptions_, limits_.function_bytes}; }

  // Writes every call once, to see how large it is at most.
  void drop_large_calls() {
    const size_t frames = plan_.frames.size();
    flags_ = {std::vector<bool>(frames, true), std::vector<bool>(frames, true)};
    size_t total = 0;
    for (size_t i = 0; i < is_covered_.size(); ++i) {
      if (!is_covered_[i]) continue;
      AdapterLinks links(plan_);
      const auto body = adapter_call(context(), links, types_, TrampolineIndex(i));
      if (!body || total + body->size() > limits_.module_bytes) {
        is_covered_[i] = false;
      } else {
        total += body->size();
      }
    }
  }

  void write_calls() {
    for (size_t i = 0; i < is_covered_.size(); ++i) {
      if (!is_covered_[i]) continue;
      const TrampolineIndex index(i);
      auto body = adapter_call(context(), links_, types_, index);
      VERIFY(body.has_value());
      calls_.push_back({index, std::move(*body)});
    }
  }

  AdapterModule assemble() {
    AdapterModule made;
    if (calls_.empty()) return made;
    ByteWriter functions;
    ByteWriter exports;
    ByteWriter code;
    const auto count = static_cast<uint32_t>(calls_.size());
    functions.leb_u32(count);
    code.leb_u32(count);
    exports.leb_u32(count + static_cast<uint32_t>(links_.flags().size()));
    auto add_export = [&](const std::string& name, uint8_t kind, uint32_t index) {
      exports.name(name);
      exports.u8(kind);
      exports.leb_u32(index);
    };
    for (uint32_t i = 0; i < count; ++i) {
      const TrampolineIndex index = calls_[i].trampoline;
      functions.leb_u32(links_.type(plan_.trampolines[index.value].signature));
      code.sized(calls_[i].body);
      const std::string& name =
          made.functions.emplace(index, std::to_string(index.value)).first->second;
      add_export(name, kFunctionExport, links_.function_count() + i);
    }
    for (const auto& [frame, global] : links_.flags()) {
      const std::string name = "flags" + std::to_string(frame.value);
      add_export(name, kGlobalExport, global);
      made.flags.emplace(frame, name);
    }
    ByteWriter out;
    write_preamble(out);
    out.section(1, links_.type_section());
    out.section(2, links_.import_section());
    out.section(3, functions);
    out.section(6, links_.global_section());
    out.section(7, exports);
    out.section(10, code);
    made.bytes = out.take();
    made.imports = links_.take_imports();
    return made;
  }

  const InstantiationPlan& plan_;
  const AdapterLimits& limits_;
  AdapterLinks links_;
  TransferTypes types_;
  FrameFlags flags_;
  bool has_exceptions_ = true;
  std::vector<bool> is_covered_;
  std::vector<Covered> calls_;
};

}  // namespace

Result<AdapterModule> make_adapter_module(const InstantiationPlan& plan,
                                          const AdapterLimits& limits) {
  return AdapterBuilder(plan, limits).build();
}

}  // namespace spindle::component
