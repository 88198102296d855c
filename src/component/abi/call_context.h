#pragma once

// CallContext: what lifting and lowering by typed code needs for one canonical call: the guest's
// memory and allocator, its string encoding, its handles, the store's host resources, and how much
// the host may allocate for the call.
//
// The runtime derives from it, once for calls of host functions (HostCall) and once for calls of
// exports. Whatever runs guest code must call set_memory() afterwards, because memory may have
// moved or grown. Views into guest memory are valid until guest code runs next; arguments of a host
// function stay valid until its result is lowered, also while the guest is suspended.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/host/handle_table.h"
#include "component/host/resource.h"
#include "component/plan/plan.h"
#include "component/values/abi_side.h"

namespace spindle::component {

class GuestAccess;

// Strings that had to be transcoded; they live as long as the call.
class ScratchStrings {
 public:
  std::string_view keep(std::string text);

 private:
  std::vector<std::unique_ptr<std::string>> strings_;
};

class CallContext : public AbiSide {
 public:
  // What the host allocates at most for the values of one call.
  static constexpr uint64_t kHostCallFuel = uint64_t{128} << 20;
  static constexpr uint64_t kByteLengthMax = (uint64_t{1} << 28) - 1;

  CallContext(HandleTable& handles, HostResourceTable& resources, StringEncoding string_encoding)
      : AbiSide(string_encoding), handles_(&handles), resources_(&resources) {
    fuel() = kHostCallFuel;
  }

  std::span<uint8_t> memory() final { return memory_; }
  HandleTable& handles() { return *handles_; }
  HostResourceTable& resources() { return *resources_; }
  // Lends and borrows of this call.
  CallScope& scope() { return scope_; }
  ScratchStrings& scratch() { return scratch_; }

  // The type of a stream or future that typed code mentions.
  Result<TypeRef> transfer_type(TransferId id) const;
  std::span<const TransferType> transfers() const { return transfers_; }
  // What the ends of streams and futures need of their instance; absent where it can have none.
  virtual Result<GuestAccess*> guest_access();

  // Takes from the host's allowance for this call.
  Result<void> charge(uint64_t bytes);
  // A value of `size` bytes at `pointer` must be aligned and in bounds.
  Result<void> check_pointer(uint32_t pointer, uint32_t size, uint32_t align);
  // The bytes of a list, aligned and in bounds.
  Result<std::span<const uint8_t>> list_bytes(uint32_t pointer, uint64_t size, uint32_t align);
  // A string as UTF-8: a view of guest memory where the guest's encoding is UTF-8.
  Result<std::string_view> load_string(uint32_t pointer, uint32_t length);

  struct GuestString {
    uint32_t pointer = 0;
    uint32_t length = 0;
  };
  // Copies UTF-8 text into memory that the guest allocates, in the guest's encoding.
  Result<GuestString> store_string(std::string_view text);
  // Memory for a list that the host lowers.
  Result<uint32_t> allocate_list(uint64_t size, uint32_t align);

 protected:
  void set_memory(std::span<uint8_t> memory) { memory_ = memory; }
  // They live as long as the call, or what it lifts, may need them.
  void set_transfers(std::span<const TransferType> transfers) { transfers_ = transfers; }

 private:
  std::span<uint8_t> memory_;
  HandleTable* handles_;
  HostResourceTable* resources_;
  CallScope scope_;
  ScratchStrings scratch_;
  std::span<const TransferType> transfers_;
};

class PendingCall;

// One call of a host function by a guest.
class HostCall : public CallContext {
 public:
  HostCall(HandleTable& handles, HostResourceTable& resources, StringEncoding string_encoding)
      : CallContext(handles, resources, string_encoding) {}

  // The object that implements the function's interface for this instance: the `Host` class of the
  // interface's bindings, exactly.
  void* implementation() const { return implementation_; }
  // What the guest calls, as its component imports it: names and types (plan/plan.h).
  const HostImport& import() const { return *import_; }
  // Where a function that may wait keeps its state between start and finish.
  PendingCall& pending() const { return *pending_; }
  // Lowered asynchronously: at most kMaxAsyncFlatParams flat parameters, the result in memory.
  bool is_async() const { return is_async_; }

 protected:
  void set_implementation(void* implementation) { implementation_ = implementation; }
  void set_pending(PendingCall& pending) { pending_ = &pending; }
  void set_import(const HostImport& import) {
    import_ = &import;
    set_transfers(import.transfers);
  }
  void set_async(bool value) { is_async_ = value; }

 private:
  void* implementation_ = nullptr;
  PendingCall* pending_ = nullptr;
  const HostImport* import_ = nullptr;
  bool is_async_ = false;
};

}  // namespace spindle::component
