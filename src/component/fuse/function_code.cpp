#include "component/fuse/function_code.h"

#include "base/verify.h"

namespace spindle::component {
namespace {

constexpr uint8_t kNoResult = 0x40;
constexpr uint8_t kEnd = 0x0b;

}  // namespace

uint8_t core_type_code(FlatType type) {
  switch (type) {
    case FlatType::I32: return 0x7f;
    case FlatType::I64: return 0x7e;
    case FlatType::F32: return 0x7d;
    case FlatType::F64: return 0x7c;
  }
  return 0x7f;
}

CodeLocal FunctionCode::local(FlatType type) {
  types_.push_back(type);
  return {static_cast<uint32_t>(types_.size() - 1), type};
}

void FunctionCode::i32(uint32_t value) {
  out_.u8(0x41);
  out_.leb_s32(static_cast<int32_t>(value));
}

void FunctionCode::i64(uint64_t value) {
  out_.u8(0x42);
  out_.leb_s64(static_cast<int64_t>(value));
}

void FunctionCode::place(CodePlace place) {
  // Nothing is promised about alignment. Bit 6 says that a memory is named.
  if (place.memory == 0) {
    out_.u8(0);
  } else {
    out_.u8(0x40);
    out_.leb_u32(place.memory);
  }
  out_.leb_u32(place.offset);
}

void FunctionCode::load(CodePlace where, uint32_t size) {
  switch (size) {
    case 1: out_.u8(0x2d); break;
    case 2: out_.u8(0x2f); break;
    case 4: out_.u8(0x28); break;
    default: out_.u8(0x29); break;
  }
  place(where);
}

void FunctionCode::store(CodePlace where, uint32_t size) {
  switch (size) {
    case 1: out_.u8(0x3a); break;
    case 2: out_.u8(0x3b); break;
    case 4: out_.u8(0x36); break;
    default: out_.u8(0x37); break;
  }
  place(where);
}

void FunctionCode::load_v128(CodePlace where) {
  out_.u8(0xfd);
  out_.leb_u32(0x00);
  place(where);
}

void FunctionCode::v128_bitmask() {
  out_.u8(0xfd);
  out_.leb_u32(0x64);
}

void FunctionCode::memory_copy(uint32_t to, uint32_t from) {
  out_.u8(0xfc);
  out_.leb_u32(0x0a);
  out_.leb_u32(to);
  out_.leb_u32(from);
}

void FunctionCode::open(uint8_t opcode) {
  out_.u8(opcode);
  out_.u8(kNoResult);
  ++depth_;
}

void FunctionCode::begin_try() {
  constexpr uint8_t kCatchAll = 0x02;
  open(0x1f);
  out_.leb_u32(1);
  out_.u8(kCatchAll);
  out_.leb_u32(0);
}

void FunctionCode::end() {
  VERIFY(depth_ > 0);
  out_.u8(kEnd);
  --depth_;
}

void FunctionCode::branch_table(std::span<const uint32_t> targets, uint32_t otherwise) {
  out_.u8(0x0e);
  out_.leb_u32(static_cast<uint32_t>(targets.size()));
  for (uint32_t target : targets) out_.leb_u32(depth_ - target);
  out_.leb_u32(depth_ - otherwise);
}

ByteWriter FunctionCode::finish() {
  VERIFY(depth_ == 0);
  ByteWriter body;
  ByteWriter runs;
  uint32_t run_count = 0;
  for (size_t i = param_count_; i < types_.size();) {
    size_t next = i;
    while (next < types_.size() && types_[next] == types_[i]) ++next;
    runs.leb_u32(static_cast<uint32_t>(next - i));
    runs.u8(core_type_code(types_[i]));
    ++run_count;
    i = next;
  }
  body.leb_u32(run_count);
  body.bytes(runs);
  body.bytes(out_);
  body.u8(kEnd);
  return body;
}

}  // namespace spindle::component
