#pragma once

// ComponentPrinter: the walk behind component_text(). It counts the items of each index space as it
// goes, so that every definition can be given its index, and keeps the usable names of the name
// section. A type that has a scope opens one here too. Its functions stand in two sources:
//
//   component_printer.cpp   definitions      types_printer.cpp   types, imports and exports
//
// Internal to assemble/print.

#include <array>
#include <map>
#include <string>
#include <vector>

#include "component/binary/component.h"

namespace spindle::assemble {

class ComponentPrinter {
 public:
  // `id` stands after the opening word: ` $name (;0;)`.
  void component(const component::Component& component, const std::string& id);
  std::string take() { return std::move(text_); }

 private:
  struct Spaces {
    std::array<uint32_t, component::kSortCount> counts{};
    // Only names that are identifiers; each names one item of its sort.
    std::map<std::pair<component::Sort, uint32_t>, std::string_view> names;
  };
  Spaces& spaces() { return spaces_.back(); }

  void line(std::string_view text);
  void open(std::string_view head);
  void close();
  void enter(const component::ComponentNames& names);
  // An item as others refer to it: its name, or its number.
  std::string ref(component::Sort sort, uint32_t index) const;
  // ` $name (;3;)` for the next item of the sort, which exists from here on.
  std::string declare(component::Sort sort);

  // component_printer.cpp
  void print(const component::CoreModuleDef& def);
  void print(const component::CoreInstantiateDef& def);
  void print(const component::CoreInlineExportsDef& def);
  void print(const component::NestedComponentDef& def);
  void print(const component::InstantiateDef& def);
  void print(const component::InlineExportsDef& def);
  void print(const component::AliasDef& def);
  void print(const component::CanonDef& def);
  void print(const component::ExportDef& def);
  std::string item(component::SortIndex item) const;
  std::string canon_immediates(const component::CanonDef& def) const;
  std::string canon_options(const component::CanonOptions& options) const;

  // types_printer.cpp
  void print(const component::CoreTypeDef& def);
  void print(const component::TypeDef& def);
  void print(const component::ImportDef& def);
  void print(const component::ExportDecl& def);
  void scope(std::string_view word, const std::vector<component::Declarator>& declarators);
  void module_type(const component::ModuleTypeDef& def);
  std::string value(const component::ValueTypeUse& use) const;
  std::string function(const component::FuncDef& def) const;
  std::string type(const component::TypeDef& def) const;
  std::string structure(const component::TypeDef& def) const;
  // `(func ID (type 0))`; `id` begins with a space or is empty.
  std::string desc(const component::ExternDesc& desc, const std::string& id) const;
  static std::string name(const component::ExternName& name);

  std::string text_;
  size_t indent_ = 0;
  std::vector<Spaces> spaces_;
};

}  // namespace spindle::assemble
