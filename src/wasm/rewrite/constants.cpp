#include "wasm/rewrite/constants.h"

#include <cstring>

#include "wasm/rewrite/cursor.h"

namespace spindle::wasm::rewrite {

namespace {

using Kind = Constant::Kind;

uint64_t little_endian(Cursor& cursor, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(cursor.u8()) << (8 * i);
  return value;
}

// i32.add, i32.sub, i32.mul, and the same of i64.
std::optional<Constant> arithmetic(uint8_t opcode, const Constant& left, const Constant& right) {
  const bool is_32 = opcode <= 0x6c;
  const Kind kind = is_32 ? Kind::I32 : Kind::I64;
  if (left.kind != kind || right.kind != kind) return std::nullopt;
  uint64_t bits = 0;
  switch (opcode - (is_32 ? 0x6a : 0x7c)) {
    case 0: bits = left.bits + right.bits; break;
    case 1: bits = left.bits - right.bits; break;
    default: bits = left.bits * right.bits;
  }
  if (is_32) bits = static_cast<uint32_t>(bits);
  return Constant{kind, bits};
}

constexpr bool is_arithmetic(uint8_t opcode) {
  return (opcode >= 0x6a && opcode <= 0x6c) || (opcode >= 0x7c && opcode <= 0x7e);
}

std::optional<Constant> read_number(uint8_t opcode, Cursor& cursor) {
  switch (opcode) {
    case 0x41: return Constant{Kind::I32, static_cast<uint32_t>(cursor.leb_signed(5))};
    case 0x42: return Constant{Kind::I64, static_cast<uint64_t>(cursor.leb_signed(10))};
    case 0x43: return Constant{Kind::F32, little_endian(cursor, 4)};
    case 0x44: return Constant{Kind::F64, little_endian(cursor, 8)};
    case 0xfd: {
      if (cursor.leb_u32() != 12) return std::nullopt;
      uint64_t low = little_endian(cursor, 8);
      uint64_t high = little_endian(cursor, 8);
      return Constant{Kind::V128, low, high};
    }
    default: return std::nullopt;
  }
}

}  // namespace

Constants::Constants(const Program& program)
    : program_(program), globals_(program.count(NodeKind::Global)) {
  for (ItemId id = 0; id < globals_.size(); ++id) {
    Node node{NodeKind::Global, id};
    if (program.resolve(NodeKind::Global, id) != id || program.is_import(node)) continue;
    const ModuleGlobal& global = program.global(id);
    if (global.is_mutable()) continue;
    globals_[id] = evaluate(program.owner(node), global.initializer);
  }
}

std::optional<Constant> Constants::evaluate(uint32_t instance, Bytes initializer) const {
  Cursor cursor(initializer);
  std::vector<Constant> stack;
  for (;;) {
    uint8_t opcode = cursor.u8();
    if (!cursor.ok()) return std::nullopt;
    std::optional<Constant> value;
    if (opcode == 0x0b) {
      if (stack.size() != 1) return std::nullopt;
      return stack.back();
    }
    if (is_arithmetic(opcode)) {
      if (stack.size() < 2) return std::nullopt;
      Constant right = stack.back();
      stack.pop_back();
      value = arithmetic(opcode, stack.back(), right);
      stack.pop_back();
    } else if (opcode == 0x23) {
      auto id = program_.resolve(instance, NodeKind::Global, cursor.leb_u32());
      if (id) value = globals_[*id];
    } else if (opcode == 0xd2) {
      auto id = program_.find(instance, NodeKind::Func, cursor.leb_u32());
      if (id) value = Constant{Kind::Func, *id};
    } else if (opcode == 0xd0) {
      uint8_t code = cursor.peek();
      int64_t heap = cursor.leb_signed(5);
      if (heap >= 0) {
        auto type = program_.type(instance, static_cast<uint32_t>(heap));
        if (type) value = Constant{Kind::TypedNull, *type};
      } else if (code >= 0x68 && code <= 0x75) {
        value = Constant{Kind::AbstractNull, code};
      }
    } else {
      value = read_number(opcode, cursor);
    }
    if (!value || !cursor.ok()) return std::nullopt;
    stack.push_back(*value);
  }
}

std::optional<uint64_t> Constants::address(uint32_t instance, Bytes initializer) const {
  auto value = evaluate(instance, initializer);
  if (!value || (value->kind != Kind::I32 && value->kind != Kind::I64)) return std::nullopt;
  return value->bits;
}

}  // namespace spindle::wasm::rewrite
