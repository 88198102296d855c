#pragma once

// InstanceTypeEncoder: types inside an instance type, which exports each under its name. Derived
// classes say which types the instance takes from outside, and where they are there.

#include <string_view>
#include <utility>
#include <vector>

#include "assemble/wit_encode/type_encoder.h"

namespace spindle::assemble {

class InstanceTypeEncoder : public TypeEncoder {
 public:
  using TypeEncoder::TypeEncoder;

  void export_function(std::string_view name, component::TypeIndex type) {
    declare(component::ExportDecl{{name}, {component::ExternKind::Func, type.value}});
  }
  component::InstanceTypeDef take() { return {std::move(declarators_)}; }

 protected:
  // A type of the scope around the instance type.
  component::TypeIndex alias_outer(component::TypeIndex outer) {
    declare(component::AliasDef{component::Sort::Type, component::OuterAlias{1, outer.value}});
    return component::TypeIndex(types_++);
  }

 private:
  void declare(decltype(component::Declarator::kind) kind) {
    declarators_.push_back(component::Declarator{0, std::move(kind)});
  }
  component::TypeIndex define(Kind kind) final {
    declare(component::TypeDef{std::move(kind)});
    return component::TypeIndex(types_++);
  }
  Result<component::TypeIndex> name_type(wit::TypeId id, component::TypeIndex type) final {
    declare(component::ExportDecl{{resolve().type(id).name},
                                  {component::ExternKind::TypeEq, type.value}});
    return component::TypeIndex(types_++);
  }
  Result<component::TypeIndex> resource(wit::TypeId id) final {
    declare(
        component::ExportDecl{{resolve().type(id).name}, {component::ExternKind::TypeResource}});
    return component::TypeIndex(types_++);
  }

  std::vector<component::Declarator> declarators_;
  uint32_t types_ = 0;
};

}  // namespace spindle::assemble
