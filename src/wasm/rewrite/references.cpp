#include "wasm/rewrite/references.h"

#include <array>

#include <fmt/format.h>

#include "wasm/rewrite/cursor.h"

namespace spindle::wasm::rewrite {

namespace {

// What follows an opcode.
enum class Immediates : uint8_t {
  Unknown,
  None,
  Block,
  Number,  // one unsigned number that stays: locals, labels, fields
  Numbers2,
  LabelTable,
  Call,
  ReturnCall,
  CallIndirect,
  ReturnCallIndirect,
  Type,
  TypeType,
  TypeNumber,
  TypeData,
  TypeElement,
  TypeTag,
  SelectTypes,
  TryTable,
  Tag,
  Global,
  Table,
  TableWrite,
  TableCopy,
  TableInit,
  ElementDrop,
  MemoryOperand,
  MemoryOperandLane,
  Memory,
  MemoryCopy,
  MemoryInit,
  DataDrop,
  I32Const,
  I64Const,
  Bytes1,
  Bytes4,
  Bytes8,
  Bytes16,
  HeapType,
  CastBranch,
  Func,
  ResumeType,
  ResumeTypeTag,
  End,
  Prefix,
};
using enum Immediates;

using OpcodeTable = std::array<Immediates, 256>;

constexpr void fill(OpcodeTable& table, unsigned first, unsigned last, Immediates value) {
  for (unsigned i = first; i <= last; ++i) table[i] = value;
}

constexpr OpcodeTable make_plain() {
  OpcodeTable t{};
  fill(t, 0x00, 0x01, None);
  fill(t, 0x02, 0x04, Block);
  t[0x05] = None;
  t[0x06] = Block;  // try, of the older exceptions
  fill(t, 0x07, 0x08, Tag);
  t[0x09] = Number;
  t[0x0a] = None;
  t[0x0b] = End;
  fill(t, 0x0c, 0x0d, Number);
  t[0x0e] = LabelTable;
  t[0x0f] = None;
  t[0x10] = Call;
  t[0x11] = CallIndirect;
  t[0x12] = ReturnCall;
  t[0x13] = ReturnCallIndirect;
  fill(t, 0x14, 0x15, Type);
  t[0x18] = Number;
  fill(t, 0x19, 0x1b, None);
  t[0x1c] = SelectTypes;
  t[0x1f] = TryTable;
  fill(t, 0x20, 0x22, Number);
  fill(t, 0x23, 0x24, Global);
  t[0x25] = Table;
  t[0x26] = TableWrite;
  fill(t, 0x28, 0x3e, MemoryOperand);
  fill(t, 0x3f, 0x40, Memory);
  t[0x41] = I32Const;
  t[0x42] = I64Const;
  t[0x43] = Bytes4;
  t[0x44] = Bytes8;
  fill(t, 0x45, 0xc4, None);
  t[0xd0] = HeapType;
  t[0xd1] = None;
  t[0xd2] = Func;
  fill(t, 0xd3, 0xd4, None);
  fill(t, 0xd5, 0xd6, Number);
  t[0xe0] = Type;
  t[0xe1] = TypeType;
  t[0xe2] = Tag;
  t[0xe3] = ResumeType;
  t[0xe4] = ResumeTypeTag;
  t[0xe5] = ResumeType;
  t[0xe6] = TypeTag;
  fill(t, 0xfb, 0xfe, Prefix);
  return t;
}

// Structures, arrays, casts.
constexpr OpcodeTable make_gc() {
  OpcodeTable t{};
  fill(t, 0x00, 0x01, Type);
  fill(t, 0x02, 0x05, TypeNumber);
  fill(t, 0x06, 0x07, Type);
  t[0x08] = TypeNumber;
  t[0x09] = TypeData;
  t[0x0a] = TypeElement;
  fill(t, 0x0b, 0x0e, Type);
  t[0x0f] = None;
  t[0x10] = Type;
  t[0x11] = TypeType;
  t[0x12] = TypeData;
  t[0x13] = TypeElement;
  fill(t, 0x14, 0x17, HeapType);
  fill(t, 0x18, 0x19, CastBranch);
  fill(t, 0x1a, 0x1e, None);
  return t;
}

// Saturating conversions, bulk memory, wide arithmetic.
constexpr OpcodeTable make_bulk() {
  OpcodeTable t{};
  fill(t, 0x00, 0x07, None);
  t[0x08] = MemoryInit;
  t[0x09] = DataDrop;
  t[0x0a] = MemoryCopy;
  t[0x0b] = Memory;
  t[0x0c] = TableInit;
  t[0x0d] = ElementDrop;
  t[0x0e] = TableCopy;
  t[0x0f] = TableWrite;
  t[0x10] = Table;
  t[0x11] = TableWrite;
  fill(t, 0x13, 0x16, None);
  return t;
}

constexpr OpcodeTable make_simd() {
  OpcodeTable t{};
  fill(t, 0x00, 0x0b, MemoryOperand);
  fill(t, 0x0c, 0x0d, Bytes16);
  fill(t, 0x0e, 0x14, None);
  fill(t, 0x15, 0x22, Bytes1);
  fill(t, 0x23, 0x53, None);
  fill(t, 0x54, 0x5b, MemoryOperandLane);
  fill(t, 0x5c, 0x5d, MemoryOperand);
  fill(t, 0x5e, 0xff, None);
  return t;
}

constexpr OpcodeTable make_atomic() {
  OpcodeTable t{};
  fill(t, 0x00, 0x02, MemoryOperand);
  t[0x03] = Bytes1;
  fill(t, 0x10, 0x4e, MemoryOperand);
  return t;
}

constexpr OpcodeTable kPlain = make_plain();
constexpr OpcodeTable kGc = make_gc();
constexpr OpcodeTable kBulk = make_bulk();
constexpr OpcodeTable kSimd = make_simd();
constexpr OpcodeTable kAtomic = make_atomic();
// Beyond the table: relaxed vector instructions.
constexpr uint32_t kLastRelaxedSimd = 0x113;

constexpr uint32_t kMemoryIndexFlag = 1U << 6;

class Decoder {
 public:
  Decoder(Bytes bytes, uint64_t base, References& found, MemoryZero memory_zero = MemoryZero::All)
      : cursor_(bytes), base_(base), found_(found), memory_zero_(memory_zero) {}

  Result<void> body();
  Result<uint32_t> initializer();
  Result<uint32_t> value_type();

 private:
  Result<void> finish(const char* what);
  void locals();
  bool instruction();
  bool immediates(Immediates kind, uint32_t start);
  bool typed(Immediates kind);
  bool bulk(Immediates kind);
  Immediates prefixed(uint8_t prefix);
  void index(ReferenceKind kind);
  void block_type();
  void read_value_type();
  void heap_type();
  void memory_operand();
  void indirect_call(uint32_t start, bool is_return);
  void label_table();
  void select_types();
  void catches();
  void handlers();
  // Each element takes at least a byte, which bounds the work.
  uint32_t count() {
    uint32_t value = cursor_.leb_u32();
    if (value > cursor_.remaining()) cursor_.fail();
    return cursor_.ok() ? value : 0;
  }
  void add(uint32_t offset, ReferenceKind kind, uint32_t value) {
    found_.list.push_back({offset, value, kind, static_cast<uint8_t>(cursor_.position() - offset)});
  }

  Cursor cursor_;
  uint64_t base_;
  References& found_;
  MemoryZero memory_zero_;
  bool wants_memory_zero_ = true;
  bool is_at_end_instruction_ = false;
  // Position after the last instruction if that was i32.const.
  uint32_t constant_end_ = 0;
  uint32_t constant_start_ = 0;
  uint32_t constant_ = 0;
  uint32_t unknown_ = 0;
  uint64_t unknown_at_ = 0;
};

void Decoder::index(ReferenceKind kind) {
  uint32_t offset = cursor_.position();
  uint32_t value = cursor_.leb_u32();
  add(offset, kind, value);
}

void Decoder::heap_type() {
  uint8_t code = cursor_.peek();
  // Exact and shared.
  if (code == 0x62 || code == 0x65) {
    cursor_.u8();
    code = cursor_.peek();
  }
  uint32_t offset = cursor_.position();
  int64_t value = cursor_.leb_signed(5);
  if (value >= 0) {
    if (value > UINT32_MAX) cursor_.fail();
    add(offset, ReferenceKind::HeapType, static_cast<uint32_t>(value));
  }
}

void Decoder::read_value_type() {
  uint8_t code = cursor_.u8();
  if (code == 0x63 || code == 0x64) {
    heap_type();
  } else if (code == 0x65) {
    cursor_.u8();
  } else if (code < 0x65 || code > 0x7f) {
    cursor_.fail();
  }
}

void Decoder::block_type() {
  uint8_t code = cursor_.peek();
  if (code == 0x40) {
    cursor_.u8();
  } else if ((code & 0xc0) == 0x40) {
    read_value_type();
  } else {
    heap_type();
  }
}

void Decoder::memory_operand() {
  uint32_t offset = cursor_.position();
  uint32_t flags = cursor_.leb_u32();
  uint32_t memory = (flags & kMemoryIndexFlag) != 0 ? cursor_.leb_u32() : 0;
  if (memory != 0 || wants_memory_zero_) {
    add(offset, ReferenceKind::MemoryOperand, memory);
    if (memory == 0) wants_memory_zero_ = memory_zero_ == MemoryZero::All;
  }
  cursor_.skip_leb(10);
}

void Decoder::indirect_call(uint32_t start, bool is_return) {
  uint32_t type_offset = cursor_.position();
  uint32_t type = cursor_.leb_u32();
  uint32_t table_offset = cursor_.position();
  uint32_t table = cursor_.leb_u32();
  if (start != 0 && constant_end_ == start) {
    auto call_offset = static_cast<uint8_t>(start - constant_start_);
    auto number = static_cast<uint32_t>(found_.constant_calls.size());
    found_.constant_calls.push_back({type, table, constant_, call_offset, is_return});
    add(constant_start_, ReferenceKind::ConstantCall, number);
    return;
  }
  found_.list.push_back(
      {type_offset, type, ReferenceKind::Type, static_cast<uint8_t>(table_offset - type_offset)});
  add(table_offset, ReferenceKind::Table, table);
}

void Decoder::label_table() {
  uint32_t labels = count();
  for (uint32_t i = 0; i <= labels && cursor_.ok(); ++i) cursor_.leb_u32();
}

void Decoder::select_types() {
  uint32_t types = count();
  for (uint32_t i = 0; i < types && cursor_.ok(); ++i) read_value_type();
}

void Decoder::catches() {
  uint32_t clauses = count();
  for (uint32_t i = 0; i < clauses && cursor_.ok(); ++i) {
    uint8_t kind = cursor_.u8();
    if (kind > 3) cursor_.fail();
    if (kind < 2) index(ReferenceKind::Tag);
    cursor_.leb_u32();
  }
}

void Decoder::handlers() {
  uint32_t clauses = count();
  for (uint32_t i = 0; i < clauses && cursor_.ok(); ++i) {
    uint8_t kind = cursor_.u8();
    if (kind > 1) cursor_.fail();
    index(ReferenceKind::Tag);
    if (kind == 0) cursor_.leb_u32();
  }
}

Immediates Decoder::prefixed(uint8_t prefix) {
  uint32_t opcode = cursor_.leb_u32();
  unknown_ = opcode;
  if (prefix == 0xfd && opcode >= 0x100 && opcode <= kLastRelaxedSimd) return None;
  if (opcode > 0xff) return Unknown;
  switch (prefix) {
    case 0xfb: return kGc[opcode];
    case 0xfc: return kBulk[opcode];
    case 0xfd: return kSimd[opcode];
    default: return kAtomic[opcode];
  }
}

bool Decoder::instruction() {
  uint32_t start = cursor_.position();
  uint8_t opcode = cursor_.u8();
  Immediates kind = kPlain[opcode];
  unknown_ = opcode;
  if (kind == Prefix) kind = prefixed(opcode);
  if (immediates(kind, start)) return true;
  unknown_at_ = base_ + start;
  return false;
}

// The frequent ones.
bool Decoder::immediates(Immediates kind, uint32_t start) {
  switch (kind) {
    case None: return true;
    case End: is_at_end_instruction_ = true; return true;
    case Number: cursor_.skip_leb(5); return true;
    case Block: block_type(); return true;
    case MemoryOperand: memory_operand(); return true;
    case I32Const:
      constant_start_ = start;
      constant_ = static_cast<uint32_t>(cursor_.leb_signed(5));
      constant_end_ = cursor_.position();
      return true;
    case I64Const: cursor_.skip_leb(10); return true;
    case Call: index(ReferenceKind::Call); return true;
    case ReturnCall: index(ReferenceKind::ReturnCall); return true;
    case CallIndirect: indirect_call(start, false); return true;
    case ReturnCallIndirect: indirect_call(start, true); return true;
    case Global: index(ReferenceKind::Global); return true;
    case LabelTable: label_table(); return true;
    case Bytes1: cursor_.skip(1); return true;
    case Bytes4: cursor_.skip(4); return true;
    case Bytes8: cursor_.skip(8); return true;
    case Bytes16: cursor_.skip(16); return true;
    default: return bulk(kind);
  }
}

bool Decoder::bulk(Immediates kind) {
  switch (kind) {
    case Memory: index(ReferenceKind::Memory); return true;
    case MemoryOperandLane:
      memory_operand();
      cursor_.skip(1);
      return true;
    case MemoryCopy:
      index(ReferenceKind::Memory);
      index(ReferenceKind::Memory);
      return true;
    case MemoryInit:
      index(ReferenceKind::Data);
      index(ReferenceKind::Memory);
      return true;
    case DataDrop: index(ReferenceKind::Data); return true;
    case Table: index(ReferenceKind::Table); return true;
    case TableWrite: index(ReferenceKind::TableWrite); return true;
    case TableCopy:
      index(ReferenceKind::TableWrite);
      index(ReferenceKind::Table);
      return true;
    case TableInit:
      index(ReferenceKind::Element);
      index(ReferenceKind::TableWrite);
      return true;
    case ElementDrop: index(ReferenceKind::Element); return true;
    case Func: index(ReferenceKind::Func); return true;
    case Tag: index(ReferenceKind::Tag); return true;
    default: return typed(kind);
  }
}

bool Decoder::typed(Immediates kind) {
  switch (kind) {
    case HeapType: heap_type(); return true;
    case SelectTypes: select_types(); return true;
    case TryTable:
      block_type();
      catches();
      return true;
    case Numbers2:
      cursor_.leb_u32();
      cursor_.leb_u32();
      return true;
    case CastBranch:
      cursor_.u8();
      cursor_.leb_u32();
      heap_type();
      heap_type();
      return true;
    case Type: index(ReferenceKind::Type); return true;
    case TypeType:
      index(ReferenceKind::Type);
      index(ReferenceKind::Type);
      return true;
    case TypeNumber:
      index(ReferenceKind::Type);
      cursor_.leb_u32();
      return true;
    case TypeData:
      index(ReferenceKind::Type);
      index(ReferenceKind::Data);
      return true;
    case TypeElement:
      index(ReferenceKind::Type);
      index(ReferenceKind::Element);
      return true;
    case TypeTag:
      index(ReferenceKind::Type);
      index(ReferenceKind::Tag);
      return true;
    case ResumeType:
      index(ReferenceKind::Type);
      handlers();
      return true;
    case ResumeTypeTag:
      index(ReferenceKind::Type);
      index(ReferenceKind::Tag);
      handlers();
      return true;
    default: return false;
  }
}

void Decoder::locals() {
  uint32_t groups = count();
  for (uint32_t i = 0; i < groups && cursor_.ok(); ++i) {
    cursor_.leb_u32();
    read_value_type();
  }
}

Result<void> Decoder::finish(const char* what) {
  if (cursor_.ok()) return {};
  return Error::invalid_input(fmt::format("malformed {}", what)).with_offset(base_);
}

Result<void> Decoder::body() {
  locals();
  while (!cursor_.at_end()) {
    if (!instruction() && cursor_.ok()) {
      return Error::not_supported(fmt::format("unknown instruction 0x{:02x}", unknown_))
          .with_offset(unknown_at_);
    }
  }
  return finish("function body");
}

Result<uint32_t> Decoder::initializer() {
  const size_t calls_before = found_.constant_calls.size();
  while (!is_at_end_instruction_ && !cursor_.at_end()) {
    if (!instruction() && cursor_.ok()) {
      return Error::not_supported(fmt::format("unknown instruction 0x{:02x}", unknown_))
          .with_offset(unknown_at_);
    }
  }
  // No call is constant; those would be numbered by the wrong list.
  if (!is_at_end_instruction_ || found_.constant_calls.size() != calls_before) cursor_.fail();
  TRY(finish("constant expression"));
  return cursor_.position();
}

Result<uint32_t> Decoder::value_type() {
  read_value_type();
  TRY(finish("value type"));
  return cursor_.position();
}

}  // namespace

Result<void> decode_body(Bytes bytes, uint64_t base, References& found, MemoryZero memory_zero) {
  return Decoder(bytes, base, found, memory_zero).body();
}

Result<uint32_t> decode_initializer(Bytes bytes, uint64_t base, References& found) {
  return Decoder(bytes, base, found).initializer();
}

Result<uint32_t> decode_value_type(Bytes bytes, uint64_t base, References& found) {
  return Decoder(bytes, base, found).value_type();
}

}  // namespace spindle::wasm::rewrite
