#include "component/plan/planner.h"

#include <algorithm>

#include <fmt/format.h>

#include "component/plan/import_check.h"
#include "component/plan/signatures.h"
#include "component/plan/type_evaluator.h"

namespace spindle::component {
namespace plan_detail {
namespace {

using Arguments = std::map<std::string, Symbol, std::less<>>;

template <typename Item>
Result<Item> at(const std::vector<Item>& space, uint32_t index) {
  if (index >= space.size()) return Error::internal("an index of a validated component");
  return space[index];
}

class Planner {
 public:
  Planner(InstantiationPlan& plan, const PlanLimits& limits)
      : plan_(plan), limits_(limits), types_(plan.types) {}

  Result<void> run(const Component& root);

 private:
  struct Frame {
    Environment* env = nullptr;
    const Arguments* arguments = nullptr;  // absent for the root
    SymbolicInstance exports;
  };

  Result<void> spend();
  Environment& environment(const Environment* outer, FrameIndex frame);
  Result<InstanceSymbol> finished(SymbolicInstance instance);
  Result<InstanceSymbol> instantiate(ComponentClosure component, const Arguments* arguments,
                                     std::optional<FrameIndex> parent);

  Result<void> evaluate(const CoreModuleDef& definition, Frame& frame);
  Result<void> evaluate(const CoreInstantiateDef& definition, Frame& frame);
  Result<void> evaluate(const CoreInlineExportsDef& definition, Frame& frame);
  Result<void> evaluate(const CoreTypeDef&, Frame&) { return {}; }
  Result<void> evaluate(const NestedComponentDef& definition, Frame& frame);
  Result<void> evaluate(const InstantiateDef& definition, Frame& frame);
  Result<void> evaluate(const InlineExportsDef& definition, Frame& frame);
  Result<void> evaluate(const AliasDef& definition, Frame& frame);
  Result<void> evaluate(const TypeDef& definition, Frame& frame);
  Result<void> evaluate(const CanonDef& definition, Frame& frame);
  Result<void> evaluate(const ImportDef& definition, Frame& frame);
  Result<void> evaluate(const ExportDef& definition, Frame& frame);

  Result<Symbol> symbol(SortIndex item, const Environment& env);
  Result<void> alias(const AliasDef& definition, Environment& env);
  Result<void> alias_core(Sort sort, const CoreExportAlias& target, Environment& env);
  Result<void> alias_outer(Sort sort, const OuterAlias& target, Environment& env);
  Result<void> define_type(const TypeDef& definition, Environment& env);
  Result<ResourceIndex> define_resource(const ResourceDef& definition, const Environment& env);

  // What the host is asked for, as a symbol.
  Result<Symbol> import(const ExternDesc& desc, std::string_view interface, std::string_view name,
                        const Environment& env);
  Result<InstanceSymbol> import_instance(const TypeClosure& type, const std::string& interface);

  Result<void> lift(const CanonDef& canon, Environment& env);
  Result<void> lower(const CanonDef& canon, Environment& env);
  Result<void> resource_built_in(const CanonDef& canon, Environment& env);
  Result<void> built_in(const CanonDef& canon, Environment& env);
  Result<PlannedOptions> options(const CanonOptions& options, const Environment& env);
  Result<std::optional<FunctionSlot>> slot(const std::optional<CoreFuncIndex>& index,
                                           const Environment& env);
  FunctionSlot function_slot(const CoreItem& item);
  Result<MemorySlot> memory_slot(CoreMemoryIndex index, const Environment& env);
  void add_trampoline(Trampoline trampoline, Environment& env);

  std::shared_ptr<const PlannedInstance> exported(const InstanceSymbol& instance);
  PlannedExport exported(const Symbol& symbol);

  InstantiationPlan& plan_;
  const PlanLimits& limits_;
  TypeEvaluator types_;
  uint64_t spent_ = 0;
  uint32_t depth_ = 0;
  bool reexports_import_ = false;
  std::vector<std::unique_ptr<Environment>> environments_;
  std::map<const uint8_t*, PlannedModuleIndex> module_at_;
  std::map<CoreItem, FunctionSlot> function_slots_;
  std::map<CoreItem, MemorySlot> memory_slots_;
  std::map<const SymbolicInstance*, std::shared_ptr<const PlannedInstance>> exported_;
};

Result<void> Planner::spend() {
  if (++spent_ > limits_.evaluations) {
    return Error::limit_exceeded(
        fmt::format("instantiating the component takes more than {} steps", limits_.evaluations));
  }
  return {};
}

Environment& Planner::environment(const Environment* outer, FrameIndex frame) {
  environments_.push_back(std::make_unique<Environment>());
  environments_.back()->outer = outer;
  environments_.back()->frame = frame;
  return *environments_.back();
}

// Bounds how deep instances contain instances: exports are walked, and destroyed, recursively.
Result<InstanceSymbol> Planner::finished(SymbolicInstance instance) {
  for (const auto& [name, item] : instance.exports) {
    if (const auto* inner = std::get_if<InstanceSymbol>(&item)) {
      instance.depth = std::max(instance.depth, (*inner)->depth + 1);
    }
  }
  if (instance.depth > limits_.nesting) {
    return Error::limit_exceeded(
        fmt::format("instances contain instances deeper than {}", limits_.nesting));
  }
  return std::make_shared<const SymbolicInstance>(std::move(instance));
}

Result<void> Planner::run(const Component& root) {
  const InstanceSymbol instance = TRY(instantiate({&root, nullptr}, nullptr, std::nullopt));
  plan_.exports = *exported(instance);
  if (reexports_import_) {
    return Error::not_supported("a component export is a reexport of an imported function");
  }
  return {};
}

Result<InstanceSymbol> Planner::instantiate(ComponentClosure component, const Arguments* arguments,
                                            std::optional<FrameIndex> parent) {
  if (plan_.frames.size() >= limits_.frames || depth_ >= limits_.nesting) {
    return Error::limit_exceeded(
        fmt::format("a component makes more than {} instances, or nests them deeper than {}",
                    limits_.frames, limits_.nesting));
  }
  const FrameIndex index(plan_.frames.size());
  const uint32_t tree_depth = parent ? plan_.frames[parent->value].depth + 1 : 0;
  plan_.frames.push_back({parent, tree_depth});
  Frame frame;
  frame.env = &environment(component.outer, index);
  frame.arguments = arguments;
  ++depth_;
  for (const Definition& definition : component.definition->definitions) {
    TRY(spend());
    TRY(std::visit([&](const auto& kind) { return evaluate(kind, frame); }, definition.kind));
  }
  --depth_;
  return finished(std::move(frame.exports));
}

// ---- core modules and instances ----

Result<void> Planner::evaluate(const CoreModuleDef& definition, Frame& frame) {
  auto [found, is_new] =
      module_at_.try_emplace(definition.bytes.data(), PlannedModuleIndex(plan_.modules.size()));
  if (is_new) plan_.modules.push_back({definition.bytes, {}});
  frame.env->core_modules.push_back(found->second);
  return {};
}

Result<void> Planner::evaluate(const CoreInstantiateDef& definition, Frame& frame) {
  if (plan_.steps.size() >= limits_.core_instances) {
    return Error::limit_exceeded(
        fmt::format("a component makes more than {} core instances", limits_.core_instances));
  }
  InstantiationStep step;
  step.module = TRY(at(frame.env->core_modules, definition.module.value));
  for (const CoreInstantiateArg& arg : definition.args) {
    TRY(spend());
    CoreSource source = TRY(at(frame.env->core_instances, arg.instance.value));
    step.args.emplace(arg.name, std::move(source));
  }
  frame.env->core_instances.emplace_back(StepIndex(plan_.steps.size()));
  plan_.steps.push_back(std::move(step));
  return {};
}

Result<void> Planner::evaluate(const CoreInlineExportsDef& definition, Frame& frame) {
  auto bag = std::make_shared<CoreBag>();
  for (const CoreInlineExport& item : definition.exports) {
    TRY(spend());
    const std::vector<CoreItem>* space = frame.env->core_space(item.item.sort);
    if (space == nullptr) return Error::internal("a core instance cannot export this sort");
    CoreItem found = TRY(at(*space, item.item.index));
    bag->emplace(item.name, std::move(found));
  }
  frame.env->core_instances.emplace_back(std::move(bag));
  return {};
}

// ---- component instances ----

Result<Symbol> Planner::symbol(SortIndex item, const Environment& env) {
  switch (item.sort) {
    case Sort::CoreModule: {
      const PlannedModuleIndex module = TRY(at(env.core_modules, item.index));
      return Symbol(module);
    }
    case Sort::Func: {
      const FunctionSymbol function = TRY(at(env.functions, item.index));
      return Symbol(function);
    }
    case Sort::Type: {
      const TypeSymbol type = TRY(type_at(TypeIndex(item.index), env));
      return Symbol(type);
    }
    case Sort::Component: {
      const ComponentClosure component = TRY(at(env.components, item.index));
      return Symbol(component);
    }
    case Sort::Instance: {
      const InstanceSymbol instance = TRY(at(env.instances, item.index));
      return Symbol(instance);
    }
    default: return Error::not_supported("values cannot be passed between components");
  }
}

Result<void> Planner::evaluate(const NestedComponentDef& definition, Frame& frame) {
  frame.env->components.push_back({definition.component.get(), frame.env});
  return {};
}

Result<void> Planner::evaluate(const InstantiateDef& definition, Frame& frame) {
  const ComponentClosure component = TRY(at(frame.env->components, definition.component.value));
  Arguments arguments;
  for (const InstantiateArg& arg : definition.args) {
    TRY(spend());
    Symbol item = TRY(symbol(arg.item, *frame.env));
    arguments.emplace(arg.name, std::move(item));
  }
  InstanceSymbol made = TRY(instantiate(component, &arguments, frame.env->frame));
  frame.env->instances.push_back(std::move(made));
  return {};
}

Result<void> Planner::evaluate(const InlineExportsDef& definition, Frame& frame) {
  SymbolicInstance made;
  for (const InlineExport& item : definition.exports) {
    TRY(spend());
    Symbol found = TRY(symbol(item.item, *frame.env));
    made.exports.emplace(item.name.name, std::move(found));
  }
  InstanceSymbol instance = TRY(finished(std::move(made)));
  frame.env->instances.push_back(std::move(instance));
  return {};
}

Result<void> Planner::evaluate(const ExportDef& definition, Frame& frame) {
  Symbol item = TRY(symbol(definition.item, *frame.env));
  frame.env->add(item);
  frame.exports.exports.emplace(definition.name.name, std::move(item));
  return {};
}

// ---- aliases ----

Result<void> Planner::evaluate(const AliasDef& definition, Frame& frame) {
  return alias(definition, *frame.env);
}

Result<void> Planner::alias(const AliasDef& definition, Environment& env) {
  if (const auto* outer = std::get_if<OuterAlias>(&definition.target)) {
    return alias_outer(definition.sort, *outer, env);
  }
  if (const auto* core = std::get_if<CoreExportAlias>(&definition.target)) {
    return alias_core(definition.sort, *core, env);
  }
  const auto& target = std::get<InstanceExportAlias>(definition.target);
  const InstanceSymbol instance = TRY(at(env.instances, target.instance.value));
  auto found = instance->exports.find(target.name);
  if (found == instance->exports.end()) {
    return Error::internal(fmt::format("an instance has no export `{}`", target.name));
  }
  env.add(found->second);
  return {};
}

Result<void> Planner::alias_core(Sort sort, const CoreExportAlias& target, Environment& env) {
  std::vector<CoreItem>* space = env.core_space(sort);
  if (space == nullptr) return Error::internal("a core alias of this sort");
  const CoreSource source = TRY(at(env.core_instances, target.instance.value));
  if (const auto* step = std::get_if<StepIndex>(&source)) {
    space->emplace_back(CoreExport{*step, std::string(target.name)});
    return {};
  }
  const CoreBag& bag = *std::get<std::shared_ptr<const CoreBag>>(source);
  auto found = bag.find(target.name);
  if (found == bag.end()) {
    return Error::internal(fmt::format("a core instance has no export `{}`", target.name));
  }
  space->push_back(found->second);
  return {};
}

Result<void> Planner::alias_outer(Sort sort, const OuterAlias& target, Environment& env) {
  if (sort == Sort::CoreType) return {};
  const Environment* scope = &env;
  for (uint32_t i = 0; i < target.count && scope != nullptr; ++i) scope = scope->outer;
  if (scope == nullptr) return Error::internal("an outer alias beyond the outermost scope");
  const Symbol found = TRY(symbol({sort, target.index}, *scope));
  env.add(found);
  return {};
}

// ---- types ----

Result<void> Planner::evaluate(const TypeDef& definition, Frame& frame) {
  return define_type(definition, *frame.env);
}

Result<void> Planner::define_type(const TypeDef& definition, Environment& env) {
  if (const auto* resource = std::get_if<ResourceDef>(&definition.kind)) {
    const ResourceIndex index = TRY(define_resource(*resource, env));
    env.types.emplace_back(index);
    return {};
  }
  if (std::holds_alternative<ComponentTypeDef>(definition.kind) ||
      std::holds_alternative<InstanceTypeDef>(definition.kind)) {
    env.types.emplace_back(TypeClosure{&definition, &env});
    return {};
  }
  TypeSymbol type = TRY(types_.evaluate(definition, env));
  env.types.push_back(std::move(type));
  return {};
}

Result<ResourceIndex> Planner::define_resource(const ResourceDef& definition,
                                               const Environment& env) {
  PlannedResource resource;
  resource.owner = env.frame;
  resource.destructor = TRY(slot(definition.destructor, env));
  resource.name = fmt::format("resource {}", plan_.resources.size());
  plan_.resources.push_back(std::move(resource));
  return ResourceIndex(plan_.resources.size() - 1);
}

// ---- imports ----

Result<void> Planner::evaluate(const ImportDef& definition, Frame& frame) {
  if (frame.arguments == nullptr) {
    const bool is_instance = definition.desc.kind == ExternKind::Instance;
    const std::string_view name = definition.name.name;
    if (is_instance) plan_.instance_imports.emplace_back(name);
    const Symbol asked =
        TRY(import(definition.desc, is_instance ? name : std::string_view(), name, *frame.env));
    frame.env->add(asked);
    return {};
  }
  auto found = frame.arguments->find(definition.name.name);
  if (found == frame.arguments->end()) {
    return Error::internal(fmt::format("no argument for import `{}`", definition.name.name));
  }
  frame.env->add(found->second);
  return {};
}

Result<Symbol> Planner::import(const ExternDesc& desc, std::string_view interface,
                               std::string_view name, const Environment& env) {
  TRY(spend());
  switch (desc.kind) {
    case ExternKind::Module: {
      const std::string full =
          interface.empty() ? std::string(name) : fmt::format("{}/{}", interface, name);
      plan_.modules.push_back({{}, full});
      return Symbol(PlannedModuleIndex(plan_.modules.size() - 1));
    }
    case ExternKind::Func: {
      HostImport made;
      made.interface_name = interface;
      made.function_name = name;
      auto type = TRY(types_.function(TypeIndex(desc.index), env));
      made.type = *type;
      made.params = TRY(plan_.types.params_tuple(made.type));
      plan_.host_imports.push_back(std::move(made));
      return Symbol(FunctionSymbol(HostImportIndex(plan_.host_imports.size() - 1)));
    }
    case ExternKind::TypeEq: {
      TypeSymbol type = TRY(type_at(TypeIndex(desc.index), env));
      if (const auto* resource = std::get_if<ResourceIndex>(&type)) {
        plan_.resource_uses.push_back({*resource, std::string(interface), std::string(name)});
      }
      return Symbol(std::move(type));
    }
    case ExternKind::TypeResource:
      plan_.resources.push_back({{}, {}, std::string(interface), std::string(name)});
      return Symbol(TypeSymbol(ResourceIndex(plan_.resources.size() - 1)));
    case ExternKind::Instance: {
      const TypeSymbol type = TRY(type_at(TypeIndex(desc.index), env));
      const auto* closure = std::get_if<TypeClosure>(&type);
      if (closure == nullptr) return Error::internal("an instance import without instance type");
      InstanceSymbol instance = TRY(import_instance(*closure, std::string(interface)));
      return Symbol(std::move(instance));
    }
    default:
      return Error::not_supported(
          fmt::format("import `{}`: components and values cannot be imported by the root", name));
  }
}

Result<InstanceSymbol> Planner::import_instance(const TypeClosure& type,
                                                const std::string& interface) {
  const auto* definition = std::get_if<InstanceTypeDef>(&type.definition->kind);
  if (definition == nullptr) return Error::internal("an instance type is another type");
  if (depth_ >= limits_.nesting) return Error::limit_exceeded("instance types nested too deeply");
  ++depth_;
  Environment& env = environment(type.outer, FrameIndex(0U));
  SymbolicInstance made;
  for (const Declarator& declarator : definition->declarators) {
    TRY(spend());
    if (const auto* defined = std::get_if<TypeDef>(&declarator.kind)) {
      TRY(define_type(*defined, env));
    } else if (const auto* aliased = std::get_if<AliasDef>(&declarator.kind)) {
      TRY(alias(*aliased, env));
    } else if (const auto* exported = std::get_if<ExportDecl>(&declarator.kind)) {
      const bool is_instance = exported->desc.kind == ExternKind::Instance;
      const std::string_view name = exported->name.name;
      const std::string nested = is_instance ? fmt::format("{}/{}", interface, name) : interface;
      Symbol item = TRY(import(exported->desc, nested, name, env));
      env.add(item);
      made.exports.emplace(name, std::move(item));
    }
  }
  --depth_;
  return finished(std::move(made));
}

// ---- canonical definitions ----

FunctionSlot Planner::function_slot(const CoreItem& item) {
  auto [found, is_new] = function_slots_.try_emplace(item, FunctionSlot(plan_.functions.size()));
  if (is_new) plan_.functions.push_back(item);
  return found->second;
}

Result<std::optional<FunctionSlot>> Planner::slot(const std::optional<CoreFuncIndex>& index,
                                                  const Environment& env) {
  if (!index) return std::optional<FunctionSlot>();
  const CoreItem item = TRY(at(env.core_functions, index->value));
  return std::optional(function_slot(item));
}

Result<MemorySlot> Planner::memory_slot(CoreMemoryIndex index, const Environment& env) {
  const CoreItem item = TRY(at(env.core_memories, index.value));
  const auto* exported = std::get_if<CoreExport>(&item);
  if (exported == nullptr) return Error::internal("a memory that is not an export");
  auto [found, is_new] = memory_slots_.try_emplace(item, MemorySlot(plan_.memories.size()));
  if (is_new) plan_.memories.push_back(*exported);
  return found->second;
}

Result<PlannedOptions> Planner::options(const CanonOptions& given, const Environment& env) {
  PlannedOptions made;
  made.encoding = given.encoding.value_or(StringEncoding::Utf8);
  if (given.memory) made.memory = TRY(memory_slot(*given.memory, env));
  made.realloc = TRY(slot(given.realloc, env));
  made.post_return = TRY(slot(given.post_return, env));
  made.callback = TRY(slot(given.callback, env));
  made.is_async = given.is_async;
  return made;
}

void Planner::add_trampoline(Trampoline trampoline, Environment& env) {
  trampoline.frame = env.frame;
  env.core_functions.emplace_back(TrampolineIndex(plan_.trampolines.size()));
  plan_.trampolines.push_back(std::move(trampoline));
}

Result<void> Planner::evaluate(const CanonDef& definition, Frame& frame) {
  switch (definition.op) {
    case CanonOp::Lift: return lift(definition, *frame.env);
    case CanonOp::Lower: return lower(definition, *frame.env);
    case CanonOp::ResourceNew:
    case CanonOp::ResourceDrop:
    case CanonOp::ResourceRep: return resource_built_in(definition, *frame.env);
    default: return built_in(definition, *frame.env);
  }
}

Result<void> Planner::lift(const CanonDef& canon, Environment& env) {
  PlannedLift made;
  made.frame = env.frame;
  const CoreItem callee = TRY(at(env.core_functions, canon.core_func.value));
  made.callee = function_slot(callee);
  made.options = TRY(options(canon.options, env));
  auto type = TRY(types_.function(canon.type, env));
  made.type = *type;
  made.params = TRY(plan_.types.params_tuple(made.type));
  made.signature = lifted_signature(made.type, *made.params, made.options);
  env.functions.emplace_back(LiftIndex(plan_.lifts.size()));
  plan_.lifts.push_back(std::move(made));
  return {};
}

Result<void> Planner::lower(const CanonDef& canon, Environment& env) {
  Trampoline made;
  made.options = TRY(options(canon.options, env));
  const FunctionSymbol function = TRY(at(env.functions, canon.func.value));
  if (const auto* lifted = std::get_if<LiftIndex>(&function)) {
    const PlannedLift& lift = plan_.lifts[lifted->value];
    made.kind = TrampolineKind::GuestCall;
    made.lift = *lifted;
    made.name = "a call of another component";
    made.signature = lowered_signature(lift.type, *lift.params, made.options);
  } else {
    made.kind = TrampolineKind::HostCall;
    made.host_import = std::get<HostImportIndex>(function);
    const HostImport& import = plan_.host_imports[made.host_import.value];
    made.name = import.interface_name.empty()
                    ? import.function_name
                    : fmt::format("{}#{}", import.interface_name, import.function_name);
    made.signature = lowered_signature(import.type, *import.params, made.options);
  }
  add_trampoline(std::move(made), env);
  return {};
}

Result<void> Planner::resource_built_in(const CanonDef& canon, Environment& env) {
  Trampoline made;
  made.resource = TRY(types_.resource(canon.type, env));
  made.name = to_string(canon.op);
  made.signature = {{FlatType::I32}, {FlatType::I32}};
  switch (canon.op) {
    case CanonOp::ResourceNew: made.kind = TrampolineKind::ResourceNew; break;
    case CanonOp::ResourceRep: made.kind = TrampolineKind::ResourceRep; break;
    default: made.kind = TrampolineKind::ResourceDrop; made.signature.results.clear();
  }
  add_trampoline(std::move(made), env);
  return {};
}

namespace {

// A built-in of streams or futures, which names the type of those.
bool is_transfer(CanonOp op) {
  return (op >= CanonOp::StreamNew && op <= CanonOp::FutureDropWritable) ||
         op == CanonOp::StreamForward || op == CanonOp::FutureForward;
}

}  // namespace

Result<void> Planner::built_in(const CanonDef& canon, Environment& env) {
  Trampoline made;
  made.kind = TrampolineKind::BuiltIn;
  made.opcode = static_cast<uint8_t>(canon.op);
  made.name = to_string(canon.op);
  made.options = TRY(options(canon.options, env));
  made.immediate = canon.slot;
  made.options.is_async = made.options.is_async || canon.is_async;
  made.cancellable = canon.cancellable;
  if (canon.result) made.type = TRY(types_.use(*canon.result, env));
  if (is_transfer(canon.op)) made.type = TRY(types_.use(ValueTypeUse{canon.type}, env));
  made.signature = built_in_signature(canon, made.type);
  add_trampoline(std::move(made), env);
  return {};
}

// ---- exports ----

PlannedExport Planner::exported(const Symbol& symbol) {
  if (const auto* function = std::get_if<FunctionSymbol>(&symbol)) {
    if (const auto* lifted = std::get_if<LiftIndex>(function)) return {*lifted};
    reexports_import_ = true;
    return {std::get<HostImportIndex>(*function)};
  }
  if (const auto* type = std::get_if<TypeSymbol>(&symbol)) {
    if (const auto* resource = std::get_if<ResourceIndex>(type)) return {*resource};
    return {};
  }
  if (const auto* instance = std::get_if<InstanceSymbol>(&symbol)) return {exported(*instance)};
  if (const auto* module = std::get_if<PlannedModuleIndex>(&symbol)) return {*module};
  return {};
}

std::shared_ptr<const PlannedInstance> Planner::exported(const InstanceSymbol& instance) {
  auto& known = exported_[instance.get()];
  if (known) return known;
  auto made = std::make_shared<PlannedInstance>();
  for (const auto& [name, item] : instance->exports) made->emplace(name, exported(item));
  // The recursive calls may have moved nothing: a map's elements stay where they are.
  known = std::move(made);
  return known;
}

}  // namespace
}  // namespace plan_detail

Result<InstantiationPlan> plan_instantiation(const Component& component,
                                             const HostRegistry& registry,
                                             const PlanLimits& limits) {
  InstantiationPlan plan;
  plan_detail::Planner planner(plan, limits);
  TRY(planner.run(component));
  TRY(resolve_imports(plan, registry));
  return plan;
}

}  // namespace spindle::component
