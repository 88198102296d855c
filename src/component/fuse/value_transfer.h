#pragma once

// ValueTransfer: code that takes values from one guest to another, in two passes.
//
// The first pass checks what is passed, all of it, and traps; nothing is written and no guest code
// runs. The second pass allocates and copies, and may rely on what the first has found: the sender
// does not run in between. Values are where the flattening rules put them: in slots (locals of
// joined types), or in memory, and in the same form on both sides.
//
//   check_flat, copy_flat        parameters, a single result
//   check_memory, copy_memory    what lies behind a pointer that the caller of these has checked
//
// Types are inlined. Their expansion may be exponential: once the function has grown beyond its
// limit nothing more is written, and whoever owns the code throws it away (is_full()).

#include <functional>
#include <optional>
#include <span>

#include "component/fuse/adapter_links.h"
#include "component/fuse/function_code.h"
#include "component/fuse/transfer_types.h"

namespace spindle::component {

// One guest of a call.
struct AdapterEnd {
  FrameIndex frame;
  const PlannedOptions* options = nullptr;
  // The global with the frame's flags, if "may not leave" is kept there.
  std::optional<uint32_t> flags;
};

enum class TransferKind : uint8_t { ToCallee, ToCaller };

struct TransferEnds {
  TrampolineIndex trampoline;
  TransferKind kind = TransferKind::ToCallee;
  AdapterEnd from;
  AdapterEnd to;
  // The local with the call's scope, where borrows are passed.
  std::optional<CodeLocal> scope;
};

// A pointer in a local, and a known distance from it.
struct Address {
  CodeLocal pointer;
  uint32_t offset = 0;
  Address plus(uint32_t more) const { return {pointer, offset + more}; }
};

struct TrapDetail {
  std::optional<CodeLocal> found;
  uint32_t expected = 0;
};
// Code that raises a trap, always or if the i32 on the stack is not zero.
void trap_always(FunctionCode& code, AdapterLinks& links, AdapterTrap trap, TrapDetail detail = {});
void trap_if(FunctionCode& code, AdapterLinks& links, AdapterTrap trap, TrapDetail detail = {});

class ValueTransfer {
 public:
  ValueTransfer(FunctionCode& code, AdapterLinks& links, TransferTypes& types,
                const TransferEnds& ends, size_t limit)
      : code_(code), links_(links), types_(types), ends_(ends), limit_(limit) {}

  using Slots = std::span<const CodeLocal>;
  void check_flat(TypeRef type, Slots from);
  // `to` are locals that are zero.
  void copy_flat(TypeRef type, Slots from, Slots to);

  void check_memory(TypeRef type, Address from);
  void copy_memory(TypeRef type, Address from, Address to);

  // A value of the type at a pointer of the sender, or of the receiver, must be aligned and in
  // bounds.
  void check_sent_pointer(TypeRef type, CodeLocal pointer) { check_pointer(type, pointer, from()); }
  void check_received_pointer(TypeRef type, CodeLocal pointer) {
    check_pointer(type, pointer, to());
  }
  // Calls the receiver's realloc; the size is on the stack. Checks what it returns.
  CodeLocal allocate(uint32_t align);

  bool is_full() const { return code_.size() > limit_; }

 private:
  struct Range {
    CodeLocal pointer;
    CodeLocal length;
  };

  uint32_t from() { return links_.memory(*ends_.from.options->memory); }
  uint32_t to() { return links_.memory(*ends_.to.options->memory); }
  void trap(AdapterTrap trap, TrapDetail detail = {}) { trap_if(code_, links_, trap, detail); }
  uint32_t helper(AdapterHelper helper) { return links_.helper(helper, ends_.trampoline); }

  // The value of a slot as an i32 local.
  CodeLocal word(CodeLocal slot);
  Range range(Slots slots) { return {word(slots[0]), word(slots[1])}; }
  Range load_range(Address from);
  CodeLocal load_word(Address from, uint32_t size);
  void check_char(CodeLocal point);
  void check_discriminant(TypeRef type, CodeLocal found);
  void check_pointer(TypeRef type, CodeLocal pointer, uint32_t memory);
  // Traps unless `bytes` (an i64 on the stack) at `pointer` lie in the memory.
  void check_bounds(CodeLocal pointer, uint32_t memory, AdapterTrap trap);
  void check_alignment(CodeLocal pointer, uint32_t align, AdapterTrap trap);
  void check_list(TypeRef type, Range range);
  void check_string(Range range);
  void check_utf8(Range range);
  // Leaves 1 on the stack if a byte of the range is not ASCII.
  void find_non_ascii(Range range);
  void find_non_ascii_vectors(Range range, CodeLocal found);
  void find_non_ascii_bytes(Range range, CodeLocal found);

  void copy_scalar(TypeRef type, CodeLocal from, CodeLocal to);
  // Narrows the i32 on the stack to a value of the type.
  void normalize(TypeRef type);
  void copy_bytes(Address from, Address to, uint32_t size);
  Range copy_range(TypeRef type, Range range);
  Range copy_list(TypeRef type, Range range);
  Range copy_string(Range range);
  void pass_handle(TypeRef type);
  void copy_variant_memory(TypeRef type, Address from, Address to);

  // Runs `body` for the payload of the case that the discriminant names, once for each type of
  // payload that is `interesting`.
  void for_payload(TypeRef type, CodeLocal discriminant,
                   const std::function<bool(TypeRef)>& interesting,
                   const std::function<void(TypeRef)>& body);
  // Counts `cursor` up to `end`.
  void for_each(CodeLocal cursor, CodeLocal end, uint32_t step, const std::function<void()>& body);

  FunctionCode& code_;
  AdapterLinks& links_;
  TransferTypes& types_;
  const TransferEnds& ends_;
  size_t limit_;
};

// Sets or clears bits of a frame's flags.
void set_flag(FunctionCode& code, uint32_t flags, uint32_t bit);
void clear_flag(FunctionCode& code, uint32_t flags, uint32_t bit);

}  // namespace spindle::component
