#include "wasm/rewrite/rewriter.h"

#include <algorithm>

#include "wasm/rewrite/cursor.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr uint8_t kCall = 0x10;
constexpr uint8_t kReturnCall = 0x12;
constexpr uint32_t kMemoryIndexFlag = 1U << 6;

NodeKind node_kind(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::Table:
    case ReferenceKind::TableWrite: return NodeKind::Table;
    case ReferenceKind::Memory:
    case ReferenceKind::MemoryOperand: return NodeKind::Memory;
    case ReferenceKind::Global: return NodeKind::Global;
    case ReferenceKind::Tag: return NodeKind::Tag;
    case ReferenceKind::Element: return NodeKind::Element;
    case ReferenceKind::Data: return NodeKind::Data;
    default: return NodeKind::Func;
  }
}

void little_endian(ByteWriter& out, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out.u8(static_cast<uint8_t>(value >> (8 * i)));
}

}  // namespace

Rewriter::Rewriter(Program& program, const Findings& findings)
    : program_(program), findings_(findings) {
  for (size_t kind = 0; kind < kNodeKinds; ++kind) {
    indices_[kind].resize(program.count(static_cast<NodeKind>(kind)));
  }
  number_imports();
  number_definitions();
  const auto& used = findings.reach.types();
  for (TypeId type = 0; type < used.size(); ++type) {
    if (used[type]) program.types().use(type);
  }
  program.types().assign_indices();
}

void Rewriter::number_imports() {
  for (size_t kind = 0; kind < kItemKinds; ++kind) {
    for (ItemId id = 0; id < indices_[kind].size(); ++id) {
      Node node{static_cast<NodeKind>(kind), id};
      if (findings_.reach.contains(node) && program_.is_import(node)) imports_.push_back(node);
    }
  }
  std::ranges::sort(imports_, {}, [&](Node node) { return program_.import_number(node); });
  std::array<uint32_t, kItemKinds> next{};
  for (Node node : imports_) {
    const auto kind = static_cast<size_t>(node.kind);
    indices_[kind][node.id] = next[kind]++;
  }
  imported_functions_ = next[0];
}

void Rewriter::number_definitions() {
  for (size_t kind = 0; kind < kNodeKinds; ++kind) {
    auto& indices = indices_[kind];
    const auto node_kind = static_cast<NodeKind>(kind);
    auto next = static_cast<uint32_t>(
        std::ranges::count(imports_, node_kind, [](Node node) { return node.kind; }));
    for (ItemId id = 0; id < indices.size(); ++id) {
      Node node{node_kind, id};
      if (!findings_.reach.contains(node) || program_.is_import(node)) continue;
      definitions_[kind].push_back(id);
      indices[id] = next++;
    }
    for (ItemId id = 0; id < indices.size(); ++id) {
      indices[id] = indices[program_.resolve(node_kind, id)];
    }
  }
}

uint32_t Rewriter::new_index(uint32_t instance, const Reference& reference) const {
  if (reference.kind == ReferenceKind::Type || reference.kind == ReferenceKind::HeapType) {
    return program_.types().index_of(program_.module_of(instance).types[reference.index]);
  }
  const auto kind = node_kind(reference.kind);
  return indices_[static_cast<size_t>(kind)][program_.base(instance, kind) + reference.index];
}

void Rewriter::constant_call(ByteWriter& out, uint32_t instance, Bytes bytes,
                             const Reference& reference) const {
  const ConstantCall& call =
      program_.module_of(instance).references.constant_calls[reference.index];
  if (auto target = findings_.direct_calls.target(program_, instance, call)) {
    out.u8(call.is_return ? kReturnCall : kCall);
    out.leb_u32(index({NodeKind::Func, *target}));
    ++direct_calls_made_;
    return;
  }
  // The slot and the opcode.
  out.bytes(bytes.subspan(reference.offset, call.call_offset + 1));
  out.leb_u32(program_.types().index_of(program_.module_of(instance).types[call.type]));
  out.leb_u32(indices_[static_cast<size_t>(NodeKind::Table)]
                      [program_.base(instance, NodeKind::Table) + call.table]);
}

void Rewriter::write(ByteWriter& out, Bytes old, ReferenceKind kind, uint32_t index) {
  switch (kind) {
    case ReferenceKind::HeapType: out.leb_s64(index); return;
    case ReferenceKind::MemoryOperand: {
      uint32_t flags = Cursor(old).leb_u32();
      out.leb_u32(index == 0 ? flags & ~kMemoryIndexFlag : flags | kMemoryIndexFlag);
      if (index != 0) out.leb_u32(index);
      return;
    }
    default: out.leb_u32(index);
  }
}

void Rewriter::copy(ByteWriter& out, uint32_t instance, Bytes bytes,
                    std::span<const Reference> references) const {
  uint32_t done = 0;
  for (const Reference& reference : references) {
    const bool is_call = reference.kind == ReferenceKind::ConstantCall;
    uint32_t index = is_call ? 0 : new_index(instance, reference);
    // What stands there may be right already.
    if (!is_call && index == reference.index) continue;
    out.bytes(bytes.subspan(done, reference.offset - done));
    if (is_call) {
      constant_call(out, instance, bytes, reference);
    } else {
      write(out, bytes.subspan(reference.offset, reference.length), reference.kind, index);
    }
    done = reference.offset + reference.length;
  }
  out.bytes(bytes.subspan(done));
}

Result<void> Rewriter::body(ByteWriter& out, ItemId function) {
  Node node{NodeKind::Func, function};
  uint32_t instance = program_.owner(node);
  auto references = TRY(program_.references(function));
  Bytes bytes = program_.body(function);
  auto is_moved = [&](const Reference& reference) {
    return reference.kind == ReferenceKind::MemoryOperand && reference.index == 0 &&
           new_index(instance, reference) != 0;
  };
  if (std::ranges::none_of(references, is_moved)) {
    copy(out, instance, bytes, references);
    return {};
  }
  // Every operand of memory 0 changes. Calls that are listed elsewhere keep their numbers: both
  // lists have them in the same order.
  scratch_.list.clear();
  scratch_.constant_calls.clear();
  TRY(decode_body(bytes, 0, scratch_));
  std::vector<uint32_t> calls;
  for (const Reference& reference : references) {
    if (reference.kind == ReferenceKind::ConstantCall) calls.push_back(reference.index);
  }
  size_t next = 0;
  for (Reference& reference : scratch_.list) {
    if (reference.kind == ReferenceKind::ConstantCall) reference.index = calls[next++];
  }
  copy(out, instance, bytes, scratch_.list);
  return {};
}

void Rewriter::value_type(ByteWriter& out, uint32_t instance, Bytes type) const {
  References found;
  VERIFY(decode_value_type(type, 0, found).has_value());
  copy(out, instance, type, found.list);
}

void Rewriter::constant(ByteWriter& out, const Constant& value) const {
  using Kind = Constant::Kind;
  switch (value.kind) {
    case Kind::I32:
      out.u8(0x41);
      out.leb_s32(static_cast<int32_t>(static_cast<uint32_t>(value.bits)));
      break;
    case Kind::I64:
      out.u8(0x42);
      out.leb_s64(static_cast<int64_t>(value.bits));
      break;
    case Kind::F32:
      out.u8(0x43);
      little_endian(out, value.bits, 4);
      break;
    case Kind::F64:
      out.u8(0x44);
      little_endian(out, value.bits, 8);
      break;
    case Kind::V128:
      out.u8(0xfd);
      out.u8(12);
      little_endian(out, value.bits, 8);
      little_endian(out, value.high_bits, 8);
      break;
    case Kind::Func:
      out.u8(0xd2);
      out.leb_u32(index({NodeKind::Func, static_cast<ItemId>(value.bits)}));
      break;
    case Kind::AbstractNull:
      out.u8(0xd0);
      out.u8(static_cast<uint8_t>(value.bits));
      break;
    case Kind::TypedNull:
      out.u8(0xd0);
      out.leb_s64(program_.types().index_of(static_cast<TypeId>(value.bits)));
      break;
  }
}

void Rewriter::initializer(ByteWriter& out, uint32_t instance, Bytes initializer) {
  constexpr uint8_t kEnd = 0x0b;
  constexpr uint8_t kGlobalGet = 0x23;
  if (auto value = findings_.constants.evaluate(instance, initializer)) {
    constant(out, *value);
    out.u8(kEnd);
    if (initializer[0] == kGlobalGet) ++folded_;
    return;
  }
  References found;
  VERIFY(decode_initializer(initializer, 0, found).has_value());
  copy(out, instance, initializer, found.list);
}

}  // namespace spindle::wasm::rewrite
