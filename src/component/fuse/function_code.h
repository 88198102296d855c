#pragma once

// FunctionCode: the body of one generated wasm function, instruction by instruction.
//
//   FunctionCode code(params);
//   code.get(code.param(0));
//   code.i32(1);
//   code.op(Op::I32Add);
//   section.sized(code.finish());      // locals, instructions, the closing `end`
//
// Structured instructions are opened and closed by methods; `depth()` is how many are open, which
// is what branches count from. What is written is trusted to be well typed: the engine validates
// the module that it becomes part of.

#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "component/values/value_type.h"

namespace spindle::component {

// Instructions without immediates.
enum class Op : uint8_t {
  Unreachable = 0x00,
  Else = 0x05,
  Return = 0x0f,
  Drop = 0x1a,
  I32Eqz = 0x45,
  I32Eq = 0x46,
  I32Ne = 0x47,
  I32LtU = 0x49,
  I32GtU = 0x4b,
  I32LeU = 0x4d,
  I32GeU = 0x4f,
  I64Ne = 0x52,
  I64LtU = 0x54,
  I64GtU = 0x56,
  I32Add = 0x6a,
  I32Sub = 0x6b,
  I32Mul = 0x6c,
  I32And = 0x71,
  I32Or = 0x72,
  I32Shl = 0x74,
  I64Add = 0x7c,
  I64Mul = 0x7e,
  I64And = 0x83,
  I64Or = 0x84,
  I64Shl = 0x86,
  I32WrapI64 = 0xa7,
  I64ExtendI32U = 0xad,
  I32Extend8S = 0xc0,
  I32Extend16S = 0xc1,
};

struct CodeLocal {
  uint32_t index = 0;
  FlatType type = FlatType::I32;
};

// A place in a memory: what an address on the stack is added to.
struct CodePlace {
  uint32_t memory = 0;
  uint32_t offset = 0;
};

class FunctionCode {
 public:
  explicit FunctionCode(std::span<const FlatType> params)
      : types_(params.begin(), params.end()), param_count_(params.size()) {}

  CodeLocal param(size_t index) const { return {static_cast<uint32_t>(index), types_[index]}; }
  CodeLocal local(FlatType type);
  size_t size() const { return out_.size(); }

  void op(Op op) { out_.u8(static_cast<uint8_t>(op)); }
  void i32(uint32_t value);
  void i64(uint64_t value);
  void get(CodeLocal local) { indexed(0x20, local.index); }
  void set(CodeLocal local) { indexed(0x21, local.index); }
  void tee(CodeLocal local) { indexed(0x22, local.index); }
  void get_global(uint32_t global) { indexed(0x23, global); }
  void set_global(uint32_t global) { indexed(0x24, global); }
  void call(uint32_t function) { indexed(0x10, function); }

  // Loads of `size` bytes, zero-extended; 8 bytes are an i64, all others an i32.
  void load(CodePlace place, uint32_t size);
  void store(CodePlace place, uint32_t size);
  void load_v128(CodePlace place);
  // v128 -> i32, the highest bit of each byte.
  void v128_bitmask();
  void memory_size(uint32_t memory) { indexed(0x3f, memory); }
  void memory_copy(uint32_t to, uint32_t from);

  // --- structured instructions, without parameters and results ---
  void block() { open(0x02); }
  void loop() { open(0x03); }
  void begin_if() { open(0x04); }
  // Exceptions of the body go to the innermost open block.
  void begin_try();
  void end();
  // Of the instruction opened last; branch_to() takes it.
  uint32_t depth() const { return depth_; }
  void branch(uint32_t target) { indexed(0x0c, depth_ - target); }
  void branch_if(uint32_t target) { indexed(0x0d, depth_ - target); }
  // The depth for each value of the operand, then the one for all others.
  void branch_table(std::span<const uint32_t> targets, uint32_t otherwise);

  // The whole body, as a code section wants it after its length.
  ByteWriter finish();

 private:
  void open(uint8_t opcode);
  void indexed(uint8_t opcode, uint32_t index) {
    out_.u8(opcode);
    out_.leb_u32(index);
  }
  void place(CodePlace place);

  std::vector<FlatType> types_;
  size_t param_count_;
  ByteWriter out_;
  uint32_t depth_ = 0;
};

// The binary format's code of a number type.
uint8_t core_type_code(FlatType type);

}  // namespace spindle::component
