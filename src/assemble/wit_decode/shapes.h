#pragma once

// Shapes: what a component imports and exports, with every nested instantiation carried out and the
// names of types kept. Two functions that mention the same type mention the same TypeShape, and a
// TypeShape knows what it is another name of: that is what tells an interface that defines a type
// from one that uses it.
//
//   ShapeEvaluator evaluator;
//   WorldShape shape = TRY(evaluator.component(validated));
//
// Shapes live as long as their evaluator and the component. Only validated components may be given;
// how much work one component can cause is limited (kMaxShapeSteps), since instantiations repeat.
// Internal to assemble/wit_decode.

#include <deque>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"
#include "component/binary/component.h"

namespace spindle::assemble {

inline constexpr uint64_t kMaxShapeSteps = 500'000;
inline constexpr size_t kMaxInstantiationDepth = 100;

struct Scope;
struct InstanceShape;

struct TypeShape {
  // A structure, whose indices are those of `scope`; null for a name and for an abstract resource.
  const component::TypeDef* definition = nullptr;
  Scope* scope = nullptr;
  // What this is another name of.
  const TypeShape* original = nullptr;

  const TypeShape& structure() const;
  bool is_resource() const;
};

struct FunctionShape {
  const component::FuncDef* definition = nullptr;
  Scope* scope = nullptr;
};

// A component or a component type, not instantiated yet.
struct ComponentShape {
  const component::Component* component = nullptr;
  const component::ComponentTypeDef* type = nullptr;
  Scope* scope = nullptr;  // around it
};

// Of a core module nothing is kept.
struct ModuleShape {};

using EntityShape = std::variant<ModuleShape, const TypeShape*, FunctionShape, const InstanceShape*,
                                 ComponentShape>;

struct ExternShape {
  component::ExternName name;
  EntityShape entity;
};

struct InstanceShape {
  std::vector<ExternShape> exports;
  std::unordered_map<std::string_view, size_t> index;

  void add(const component::ExternName& name, EntityShape entity);
  const EntityShape* find(std::string_view name) const;
};

// The index spaces of one component, component type or instance type.
struct Scope {
  Scope* outer = nullptr;
  std::vector<const TypeShape*> types;
  std::vector<FunctionShape> functions;
  std::vector<const InstanceShape*> instances;
  std::vector<ComponentShape> components;
  // Of a component or component type.
  std::vector<ExternShape> imports;
  InstanceShape exports;
};

struct WorldShape {
  std::vector<ExternShape> imports;
  std::vector<ExternShape> exports;
};

class ShapeEvaluator {
 public:
  Result<WorldShape> component(const component::Component& component);
  // Imports and exports of a component, or of a component type, from a shape.
  Result<WorldShape> open(const ComponentShape& component);

 private:
  using Arguments = std::unordered_map<std::string_view, EntityShape>;

  // Null `arguments`: imports stay open.
  Result<Scope*> enter(const ComponentShape& component, const Arguments* arguments);
  Result<const InstanceShape*> instance(const component::InstanceTypeDef& type, Scope* outer,
                                        const InstanceShape* actual);
  Result<EntityShape> describe(const component::ExternDesc& desc, Scope& scope,
                               const EntityShape* actual);

  Result<void> add(const component::Definition& definition, Scope& scope,
                   const Arguments* arguments);
  Result<void> add(const component::Declarator& declarator, Scope& scope,
                   const Arguments* arguments);
  Result<void> add_type(const component::TypeDef& type, Scope& scope);
  Result<void> add_alias(const component::AliasDef& alias, Scope& scope);
  Result<void> add_import(const component::ImportDef& import, Scope& scope,
                          const Arguments* arguments);
  Result<void> add_export(const component::ExportDef& def, Scope& scope);
  Result<void> add_declared(const component::ExportDecl& declared, Scope& scope,
                            const InstanceShape* actual);
  Result<void> add_instance(const component::InstantiateDef& def, Scope& scope);
  void add_instance(const component::InlineExportsDef& def, Scope& scope);
  EntityShape item(component::SortIndex item, const Scope& scope) const;
  const TypeShape* name(const TypeShape* original);
  static void append(const EntityShape& entity, Scope& scope);
  Result<void> step(uint64_t count = 1);

  std::deque<TypeShape> types_;
  std::deque<InstanceShape> instances_;
  std::deque<Scope> scopes_;
  uint64_t steps_ = 0;
  size_t depth_ = 0;
};

}  // namespace spindle::assemble
