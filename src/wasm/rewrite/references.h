#pragma once

// The places in code where an index stands. Decoding a function body or an initializer yields its
// References; writing it again copies the bytes between them and puts new indices in their place.
//
//   20 00  10 07  0b           local.get 0, call 7, end
//             ^^               Reference{offset 3, length 1, Call, index 7}
//
// Every opcode that the engine may accept is known, with its immediates. An unknown one is an error
// of kind NotSupported, because what follows it cannot be found. Nothing else is validated: code is
// taken to be valid, and whatever it is, decoding ends and stays in bounds.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace spindle::wasm::rewrite {

using Bytes = std::span<const uint8_t>;

enum class ReferenceKind : uint8_t {
  Type,      // unsigned
  HeapType,  // signed: also block types
  Call,      // of `call`
  ReturnCall,
  Func,  // of ref.func
  Table,
  TableWrite,  // of an instruction that may change the table
  Memory,
  MemoryOperand,  // flags of a memarg with the memory index, if any
  Global,
  Tag,
  Element,
  Data,
  ConstantCall,  // i32.const, then call_indirect: `index` is into constant_calls
};

struct Reference {
  uint32_t offset = 0;
  uint32_t index = 0;
  ReferenceKind kind = ReferenceKind::Type;
  uint8_t length = 0;
};

// A call through a table whose slot is known.
struct ConstantCall {
  uint32_t type = 0;
  uint32_t table = 0;
  uint32_t slot = 0;
  // Where the second instruction begins, relative to the reference.
  uint8_t call_offset = 0;
  bool is_return = false;
};

struct References {
  std::vector<Reference> list;
  std::vector<ConstantCall> constant_calls;
};

// Each appends to `found`, with offsets relative to `bytes`; `base` is where `bytes` begin in the
// module, for messages. What ends before `bytes` do returns its length.

// Operands of memory 0 are most of all references, and seldom change: First keeps the first one, so
// that a body that has any is known.
enum class MemoryZero : uint8_t { First, All };

// Locals and instructions, exactly.
Result<void> decode_body(Bytes bytes, uint64_t base, References& found,
                         MemoryZero memory_zero = MemoryZero::All);
// Instructions to the first `end`.
Result<uint32_t> decode_initializer(Bytes bytes, uint64_t base, References& found);
Result<uint32_t> decode_value_type(Bytes bytes, uint64_t base, References& found);

}  // namespace spindle::wasm::rewrite
