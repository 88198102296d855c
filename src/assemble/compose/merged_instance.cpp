#include "assemble/compose/merged_instance.h"

#include <optional>

namespace spindle::assemble {

namespace c = component;

// The inside of one of the types: its items are defined in the merged type when something that is
// exported needs them.
class MergedInstance::Scope final : public IndexMap {
 public:
  Scope(MergedInstance& into, IndexMap& outer) : into_(into), rewriter_({&outer, this}) {}

  Result<void> add(const c::Declarator& declarator, Exports exports) {
    if (const auto* type = std::get_if<c::TypeDef>(&declarator.kind)) {
      types_.push_back({type, nullptr, nullptr, {}});
    } else if (const auto* core = std::get_if<c::CoreTypeDef>(&declarator.kind)) {
      core_types_.push_back({nullptr, core, nullptr, {}});
    } else if (const auto* alias = std::get_if<c::AliasDef>(&declarator.kind)) {
      if (auto* space = space_of(alias->sort)) space->push_back({nullptr, nullptr, alias, {}});
    } else if (const auto* exported = std::get_if<c::ExportDecl>(&declarator.kind)) {
      return add_export(*exported, exports);
    }
    return {};
  }

  Result<uint32_t> map(c::Sort sort, uint32_t index) override {
    auto* space = space_of(sort);
    if (space == nullptr || index >= space->size()) {
      return Error::internal("a type of a valid component refers to nothing");
    }
    if ((*space)[index].mapped) return *(*space)[index].mapped;
    const Item item = (*space)[index];
    const uint32_t mapped = TRY(define(sort, item));
    (*space)[index].mapped = mapped;
    return mapped;
  }

 private:
  struct Item {
    const c::TypeDef* type = nullptr;
    const c::CoreTypeDef* core = nullptr;
    const c::AliasDef* alias = nullptr;
    std::optional<uint32_t> mapped;
  };

  std::vector<Item>* space_of(c::Sort sort) {
    switch (sort) {
      case c::Sort::Type: return &types_;
      case c::Sort::CoreType: return &core_types_;
      case c::Sort::Instance: return &instances_;
      default: return nullptr;
    }
  }

  Result<uint32_t> define(c::Sort sort, const Item& item) {
    if (item.type != nullptr) {
      auto type = TRY(rewriter_.rewrite(*item.type));
      return into_.append(sort, {0, std::move(type)});
    }
    if (item.core != nullptr) {
      auto type = TRY(rewriter_.rewrite(*item.core));
      return into_.append(sort, {0, std::move(type)});
    }
    const auto* outer = std::get_if<c::OuterAlias>(&item.alias->target);
    if (outer != nullptr && outer->count == 0) return map(sort, outer->index);
    auto alias = TRY(rewriter_.rewrite(*item.alias));
    return into_.append(sort, {0, alias});
  }

  Result<void> add_export(const c::ExportDecl& exported, Exports exports) {
    const c::Sort sort = exported.desc.sort();
    auto* space = sort == c::Sort::CoreType ? nullptr : space_of(sort);
    if (space == nullptr && exports == Exports::TypesOnly) return {};
    auto known = into_.exports_.find(exported.name.name);
    if (known == into_.exports_.end()) {
      auto desc = TRY(rewriter_.rewrite(exported.desc));
      const uint32_t index = into_.append(sort, {0, c::ExportDecl{exported.name, desc}});
      known = into_.exports_.emplace(exported.name.name, index).first;
    }
    if (space != nullptr) space->push_back({nullptr, nullptr, nullptr, known->second});
    return {};
  }

  MergedInstance& into_;
  TypeRewriter rewriter_;
  std::vector<Item> types_;
  std::vector<Item> core_types_;
  std::vector<Item> instances_;
};

uint32_t MergedInstance::append(c::Sort sort, c::Declarator declarator) {
  merged_.declarators.push_back(std::move(declarator));
  switch (sort) {
    case c::Sort::Type: return types_++;
    case c::Sort::CoreType: return core_types_++;
    case c::Sort::Instance: return instances_++;
    default: return 0;
  }
}

Result<void> MergedInstance::add(const c::InstanceTypeDef& type, IndexMap& outer, Exports exports) {
  Scope scope(*this, outer);
  for (const auto& declarator : type.declarators) TRY(scope.add(declarator, exports));
  return {};
}

}  // namespace spindle::assemble
