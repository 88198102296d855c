#include "assemble/component_ast.h"

#include "base/overloaded.h"

namespace spindle::assemble {
namespace {

using namespace component;

// The space that a definition appends to, and how many items.
struct Appended {
  Sort sort;
  uint32_t count = 1;
};

Appended appended_by(const ComponentAst::Kind& kind) {
  return std::visit(
      Overloaded{[](const CoreModuleDef&) { return Appended{Sort::CoreModule}; },
                 [](const CoreInstantiateDef&) { return Appended{Sort::CoreInstance}; },
                 [](const CoreInlineExportsDef&) { return Appended{Sort::CoreInstance}; },
                 [](const CoreTypeDef& def) {
                   const auto* group = std::get_if<CoreRecGroup>(&def.kind);
                   auto count = group != nullptr ? group->types.size() : 1;
                   return Appended{Sort::CoreType, static_cast<uint32_t>(count)};
                 },
                 [](const NestedComponentDef&) { return Appended{Sort::Component}; },
                 [](const InstantiateDef&) { return Appended{Sort::Instance}; },
                 [](const InlineExportsDef&) { return Appended{Sort::Instance}; },
                 [](const AliasDef& alias) { return Appended{alias.sort}; },
                 [](const TypeDef&) { return Appended{Sort::Type}; },
                 [](const CanonDef& canon) {
                   return Appended{canon.op == CanonOp::Lift ? Sort::Func : Sort::CoreFunc};
                 },
                 [](const ImportDef& import) { return Appended{import.desc.sort()}; },
                 [](const ExportDef& def) { return Appended{def.item.sort}; }},
      kind);
}

}  // namespace

uint32_t ComponentAst::add(Kind kind) {
  auto [sort, count] = appended_by(kind);
  auto& next = counts_[static_cast<size_t>(sort)];
  auto index = next;
  next += count;
  component_.definitions.push_back(component::Definition{0, std::move(kind)});
  return index;
}

component::Component ComponentAst::take() {
  component_.owner = arena_;
  counts_ = {};
  return std::exchange(component_, {});
}

}  // namespace spindle::assemble
