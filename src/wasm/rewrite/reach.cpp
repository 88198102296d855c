#include "wasm/rewrite/reach.h"

#include "wasm/rewrite/cursor.h"
#include "wasm/rewrite/direct_calls.h"

namespace spindle::wasm::rewrite {

namespace {

bool fits(std::optional<uint64_t> offset, uint64_t length, uint64_t size) {
  return offset && length <= size && *offset <= size - length;
}

uint64_t bytes_of(const ModuleMemory& memory) {
  uint64_t pages = memory.size.minimum;
  if (pages == 0) return 0;
  if (pages > (UINT64_MAX >> memory.page_size_log2)) return UINT64_MAX;
  return pages << memory.page_size_log2;
}

}  // namespace

Result<Segments> Segments::find(const Program& program, const Constants& constants) {
  Segments result;
  result.by_table_.resize(program.count(NodeKind::Table));
  result.by_memory_.resize(program.count(NodeKind::Memory));
  result.elements_.resize(program.count(NodeKind::Element));
  result.data_.resize(program.count(NodeKind::Data));
  for (ItemId id = 0; id < result.elements_.size(); ++id) {
    const ElementSegment& segment = program.element(id);
    if (segment.mode != SegmentMode::Active) continue;
    uint32_t instance = program.owner({NodeKind::Element, id});
    Placement& placement = result.elements_[id];
    placement.target = TRY(program.resolve(instance, NodeKind::Table, segment.table));
    placement.offset = constants.address(instance, segment.offset);
    const ModuleTable& table = program.table(placement.target);
    placement.is_safe = fits(placement.offset, segment.count, table.size.minimum);
    result.by_table_[placement.target].push_back(id);
  }
  for (ItemId id = 0; id < result.data_.size(); ++id) {
    const DataSegment& segment = program.data(id);
    if (segment.mode != SegmentMode::Active) continue;
    uint32_t instance = program.owner({NodeKind::Data, id});
    Placement& placement = result.data_[id];
    placement.target = TRY(program.resolve(instance, NodeKind::Memory, segment.memory));
    placement.offset = constants.address(instance, segment.offset);
    placement.is_safe =
        fits(placement.offset, segment.content.size(), bytes_of(program.memory(placement.target)));
    result.by_memory_[placement.target].push_back(id);
  }
  return result;
}

Node Segments::target(Node segment) const {
  NodeKind kind = segment.kind == NodeKind::Element ? NodeKind::Table : NodeKind::Memory;
  return {kind, placement(segment).target};
}

bool Segments::is_safe(Node segment) const {
  return placement(segment).is_safe;
}

std::optional<uint64_t> Segments::offset(Node segment) const {
  return placement(segment).offset;
}

Reach::Reach(Program& program, const Constants& constants, const Segments& segments,
             const DirectCalls* direct_calls)
    : program_(program), constants_(constants), segments_(segments), direct_calls_(direct_calls) {
  for (size_t kind = 0; kind < kNodeKinds; ++kind) {
    is_reached_[kind].resize(program.count(static_cast<NodeKind>(kind)));
  }
  is_referenced_.resize(program.count(NodeKind::Func));
  is_written_.resize(program.count(NodeKind::Table));
  is_type_used_.resize(program.types().size());
}

void Reach::add(Node node) {
  auto reached = is_reached_[static_cast<size_t>(node.kind)].begin() + node.id;
  if (*reached) return;
  *reached = true;
  pending_.push_back(node);
}

Result<void> Reach::run() {
  while (!pending_.empty()) {
    Node node = pending_.back();
    pending_.pop_back();
    TRY(visit(node));
  }
  return {};
}

Result<void> Reach::visit(Node node) {
  uint32_t instance = program_.owner(node);
  switch (node.kind) {
    case NodeKind::Func: return visit_function(node);
    case NodeKind::Table: {
      for (ItemId segment : segments_.of_table(node.id)) add({NodeKind::Element, segment});
      TRY(follow_value_type(instance, program_.table(node.id).element_type));
      return follow_initializer(instance, program_.table(node.id).initializer);
    }
    case NodeKind::Memory:
      for (ItemId segment : segments_.of_memory(node.id)) add({NodeKind::Data, segment});
      return {};
    case NodeKind::Global:
      TRY(follow_value_type(instance, program_.global(node.id).value_type));
      return follow_initializer(instance, program_.global(node.id).initializer);
    case NodeKind::Tag:
      return follow_type(instance, program_.sections_of(instance).tags[program_.local_index(node)]);
    case NodeKind::Element: return visit_element(node);
    case NodeKind::Data:
      if (program_.data(node.id).mode != SegmentMode::Active) return {};
      add(segments_.target(node));
      return follow_initializer(instance, program_.data(node.id).offset);
  }
  return {};
}

Result<void> Reach::visit_function(Node node) {
  uint32_t instance = program_.owner(node);
  auto type = TRY(program_.function_type(node.id));
  is_type_used_[type] = true;
  if (program_.is_import(node)) {
    reaches_host_ = true;
    return {};
  }
  code_bytes_ += program_.body(node.id).size();
  TRY(program_.check_output(code_bytes_));
  auto references = TRY(program_.references(node.id));
  return follow(instance, references);
}

Result<void> Reach::visit_element(Node node) {
  uint32_t instance = program_.owner(node);
  const ElementSegment& segment = program_.element(node.id);
  if (segment.mode == SegmentMode::Active) {
    add(segments_.target(node));
    TRY(follow_initializer(instance, segment.offset));
  }
  if (segment.element_type.empty()) {
    Cursor items(segment.items);
    for (uint32_t i = 0; i < segment.count; ++i) {
      TRY(follow_index(instance, NodeKind::Func, items.leb_u32()));
    }
    return {};
  }
  TRY(follow_value_type(instance, segment.element_type));
  References found;
  Bytes rest = segment.items;
  for (uint32_t i = 0; i < segment.count; ++i) {
    found.list.clear();
    auto length = TRY(decode_initializer(rest, 0, found));
    TRY(follow_initializer(instance, rest.first(length)));
    rest = rest.subspan(length);
  }
  return {};
}

Result<void> Reach::follow_type(uint32_t instance, uint32_t index) {
  auto type = TRY(program_.type(instance, index));
  is_type_used_[type] = true;
  return {};
}

Result<void> Reach::follow_index(uint32_t instance, NodeKind kind, uint32_t index) {
  auto id = TRY(program_.resolve(instance, kind, index));
  add({kind, id});
  return {};
}

Result<void> Reach::follow_value_type(uint32_t instance, Bytes type) {
  References found;
  TRY(decode_value_type(type, 0, found));
  return follow(instance, found.list);
}

Result<void> Reach::follow_initializer(uint32_t instance, Bytes initializer) {
  if (initializer.empty()) return {};
  if (auto value = constants_.evaluate(instance, initializer)) {
    if (value->kind == Constant::Kind::TypedNull) is_type_used_[value->bits] = true;
    if (value->kind == Constant::Kind::Func) {
      auto function = static_cast<ItemId>(value->bits);
      add({NodeKind::Func, program_.resolve(NodeKind::Func, function)});
    }
    return {};
  }
  References found;
  TRY(decode_initializer(initializer, 0, found));
  for (const Reference& reference : found.list) {
    // Mentioned here, a function counts as declared.
    if (reference.kind == ReferenceKind::Func) {
      TRY(follow_index(instance, NodeKind::Func, reference.index));
    } else {
      TRY(follow_one(instance, reference));
    }
  }
  return {};
}

Result<void> Reach::follow(uint32_t instance, std::span<const Reference> references) {
  for (const Reference& reference : references) {
    // Most are of these two kinds, and of something known.
    const bool is_call = reference.kind == ReferenceKind::Call;
    if (is_call || reference.kind == ReferenceKind::Global) {
      Node node{is_call ? NodeKind::Func : NodeKind::Global, kNoItem};
      node.id = program_.find_resolved(instance, node.kind, reference.index);
      if (node.id != kNoItem) {
        add(node);
        continue;
      }
    }
    TRY(follow_one(instance, reference));
  }
  return {};
}

Result<void> Reach::follow_constant_call(uint32_t instance, const ConstantCall& call) {
  if (direct_calls_ != nullptr) {
    if (auto target = direct_calls_->target(program_, instance, call)) {
      add({NodeKind::Func, *target});
      return {};
    }
  }
  TRY(follow_type(instance, call.type));
  return follow_index(instance, NodeKind::Table, call.table);
}

Result<void> Reach::follow_one(uint32_t instance, const Reference& reference) {
  switch (reference.kind) {
    case ReferenceKind::Type:
    case ReferenceKind::HeapType: return follow_type(instance, reference.index);
    case ReferenceKind::Call:
    case ReferenceKind::ReturnCall: return follow_index(instance, NodeKind::Func, reference.index);
    case ReferenceKind::Func: {
      auto id = TRY(program_.resolve(instance, NodeKind::Func, reference.index));
      is_referenced_[id] = true;
      add({NodeKind::Func, id});
      return {};
    }
    case ReferenceKind::TableWrite: {
      auto id = TRY(program_.resolve(instance, NodeKind::Table, reference.index));
      is_written_[id] = true;
      add({NodeKind::Table, id});
      return {};
    }
    case ReferenceKind::Table: return follow_index(instance, NodeKind::Table, reference.index);
    case ReferenceKind::Memory:
    case ReferenceKind::MemoryOperand:
      return follow_index(instance, NodeKind::Memory, reference.index);
    case ReferenceKind::Global: return follow_index(instance, NodeKind::Global, reference.index);
    case ReferenceKind::Tag: return follow_index(instance, NodeKind::Tag, reference.index);
    case ReferenceKind::Element: return follow_index(instance, NodeKind::Element, reference.index);
    case ReferenceKind::Data: return follow_index(instance, NodeKind::Data, reference.index);
    case ReferenceKind::ConstantCall:
      return follow_constant_call(
          instance, program_.module_of(instance).references.constant_calls[reference.index]);
  }
  return {};
}

}  // namespace spindle::wasm::rewrite
