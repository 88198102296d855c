#pragma once

// GuestSide<Base>: a component instance as one side of a canonical call: its memory, its allocator,
// its handle table, under the options of one lift or lower. Base is CallContext, or HostCall when a
// guest calls a host function.

#include "component/abi/call_context.h"
#include "component/async/passed_object.h"
#include "component/runtime/instance.h"

namespace spindle::component {

template <typename Base>
class GuestSide final : public Base {
 public:
  GuestSide(ComponentInstance& instance, FrameIndex frame, const PlannedOptions& options)
      : Base(instance.handles(frame), instance.resources(), options.encoding),
        instance_(instance),
        options_(options),
        frame_(frame) {
    refresh();
  }

  // For typed code: the streams and futures that it mentions.
  void use_transfers(std::span<const TransferType> transfers) { this->set_transfers(transfers); }

  // After guest code has run.
  void refresh() { this->set_memory(instance_.memory(options_)); }

  Result<uint32_t> realloc(const ReallocRequest& request) override {
    Result<uint32_t> pointer = instance_.call_realloc(frame_, options_, request);
    refresh();
    return pointer;
  }

  Result<uint64_t> lift_handle(const ValueType& type, uint32_t index) override {
    if (type.kind == TypeKind::Own) {
      const uint32_t rep =
          TRY(this->handles().take_own(index, instance_.resource_type(type.resource)));
      return uint64_t{rep};
    }
    if (type.kind == TypeKind::Borrow) {
      const uint32_t rep =
          TRY(this->handles().lend(index, instance_.resource_type(type.resource), this->scope()));
      return uint64_t{rep};
    }
    return Error::internal("a handle of an unknown kind");
  }

  Result<uint32_t> lower_handle(const ValueType& type, uint64_t representation) override {
    const auto rep = static_cast<uint32_t>(representation);
    if (type.kind == TypeKind::Own) {
      return this->handles().add_own(instance_.resource_type(type.resource), rep);
    }
    if (type.kind == TypeKind::Borrow) {
      // Who defines a resource sees what it is, not a handle.
      if (instance_.defines(frame_, type.resource)) return rep;
      return this->handles().add_borrow(instance_.resource_type(type.resource), rep, this->scope());
    }
    return Error::internal("a handle of an unknown kind");
  }

  Result<std::shared_ptr<PassedObject>> lift_object(const ValueType& type,
                                                    uint32_t index) override {
    return lift_passed(this->handles(), type, index);
  }
  Result<uint32_t> lower_object(const ValueType& type, PassedObject& object) override {
    return lower_passed(this->handles(), instance_.guest_access(), type, object);
  }
  Result<GuestAccess*> guest_access() override { return &instance_.guest_access(); }

  void set_host(void* implementation, PendingCall& pending, const HostImport& import) {
    this->set_implementation(implementation);
    this->set_pending(pending);
    this->set_import(import);
    this->set_async(options_.is_async);
  }

 private:
  ComponentInstance& instance_;
  const PlannedOptions& options_;
  FrameIndex frame_;
};

using CallSide = GuestSide<CallContext>;

}  // namespace spindle::component
