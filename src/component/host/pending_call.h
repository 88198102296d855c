#pragma once

// PendingCall: a host function that may wait, between its start and its finish.
//
// One slot per suspended activation, kept by the runtime beside the instance. The arguments, the
// task and then the outcome live inside the slot; nothing is allocated unless they are large. The
// slot also keeps what the call lent and the strings it transcoded, so that arguments stay valid
// until the result is lowered.
//
//   start(call, args)    -> false: the outcome is there; true: the guest must be suspended
//   co_await wait()         brings the outcome
//   finish(call, values)    lowers it and empties the slot

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "base/verify.h"
#include "component/abi/call_context.h"
#include "io/task.h"
#include "wasm/async_call.h"

namespace spindle::component {

class PendingCall final : public wasm::Suspension {
 public:
  class Operation {
   public:
    Operation() = default;
    virtual ~Operation();
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    // Brings the outcome; only called when start said pending.
    virtual io::Task<void> wait() = 0;
  };

  PendingCall() = default;
  ~PendingCall() override { reset(); }
  PendingCall(const PendingCall&) = delete;
  PendingCall& operator=(const PendingCall&) = delete;

  template <typename O>
  O& emplace() {
    VERIFY(operation_ == nullptr);
    static_assert(std::is_base_of_v<Operation, O>);
    O* made;
    if constexpr (sizeof(O) <= kInline && alignof(O) <= alignof(std::max_align_t)) {
      made = ::new (storage_.data()) O;
    } else {
      made = new O;
      is_inline_ = false;
    }
    operation_ = made;
    return *made;
  }
  template <typename O>
  O& get() {
    VERIFY(operation_ != nullptr);
    return static_cast<O&>(*operation_);
  }

  bool active() const { return operation_ != nullptr; }
  // What the call lent.
  CallScope& scope() { return scope_; }
  // The slot must stay where it is until this is done or destroyed.
  io::Task<void> wait() override { return operation_->wait(); }
  // Keeps what the arguments of `call` refer to.
  void keep(CallContext& call);
  // Destroys the operation: the end of the call, or of its instance.
  void reset();

 private:
  static constexpr size_t kInline = 1024;

  CallScope scope_;
  ScratchStrings scratch_;
  Operation* operation_ = nullptr;
  bool is_inline_ = true;
  alignas(std::max_align_t) std::array<std::byte, kInline> storage_;
};

}  // namespace spindle::component
