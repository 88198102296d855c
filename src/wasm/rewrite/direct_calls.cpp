#include "wasm/rewrite/direct_calls.h"

#include "wasm/rewrite/cursor.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr uint8_t kLocalGet = 0x20;
constexpr uint8_t kEnd = 0x0b;

// `local.get 0, ..., local.get params - 1`, one instruction at `offset`, `end`.
bool passes_parameters(Bytes body, uint32_t params, uint32_t offset, uint32_t length) {
  Cursor cursor(body);
  if (cursor.u8() != 0) return false;  // locals
  for (uint32_t i = 0; i < params; ++i) {
    if (cursor.u8() != kLocalGet || cursor.leb_u32() != i) return false;
  }
  if (!cursor.ok() || cursor.position() != offset) return false;
  cursor.skip(length);
  return cursor.u8() == kEnd && cursor.ok() && cursor.at_end();
}

}  // namespace

Result<DirectCalls> DirectCalls::find(Program& program, const Facts& facts) {
  DirectCalls calls;
  calls.tables_.resize(program.count(NodeKind::Table));
  for (ItemId table = 0; table < calls.tables_.size(); ++table) {
    if (is_settled(program, facts, table)) TRY(calls.settle(program, facts, table));
  }
  TRY(calls.find_forwarders(program, facts.reach));
  return calls;
}

bool DirectCalls::is_settled(const Program& program, const Facts& facts, ItemId table) {
  Node node{NodeKind::Table, table};
  if (!facts.reach.contains(node) || program.is_import(node)) return false;
  if (facts.reach.is_written(table) || facts.exported_tables[table]) return false;
  for (ItemId segment : facts.segments.of_table(table)) {
    if (facts.late_elements[segment]) return false;
    if (!facts.segments.offset({NodeKind::Element, segment})) return false;
  }
  return true;
}

Result<void> DirectCalls::settle(const Program& program, const Facts& facts, ItemId table) {
  Slots slots;
  References scratch;
  for (ItemId id : facts.segments.of_table(table)) {
    Node node{NodeKind::Element, id};
    const ElementSegment& segment = program.element(id);
    uint32_t instance = program.owner(node);
    uint64_t slot = *facts.segments.offset(node);
    Bytes rest = segment.items;
    Cursor indices(segment.items);
    for (uint32_t i = 0; i < segment.count; ++i, ++slot) {
      std::optional<ItemId> function;
      if (segment.element_type.empty()) {
        function = TRY(program.resolve(instance, NodeKind::Func, indices.leb_u32()));
      } else {
        scratch.list.clear();
        auto length = TRY(decode_initializer(rest, 0, scratch));
        auto value = facts.constants.evaluate(instance, rest.first(length));
        if (value && value->kind == Constant::Kind::Func) {
          function = program.resolve(NodeKind::Func, static_cast<ItemId>(value->bits));
        }
        rest = rest.subspan(length);
      }
      if (function) {
        slots[slot] = *function;
      } else {
        slots.erase(slot);
      }
    }
  }
  tables_[table] = std::move(slots);
  return {};
}

std::optional<ItemId> DirectCalls::target(const Program& program, uint32_t instance,
                                          const ConstantCall& call) const {
  auto table = program.resolve(instance, NodeKind::Table, call.table);
  if (!table || !tables_[*table]) return std::nullopt;
  auto found = tables_[*table]->find(call.slot);
  if (found == tables_[*table]->end()) return std::nullopt;
  auto wanted = program.type(instance, call.type);
  auto offered = program.function_type(found->second);
  if (!wanted || !offered || *wanted != *offered) return std::nullopt;
  // By now something may stand for it.
  return program.resolve(NodeKind::Func, found->second);
}

uint32_t DirectCalls::forwarders() const {
  uint32_t count = 0;
  for (ItemId id = 0; id < forwarded_.size(); ++id) count += forwarded_[id] != id ? 1 : 0;
  return count;
}

// The function that `function` only passes its parameters to.
std::optional<ItemId> DirectCalls::callee_of_forwarder(Program& program, ItemId function) const {
  Node node{NodeKind::Func, function};
  uint32_t instance = program.owner(node);
  auto references = program.references(function);
  if (!references || references->size() != 1) return std::nullopt;
  const Reference reference = references->front();
  std::optional<ItemId> callee;
  uint32_t begin = reference.offset;
  uint32_t length = reference.length;
  if (reference.kind == ReferenceKind::Call || reference.kind == ReferenceKind::ReturnCall) {
    auto id = program.resolve(instance, NodeKind::Func, reference.index);
    if (!id) return std::nullopt;
    callee = *id;
    --begin;  // the opcode
    ++length;
  } else if (reference.kind == ReferenceKind::ConstantCall) {
    const auto& calls = program.module_of(instance).references.constant_calls;
    callee = target(program, instance, calls[reference.index]);
  }
  if (!callee) return std::nullopt;
  auto own = program.function_type(function);
  auto other = program.function_type(*callee);
  if (!own || !other || *own != *other) return std::nullopt;
  auto arity = program.types().arity(*own);
  if (!arity) return std::nullopt;
  bool passes = passes_parameters(program.body(function), arity->params, begin, length);
  return passes ? callee : std::nullopt;
}

Result<void> DirectCalls::find_forwarders(Program& program, const Reach& reach) {
  const uint32_t count = program.count(NodeKind::Func);
  std::vector<ItemId> next(count);
  for (ItemId id = 0; id < count; ++id) {
    next[id] = id;
    Node node{NodeKind::Func, id};
    if (!reach.contains(node) || program.is_import(node)) continue;
    if (auto callee = callee_of_forwarder(program, id)) next[id] = *callee;
  }
  enum class State : uint8_t { New, OnPath, Done };
  std::vector<State> states(count, State::New);
  forwarded_.resize(count);
  std::vector<ItemId> path;
  for (ItemId start = 0; start < count; ++start) {
    path.clear();
    ItemId at = start;
    while (states[at] == State::New) {
      states[at] = State::OnPath;
      path.push_back(at);
      at = next[at];
    }
    // Forwarders in a circle never return, whichever of them is called.
    ItemId end = states[at] == State::Done ? forwarded_[at] : at;
    for (ItemId id : path) {
      forwarded_[id] = end;
      states[id] = State::Done;
    }
  }
  return {};
}

}  // namespace spindle::wasm::rewrite
