#pragma once

// ComponentInstance: one live guest in a store of its own.
//
// create() walks the plan: one core instance after the other, with trampolines (host functions
// whose environment is static plan data) for what the component model defines. A trampoline finds
// its instance through the store's user data. Everything that needs a name was resolved when the
// component was prepared; core functions and memories are looked up when first used.
//
// Rules kept here are the specification's: an instance that a call is inside cannot be entered
// again (except a parent by its child), cannot be left while its allocator or post-return runs, and
// is never entered again after any failure: is_poisoned().
//
// All of this is synchronous code; run() executes it on a stack that can wait (wasm/async_call.h).
// A component that uses the async ABI has an AsyncState beside, and its calls are threads there
// (async/thread.h). The instance lives on one thread, at one address.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "component/abi/call_context.h"
#include "component/host/handle_table.h"
#include "component/host/pending_call.h"
#include "component/host/resource.h"
#include "component/plan/plan.h"
#include "component/runtime/activation.h"
#include "component/runtime/adapter_helpers.h"
#include "component/runtime/prepared.h"
#include "component/values/value.h"
#include "io/task.h"
#include "wasm/async_call.h"
#include "wasm/store.h"

namespace spindle::component {

class AsyncState;
template <typename Base>
class GuestSide;
using HostCallSide = GuestSide<HostCall>;

std::unique_ptr<GuestAccess> make_guest_access(ComponentInstance& instance);

struct InstanceOptions {
  wasm::StoreOptions store;
  uint32_t handle_limit = 100'000;
  uint32_t host_resource_limit = HostResourceTable::kDefaultLimit;
  // The object behind each interface of PreparedComponent::interfaces(), in that order.
  std::span<void* const> implementations;
};

class ComponentInstance {
 public:
  // `options.implementations` is copied; what it points at outlives the instance.
  // A start function may be left for the first call to run, on the stack which that has anyway: its
  // failure is then that of the call.
  static io::Task<Result<std::unique_ptr<ComponentInstance>>> create(
      std::shared_ptr<const PreparedComponent> prepared, InstanceOptions options);
  // The same on the current stack; host functions that have to wait fail.
  static Result<std::unique_ptr<ComponentInstance>> create_blocking(
      std::shared_ptr<const PreparedComponent> prepared, const InstanceOptions& options);
  ~ComponentInstance();
  ComponentInstance(const ComponentInstance&) = delete;
  ComponentInstance& operator=(const ComponentInstance&) = delete;

  const PreparedComponent& prepared() const { return *prepared_; }
  wasm::Store& store() { return store_; }
  HostResourceTable& resources() { return resources_; }
  HandleTable& handles(FrameIndex frame) { return frames_[frame.value].handles; }
  bool is_poisoned() const { return is_poisoned_; }
  void poison() { is_poisoned_ = true; }
  GuestAccess& guest_access() { return *guest_access_; }

  // Runs `body`, which calls this instance, on a stack that can wait. The caller keeps what `body`
  // refers to alive until the task ends. A failed or canceled call poisons the instance.
  io::Task<Result<void>> run(std::move_only_function<Result<void>()> body);

  // Calls an exported function with values of its types, on the current stack; an asynchronous
  // function only by call_async(), which is done when it has returned. Its task may go on.
  Result<std::optional<DynamicValue>> call(LiftIndex function, std::span<const DynamicValue> args);
  io::Task<Result<std::optional<DynamicValue>>> call_async(LiftIndex function,
                                                           std::span<const DynamicValue> args);
  // Absent where the component uses nothing of the async ABI.
  AsyncState* async() { return async_.get(); }
  // Host functions that are under way refer to the instance, so close() is awaited before it goes
  // if needs_close(). Nothing is called any more afterwards.
  bool needs_close() const;
  io::Task<void> close();

  // Destroys a guest's resource that the host owns: runs its destructor.
  Result<void> drop_guest_resource(ResourceIndex resource, uint32_t representation);

  // --- for the sides of calls (guest_side.h, export_call.h) and trampolines ---
  const ResourceType& resource_type(ResourceIndex resource) const {
    return *prepared_->resource_types_[resource.value];
  }
  bool defines(FrameIndex frame, ResourceIndex resource) const;
  std::span<uint8_t> memory(const PlannedOptions& options);
  Result<uint32_t> call_realloc(FrameIndex frame, const PlannedOptions& options,
                                const ReallocRequest& request);
  Result<void> call_core(FunctionSlot function, std::span<wasm::RawValue> cells);
  // `cells` hold the flat results.
  Result<void> call_post_return(const PlannedLift& lift, std::span<wasm::RawValue> cells);
  Result<void> run_trampoline(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  // The two halves of a trampoline that may wait; start says in cells[0] whether it does.
  Result<void> start_waiting_call(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  Result<void> finish_waiting_call(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  void bind_host_call(HostCallSide& call, const TrampolineCode& code, PendingCall& pending);
  // Of a fused component, whose start function the first call runs.
  Result<void> run_start();

  // --- for activations ---
  GuestStack& stack() { return *stack_; }
  // Returns the one before.
  GuestStack* switch_stack(GuestStack* stack) { return std::exchange(stack_, stack); }
  // The slots of what runs now.
  ContextSlots& context() {
    return stack_->top == nullptr ? stack_->loose_context : stack_->top->context();
  }
  // Is the frame, or one of its ancestors below `stop`, entered?
  bool is_entered(FrameIndex from, std::optional<FrameIndex> stop) const;
  void set_entered(FrameIndex from, std::optional<FrameIndex> stop, bool value);
  Result<void> check_may_leave(FrameIndex frame) const;
  AdapterScopes& adapter_scopes() { return adapter_scopes_; }

 private:
  class FreshContext;
  struct Frame {
    HandleTable handles;
    uint32_t flags = 0;
    // Where wasm shares the flags (fuse/adapter_module.h), in place of `flags`.
    std::optional<wasm::Global> shared_flags;
  };
  static constexpr uint32_t kEntered = 1;
  static constexpr uint32_t kMayNotLeave = 2;
  class HostWait final : public wasm::Suspension {
   public:
    explicit HostWait(PendingCall& pending) : pending_(pending) {}
    io::Task<void> wait() override { return pending_.wait(); }

   private:
    PendingCall& pending_;
  };

  ComponentInstance(std::shared_ptr<const PreparedComponent> prepared,
                    const InstanceOptions& options);
  Result<void> instantiate();
  Result<void> instantiate_fused();
  Result<void> instantiate_step(const UnfusedStep& step);
  Result<void> instantiate_glue();
  Result<wasm::Extern> find(const CoreItem& item);
  Result<wasm::Func> trampoline(TrampolineIndex index);
  Result<wasm::Func> function(FunctionSlot slot);
  // Poisons after a failure.
  template <typename T>
  Result<T> conclude(Result<T> result) {
    if (!result.has_value()) is_poisoned_ = true;
    return result;
  }
  bool has_flag(FrameIndex frame, uint32_t flag) const;
  // Returns whether the flag was set before.
  bool set_flag(FrameIndex frame, uint32_t flag, bool value);
  Result<std::optional<DynamicValue>> call_lift(const PlannedLift& lift,
                                                std::span<const DynamicValue> args);
  Result<void> host_call(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  Result<void> check_host_call(const TrampolineCode& code);
  Result<void> async_host_call(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  Result<void> async_guest_call(const Trampoline& trampoline, std::span<wasm::RawValue> cells);
  // Each returns whether the guest has to wait.
  Result<bool> start_host_call(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  Result<bool> start_guest_call(const Trampoline& trampoline, std::span<wasm::RawValue> cells);
  Result<bool> start_built_in(const TrampolineCode& code, std::span<wasm::RawValue> cells);
  Result<void> finish_guest_call(std::span<wasm::RawValue> cells);
  PendingCall& current_pending();
  Result<void> guest_call(const Trampoline& trampoline, std::span<wasm::RawValue> cells);
  Result<void> convert_call(const Trampoline& trampoline, const PlannedLift& lift,
                            std::span<wasm::RawValue> cells);
  Result<void> resource_drop(const Trampoline& trampoline, uint32_t index);
  Result<void> destroy_guest_resource(ResourceIndex resource, uint32_t representation,
                                      std::optional<FrameIndex> caller);
  Result<void> built_in(const TrampolineCode& code, std::span<wasm::RawValue> cells);

  std::shared_ptr<const PreparedComponent> prepared_;
  std::vector<void*> implementations_;
  HostResourceTable resources_;
  // Outlives the ends in the tables.
  std::unique_ptr<GuestAccess> guest_access_;
  std::unique_ptr<Frame[]> frames_;
  AdapterScopes adapter_scopes_;
  mutable wasm::Store store_;
  // The one instance of fused code; else one for each step of the plan.
  std::optional<wasm::Instance> fused_;
  bool is_start_due_ = false;
  std::vector<wasm::Instance> core_instances_;
  std::optional<wasm::Instance> glue_;
  std::vector<std::optional<wasm::Func>> trampolines_;
  std::vector<std::optional<wasm::Func>> functions_;
  std::vector<std::optional<wasm::Memory>> memories_;
  PendingCall pending_;
  HostWait host_wait_{pending_};
  GuestStack base_stack_;
  GuestStack* stack_ = &base_stack_;
  std::unique_ptr<AsyncState> async_;
  bool is_poisoned_ = false;
};

}  // namespace spindle::component
