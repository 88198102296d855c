#pragma once

// ComponentAst: a Component that is built instead of decoded. It counts the index spaces, so that
// each definition yields the index that the next ones refer to it by, and owns what they view.
//
//   ComponentAst ast;
//   auto module = ast.core_module(bytes);
//   auto instance = ast.core_instance(CoreInstantiateDef{module, {}});
//   auto func = ast.add(AliasDef{Sort::CoreFunc, CoreExportAlias{instance, ast.text("run")}});
//   std::vector<uint8_t> binary = component::encode_component(ast.take());
//
// Names given to definitions must live as long as the result: string literals, views into a
// component that outlives it, or text() copies. ComponentAsts of nested components share one Arena.

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "component/binary/component.h"

namespace spindle::assemble {

// Owns texts and bytes that definitions view.
class Arena {
 public:
  std::string_view text(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::span<const uint8_t> bytes(std::vector<uint8_t> bytes) {
    return bytes_.emplace_back(std::move(bytes));
  }
  // Whatever else must stay alive.
  void keep(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

 private:
  std::deque<std::string> texts_;
  std::deque<std::vector<uint8_t>> bytes_;
  std::vector<std::shared_ptr<const void>> owners_;
};

class ComponentAst {
 public:
  using Kind = decltype(component::Definition::kind);

  ComponentAst() : ComponentAst(std::make_shared<Arena>()) {}
  explicit ComponentAst(std::shared_ptr<Arena> arena) : arena_(std::move(arena)) {}

  const std::shared_ptr<Arena>& arena() const { return arena_; }
  std::string_view text(std::string text) { return arena_->text(std::move(text)); }

  // Appends a definition. The result is the index of the item that it adds to its index space; of a
  // core rec group, of its first type.
  uint32_t add(Kind kind);

  // The same where the index has one type.
  component::CoreModuleIndex core_module(std::span<const uint8_t> bytes) {
    return component::CoreModuleIndex(add(component::CoreModuleDef{bytes}));
  }
  component::CoreInstanceIndex core_instance(Kind def) {
    return component::CoreInstanceIndex(add(std::move(def)));
  }
  component::ComponentIndex nested(component::Component component) {
    auto shared = std::make_shared<const component::Component>(std::move(component));
    return component::ComponentIndex(add(component::NestedComponentDef{std::move(shared)}));
  }
  component::InstanceIndex instance(Kind def) {
    return component::InstanceIndex(add(std::move(def)));
  }
  component::TypeIndex type(decltype(component::TypeDef::kind) kind) {
    return component::TypeIndex(add(component::TypeDef{std::move(kind)}));
  }
  component::CoreFuncIndex core_func(component::CoreInstanceIndex instance, std::string_view name) {
    return component::CoreFuncIndex(core_export(component::Sort::CoreFunc, instance, name));
  }
  uint32_t core_export(component::Sort sort, component::CoreInstanceIndex instance,
                       std::string_view name) {
    return add(component::AliasDef{sort, component::CoreExportAlias{instance, name}});
  }
  uint32_t instance_export(component::Sort sort, component::InstanceIndex instance,
                           std::string_view name) {
    return add(component::AliasDef{sort, component::InstanceExportAlias{instance, name}});
  }

  uint32_t count(component::Sort sort) const { return counts_[static_cast<size_t>(sort)]; }
  component::ComponentNames& names() { return component_.names; }

  // The component. The builder is then empty.
  component::Component take();

 private:
  std::shared_ptr<Arena> arena_;
  component::Component component_;
  std::array<uint32_t, component::kSortCount> counts_{};
};

}  // namespace spindle::assemble
