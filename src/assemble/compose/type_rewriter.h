#pragma once

// TypeRewriter: a type definition copied from one component into another, its indices replaced.
//
// A definition refers to items of the scopes around it: by plain indices to those of the scope that
// it stands in, by outer aliases to those farther out. The rewriter is given one IndexMap for each
// scope that changes, the innermost last. Scopes that the definition opens itself stay as they are,
// so only references that leave them are asked about.
//
//   (instance (alias outer 1 7 (type)) (export "stream" (type (eq 0))))
//                            ^ asked of the map of the component; the 0 is the type's own
//
// ImportHoist uses it for the types of imports.

#include <vector>

#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::assemble {

// Where the items of a scope are in the component being made.
class IndexMap {
 public:
  virtual ~IndexMap() = default;
  // `sort` is a type, a core type or an instance.
  virtual Result<uint32_t> map(component::Sort sort, uint32_t index) = 0;
};

class TypeRewriter {
 public:
  // At least one scope; they outlive the rewriter.
  explicit TypeRewriter(std::vector<IndexMap*> scopes) : scopes_(std::move(scopes)) {}

  Result<component::TypeDef> rewrite(component::TypeDef type);
  Result<component::CoreTypeDef> rewrite(component::CoreTypeDef type);
  Result<component::AliasDef> rewrite(component::AliasDef alias);
  Result<component::ExternDesc> rewrite(component::ExternDesc desc);

 private:
  Result<uint32_t> map(component::Sort sort, uint32_t index, uint32_t outward = 0);
  Result<void> type(component::TypeIndex& index);
  Result<void> use(component::ValueTypeUse& use);
  Result<void> use(std::optional<component::ValueTypeUse>& use);
  Result<void> scope(std::vector<component::Declarator>& declarators);
  Result<void> declarator(component::Declarator& declarator);

  // Null for a scope inside the definition.
  std::vector<IndexMap*> scopes_;
};

}  // namespace spindle::assemble
