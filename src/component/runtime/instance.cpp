#include "component/runtime/instance.h"

#include <fmt/format.h>

#include "component/async/async_state.h"
#include "component/async/guest_access.h"
#include "component/async/host_run.h"

namespace spindle::component {

using wasm::RawValue;

ComponentInstance::ComponentInstance(std::shared_ptr<const PreparedComponent> prepared,
                                     const InstanceOptions& options)
    : prepared_(std::move(prepared)),
      implementations_(options.implementations.begin(), options.implementations.end()),
      resources_(options.host_resource_limit),
      guest_access_(make_guest_access(*this)),
      store_(prepared_->engine(), options.store, this) {
  const InstantiationPlan& plan = prepared_->plan();
  frames_ = std::make_unique<Frame[]>(plan.frames.size());
  for (size_t i = 0; i < plan.frames.size(); ++i)
    frames_[i].handles.set_limit(options.handle_limit);
  functions_.resize(plan.functions.size());
  memories_.resize(plan.memories.size());
  if (prepared_->uses_async()) async_ = std::make_unique<AsyncState>(*this);
  if (prepared_->fused_) return;
  core_instances_.reserve(plan.steps.size());
  trampolines_.resize(plan.trampolines.size());
}

ComponentInstance::~ComponentInstance() {
  // Stacks that wait are unwound while all that they refer to is there.
  is_poisoned_ = true;
  async_.reset();
  // What a suspended host function refers to goes before the resources it refers to.
  pending_.reset();
}

Result<std::unique_ptr<ComponentInstance>> ComponentInstance::create_blocking(
    std::shared_ptr<const PreparedComponent> prepared, const InstanceOptions& options) {
  VERIFY(options.implementations.size() == prepared->interfaces().size());
  std::unique_ptr<ComponentInstance> instance(new ComponentInstance(std::move(prepared), options));
  TRY(instance->instantiate());
  TRY(instance->run_start());
  return instance;
}

io::Task<Result<std::unique_ptr<ComponentInstance>>> ComponentInstance::create(
    std::shared_ptr<const PreparedComponent> prepared, InstanceOptions options) {
  VERIFY(options.implementations.size() == prepared->interfaces().size());
  const bool is_fused = prepared->is_fused();
  const bool runs_guest_code = !is_fused && prepared->has_start();
  std::unique_ptr<ComponentInstance> instance(new ComponentInstance(std::move(prepared), options));
  ComponentInstance& made = *instance;
  if (runs_guest_code) {
    auto done = co_await made.run([&made] { return made.instantiate(); });
    CO_TRY(std::move(done));
  } else {
    CO_TRY(made.instantiate());
  }
  co_return instance;
}

Result<void> ComponentInstance::instantiate() {
  if (prepared_->fused_) return conclude(instantiate_fused());
  for (const UnfusedStep& step : prepared_->unfused_->steps()) {
    TRY(conclude(instantiate_step(step)));
  }
  return {};
}

Result<void> ComponentInstance::instantiate_fused() {
  const FusedCode& code = *prepared_->fused_;
  fused_ = TRY(code.pre().instantiate(store_));
  for (const auto& [frame, name] : code.flags()) {
    std::optional<wasm::Extern> found = fused_->find_export(store_, name);
    if (found) frames_[frame.value].shared_flags = found->global();
    if (!frames_[frame.value].shared_flags) return Error::internal("flags are not exported");
  }
  is_start_due_ = code.start().has_value();
  return {};
}

Result<void> ComponentInstance::run_start() {
  if (!std::exchange(is_start_due_, false)) return {};
  std::optional<wasm::Func> start = fused_->find_func(store_, *prepared_->fused_->start());
  if (!start) return Error::internal("a start function is not exported");
  return conclude(store_.call(*start, {}));
}

Result<void> ComponentInstance::instantiate_step(const UnfusedStep& step) {
  if (step.pre) {
    wasm::Instance made = TRY(step.pre->instantiate(store_));
    core_instances_.push_back(made);
  } else {
    std::vector<wasm::Extern> imports;
    imports.reserve(step.imports.size());
    for (const CoreItem& item : step.imports) {
      wasm::Extern import = TRY(find(item));
      imports.push_back(import);
    }
    wasm::Instance made = TRY(store_.instantiate(*step.module, imports));
    core_instances_.push_back(made);
  }
  if (!step.start) return {};
  std::optional<wasm::Func> start = core_instances_.back().find_func(store_, *step.start);
  if (!start) return Error::internal("a start function is not exported");
  return store_.call(*start, {});
}

Result<wasm::Extern> ComponentInstance::find(const CoreItem& item) {
  if (const auto* index = std::get_if<TrampolineIndex>(&item)) {
    wasm::Func made = TRY(trampoline(*index));
    return wasm::Extern(made);
  }
  const auto& exported = std::get<CoreExport>(item);
  std::optional<wasm::Extern> found =
      core_instances_[exported.step.value].find_export(store_, exported.name);
  if (!found) {
    return Error::internal(fmt::format("a core instance has no export `{}`", exported.name));
  }
  return *found;
}

Result<wasm::Func> ComponentInstance::trampoline(TrampolineIndex index) {
  std::optional<wasm::Func>& cached = trampolines_[index.value];
  if (cached) return *cached;
  const TrampolineCode& code = prepared_->code_[index.value];
  if (code.glue) {
    TRY(instantiate_glue());
    cached = glue_->find_func(store_, fmt::format("{}", *code.glue));
    if (!cached) return Error::internal("a glue function is not exported");
  } else {
    cached = store_.define(prepared_->unfused_->trampoline(index));
  }
  return *cached;
}

Result<void> ComponentInstance::instantiate_glue() {
  if (glue_) return {};
  wasm::Func suspend = TRY(store_.suspend_function());
  std::vector<wasm::Extern> imports{suspend};
  for (const auto& function : prepared_->unfused_->glue_functions()) {
    imports.emplace_back(store_.define(*function));
  }
  glue_ = TRY(store_.instantiate(prepared_->unfused_->glue(), imports));
  return {};
}

Result<wasm::Func> ComponentInstance::function(FunctionSlot slot) {
  std::optional<wasm::Func>& cached = functions_[slot.value];
  if (cached) return *cached;
  if (fused_) {
    cached = fused_->find_func(store_, prepared_->fused_->function_name(slot));
  } else {
    wasm::Extern found = TRY(find(prepared_->plan().functions[slot.value]));
    cached = found.func();
  }
  if (!cached) return Error::internal("a core export is not a function");
  return *cached;
}

std::span<uint8_t> ComponentInstance::memory(const PlannedOptions& options) {
  if (!options.memory) return {};
  std::optional<wasm::Memory>& cached = memories_[options.memory->value];
  if (!cached && fused_) {
    cached = fused_->find_memory(store_, prepared_->fused_->memory_name(*options.memory));
    if (!cached) return {};
  }
  if (!cached) {
    const CoreExport& exported = prepared_->plan().memories[options.memory->value];
    // A lowered function may be called before its memory's instance is complete only by a start
    // function; then there is no memory yet.
    if (exported.step.value >= core_instances_.size()) return {};
    cached = core_instances_[exported.step.value].find_memory(store_, exported.name);
    if (!cached) return {};
  }
  return cached->bytes(store_);
}

bool ComponentInstance::defines(FrameIndex frame, ResourceIndex resource) const {
  return prepared_->plan().resources[resource.value].owner == frame;
}

// ---- entering and leaving ----

bool ComponentInstance::has_flag(FrameIndex frame, uint32_t flag) const {
  const Frame& state = frames_[frame.value];
  if (!state.shared_flags) return (state.flags & flag) != 0;
  Result<wasm::RawValue> flags = state.shared_flags->get(store_);
  VERIFY(flags.has_value());
  return (flags->u32 & flag) != 0;
}

bool ComponentInstance::set_flag(FrameIndex frame, uint32_t flag, bool value) {
  Frame& state = frames_[frame.value];
  uint32_t flags = state.flags;
  if (state.shared_flags) {
    Result<wasm::RawValue> shared = state.shared_flags->get(store_);
    VERIFY(shared.has_value());
    flags = shared->u32;
  }
  const bool before = (flags & flag) != 0;
  state.flags = value ? flags | flag : flags & ~flag;
  if (state.shared_flags) {
    Result<void> set = state.shared_flags->set(store_, RawValue::from_u32(state.flags));
    VERIFY(set.has_value());
  }
  return before;
}

void ComponentInstance::set_entered(FrameIndex from, std::optional<FrameIndex> stop, bool value) {
  const InstantiationPlan& plan = prepared_->plan();
  for (std::optional<FrameIndex> at = from; at && at != stop; at = plan.frames[at->value].parent) {
    set_flag(*at, kEntered, value);
  }
}

bool ComponentInstance::is_entered(FrameIndex from, std::optional<FrameIndex> stop) const {
  const InstantiationPlan& plan = prepared_->plan();
  for (std::optional<FrameIndex> at = from; at && at != stop; at = plan.frames[at->value].parent) {
    if (has_flag(*at, kEntered)) return true;
  }
  return false;
}

// An allocator starts with slots of its own.
class ComponentInstance::FreshContext {
 public:
  explicit FreshContext(ContextSlots& slots) : slots_(slots), before_(std::exchange(slots, {})) {}
  ~FreshContext() { slots_ = before_; }
  FreshContext(const FreshContext&) = delete;
  FreshContext& operator=(const FreshContext&) = delete;

 private:
  ContextSlots& slots_;
  ContextSlots before_;
};

Result<void> ComponentInstance::check_may_leave(FrameIndex frame) const {
  if (has_flag(frame, kMayNotLeave)) return Error::trap("cannot leave component instance");
  return {};
}

// ---- calling core functions ----

Result<void> ComponentInstance::call_core(FunctionSlot slot, std::span<RawValue> cells) {
  wasm::Func found = TRY(function(slot));
  return store_.call(found, cells);
}

Result<uint32_t> ComponentInstance::call_realloc(FrameIndex frame, const PlannedOptions& options,
                                                 const ReallocRequest& request) {
  if (!options.realloc) return Error::internal("a call that allocates has no realloc option");
  std::array<RawValue, 4> cells{
      RawValue::from_u32(request.old_pointer), RawValue::from_u32(request.old_size),
      RawValue::from_u32(request.align), RawValue::from_u32(request.new_size)};
  const FreshContext fresh(context());
  const bool before = set_flag(frame, kMayNotLeave, true);
  Result<void> called = call_core(*options.realloc, cells);
  set_flag(frame, kMayNotLeave, before);
  TRY(std::move(called));
  return cells[0].u32;
}

Result<void> ComponentInstance::call_post_return(const PlannedLift& lift,
                                                 std::span<RawValue> cells) {
  if (!lift.options.post_return) return {};
  const bool before = set_flag(lift.frame, kMayNotLeave, true);
  Result<void> called = call_core(*lift.options.post_return, cells);
  set_flag(lift.frame, kMayNotLeave, before);
  return called;
}

// ---- calls from the host ----

io::Task<Result<void>> ComponentInstance::run(std::move_only_function<Result<void>()> body) {
  if (async_) {
    auto running = run_as_thread(*async_, std::move(body));
    co_return co_await std::move(running);
  }
  bool is_finished = false;
  // A canceled run unwinds this frame.
  struct Guard {
    ComponentInstance& instance;
    const bool& is_finished;
    ~Guard() {
      if (!is_finished) instance.poison();
    }
  } guard{*this, is_finished};
  auto whole = [this, &body]() -> Result<void> {
    TRY(run_start());
    return body();
  };
  auto result = co_await wasm::run_async(store_, std::move(whole));
  is_finished = true;
  co_return conclude(std::move(result));
}

bool ComponentInstance::needs_close() const {
  return async_ && async_->needs_close();
}

io::Task<void> ComponentInstance::close() {
  if (!async_) co_return;
  auto closing = async_->close();
  co_await std::move(closing);
}

}  // namespace spindle::component
