#pragma once

// Part: a component that a composition contains, and PartScope: where each type and instance at the
// top of a part comes from, which is what the types of its imports refer to.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::assemble {

struct Part {
  // For messages: a path, an id.
  std::string name;
  std::shared_ptr<const component::Component> component;
  // The name by which the composition imports what nothing inside satisfies; absent: the same.
  // Parts that must not share an interface of the host import it by different names.
  std::function<std::string(std::string_view import)> hoisted_name;
};

// Decodes and validates.
Result<Part> load_part(std::string name, std::vector<uint8_t> bytes);

class PartScope {
 public:
  // Made by the import or export that it is, by another item, by a definition, or by something that
  // the types of imports cannot refer to.
  struct ExportOf {
    uint32_t instance = 0;
    std::string_view name;
  };
  struct Same {
    uint32_t index = 0;
  };
  using Origin = std::variant<std::monostate, const component::TypeDef*,
                              const component::ImportDef*, ExportOf, Same>;

  explicit PartScope(const component::Component& component);

  const std::vector<const component::ImportDef*>& imports() const { return imports_; }
  const std::vector<const component::ExportDef*>& exports() const { return exports_; }
  const component::ImportDef* find_import(std::string_view name) const;
  const component::ExportDef* find_export(std::string_view name) const;

  // Null where the index is out of range.
  const Origin* find_type(uint32_t index) const;
  const Origin* find_instance(uint32_t index) const;
  const component::CoreTypeDef* find_core_type(uint32_t index) const;
  // The definition of the instance type of an import; null where it is none.
  const component::InstanceTypeDef* instance_type(const component::ImportDef& import) const;

 private:
  void add(component::Sort sort, Origin origin);
  void add(const component::Definition& definition);

  std::vector<const component::ImportDef*> imports_;
  std::vector<const component::ExportDef*> exports_;
  std::vector<Origin> types_;
  std::vector<Origin> instances_;
  std::vector<const component::CoreTypeDef*> core_types_;
};

// Whether the import has no functions: only types, which anybody may declare again.
bool is_types_only(const PartScope& scope, const component::ImportDef& import);

}  // namespace spindle::assemble
