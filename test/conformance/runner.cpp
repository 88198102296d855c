#include "runner.h"

#include <fmt/format.h>

#include "component/async/async_state.h"
#include "component/binary/decode.h"
#include "component/plan/planner.h"
#include "json_value.h"

namespace spindle::conformance {
namespace {

using component::DynamicValue;
using component::FunctionType;

// Five seconds of CPU for one instance.
constexpr uint64_t kCpuTicks = 500;

Outcome passed() {
  return {};
}
Outcome failed(std::string why) {
  return {std::move(why), {}};
}
Outcome of(const Result<void>& result) {
  return result ? passed() : failed(result.error().to_string());
}

Outcome compare_text(const Command& command, const Error& error) {
  const std::string text = error.to_string();
  if (command.text.empty() || text.find(command.text) != std::string::npos) return passed();
  return {{}, fmt::format("says `{}`, expected `{}`", text, command.text)};
}

component::ValidationFeatures features_of(const Script& script) {
  component::ValidationFeatures features;
  const std::pair<std::string_view, bool component::ValidationFeatures::*> kFlags[] = {
      {"component_model_implements", &component::ValidationFeatures::implements_attributes},
      {"component_model_map", &component::ValidationFeatures::map_types},
      {"component_model_fixed_length_lists", &component::ValidationFeatures::fixed_lists},
      {"component_model_error_context", &component::ValidationFeatures::error_context},
      {"component_model_threading", &component::ValidationFeatures::threads},
      {"component_model_async_stackful", &component::ValidationFeatures::stackful_lift},
      {"component_model_memory64", &component::ValidationFeatures::memory64},
      {"component_model_gc", &component::ValidationFeatures::gc}};
  for (const auto& [name, flag] : kFlags) {
    auto found = script.features.find(std::string(name));
    if (found != script.features.end() && found->second == "false") features.*flag = false;
  }
  return features;
}

}  // namespace

ScriptRun::ScriptRun(std::shared_ptr<const wasm::Engine> engine, const Script& script,
                     component::Fusing fusing)
    : engine_(std::move(engine)), script_(script), fusing_(fusing), features_(features_of(script)) {
  add_helpers(registry_);
  add_helpers(accept_all_);
}

Outcome ScriptRun::run(const Command& command) {
  if (command.type == "module") {
    auto made = [&]() -> Result<void> {
      Prepared prepared = TRY(prepare(command, registry_));
      current_.reset();
      current_ = TRY(instantiate(std::move(prepared)));
      if (command.name.empty()) return {};
      instances_[command.name] = current_;
      return offer_exports(command, command.name);
    }();
    return of(made);
  }
  if (command.type == "module_definition") return of(define(command));
  if (command.type == "module_instance") return of(instantiate_named(command));
  if (command.type == "register") return passed();
  if (command.type == "assert_return" || command.type == "action") return expect_return(command);
  if (command.type == "assert_trap") {
    bool has_component = !command.filename.empty() || !command.wat.empty();
    return has_component ? expect_failure(command) : expect_trap(command);
  }
  if (command.type.starts_with("assert_")) return expect_failure(command);
  return failed("an unknown command: " + command.type);
}

Result<ScriptRun::Prepared> ScriptRun::prepare(const Command& command,
                                               const component::HostRegistry& registry) {
  const std::vector<uint8_t> bytes = TRY(read_component(script_, command));
  component::PrepareOptions options;
  options.features = features_;
  options.fusing = fusing_;
  return component::PreparedComponent::create(engine_, bytes, registry, options);
}

Result<std::shared_ptr<ScriptRun::Running>> ScriptRun::instantiate(Prepared prepared) {
  auto made = std::make_shared<Running>(loop_);
  made->host = std::make_unique<HelperHost>(loop_);
  component::InstanceOptions options;
  options.store.cpu_budget = kCpuTicks;
  options.store.loop = &loop_;
  options.store.limits = {.memory_bytes = uint64_t{4} << 30,
                          .table_elements = 1'000'000,
                          .instances = 100'000,
                          .tables = 100'000,
                          .memories = 100'000};
  const std::vector<void*> implementations(prepared->interfaces().size(),
                                           made->host->implementation());
  options.implementations = implementations;
  made->instance = TRY(component::ComponentInstance::create_blocking(std::move(prepared), options));
  return made;
}

Result<void> ScriptRun::define(const Command& command) {
  last_definition_ = command;
  if (!command.name.empty()) definitions_[command.name] = command;
  Result<Prepared> prepared = prepare(command, accept_all_);
  // What it imports is not asked before it is instantiated.
  if (prepared || prepared.error().kind() == ErrorKind::NotFound) return {};
  return prepared.take_error();
}

Result<void> ScriptRun::instantiate_named(const Command& command) {
  std::optional<Command> definition = last_definition_;
  if (!command.module.empty()) {
    auto found = definitions_.find(command.module);
    if (found == definitions_.end()) return Error::not_found("no definition " + command.module);
    definition = found->second;
  }
  if (!definition) return Error::not_found("nothing is defined");
  Prepared prepared = TRY(prepare(*definition, registry_));
  current_.reset();
  current_ = TRY(instantiate(std::move(prepared)));
  if (command.instance.empty()) return {};
  instances_[command.instance] = current_;
  return offer_exports(*definition, command.instance);
}

// Core modules that a named component exports can be imported under its name.
Result<void> ScriptRun::offer_exports(const Command& command, const std::string& name) {
  const std::vector<uint8_t> bytes = TRY(read_component(script_, command));
  const component::Component decoded =
      TRY(component::decode_component(component::SharedBytes::borrow(bytes)));
  const component::InstantiationPlan plan =
      TRY(component::plan_instantiation(decoded, accept_all_));
  OfferedInstance& offered = *offered_.emplace_back(std::make_unique<OfferedInstance>());
  offered.name = name;
  std::map<uint32_t, const component::ResourceType*> types;
  for (const auto& [field, exported] : plan.exports) {
    if (const auto* resource = std::get_if<component::ResourceIndex>(&exported.item)) {
      const component::ResourceType*& type = types[resource->value];
      if (type == nullptr) {
        type = offered.types
                   .emplace_back(std::make_unique<component::ResourceType>(
                       "resource", component::ResourceType::Origin::Host))
                   .get();
      }
      offered.names.push_back(std::make_unique<std::string>(field));
      offered.resources.push_back({*offered.names.back(), type});
    }
    const auto* module = std::get_if<component::PlannedModuleIndex>(&exported.item);
    if (module == nullptr) continue;
    const std::span<const uint8_t> code = plan.modules[module->value].bytes;
    const component::HostModule offer{name + "/" + field, {code.begin(), code.end()}};
    registry_.add(offer);
    accept_all_.add(offer);
  }
  offered.interface = {offered.name, {}, offered.resources};
  registry_.add(offered.interface);
  return {};
}

Result<std::optional<DynamicValue>> ScriptRun::invoke(const Action& action,
                                                      const FunctionType*& type) {
  std::shared_ptr<Running> target = current_;
  if (!action.module.empty()) target = instances_[action.module];
  if (!target) return Error::not_found("no instance to call");
  component::ComponentInstance& instance = *target->instance;
  const auto function = instance.prepared().find_function("", action.field);
  if (!function) return Error::not_found(fmt::format("no export `{}`", action.field));
  type = &instance.prepared().plan().lifts[function->value].type;
  if (type->params.size() != action.args.size()) return Error::invalid_input("wrong arguments");
  std::vector<DynamicValue> args;
  for (size_t i = 0; i < action.args.size(); ++i) {
    DynamicValue arg = TRY(from_json(action.args[i], *type->params[i].type));
    args.push_back(std::move(arg));
  }
  if (instance.async() != nullptr) return run_tasks(instance, *function, args);
  return instance.call(*function, args);
}

ScriptRun::Running::~Running() {
  if (instance && instance->needs_close()) loop.block_on(instance->close());
}

namespace {

using CallResult = std::optional<Result<std::optional<DynamicValue>>>;

io::Task<void> keep_result(io::Task<Result<std::optional<DynamicValue>>> call, CallResult& result) {
  result = co_await std::move(call);
}

}  // namespace

Result<std::optional<DynamicValue>> ScriptRun::run_tasks(component::ComponentInstance& instance,
                                                         component::LiftIndex function,
                                                         std::span<const DynamicValue> args) {
  CallResult result;
  io::Operations calls(loop_);
  calls.spawn(keep_result(instance.call_async(function, args), result));
  component::AsyncState& async = *instance.async();
  loop_.poll();
  while (!result || (async.has_host_tasks() && !async.failure())) {
    if (async.is_stuck()) {
      if (result) break;
      async.fail(Error::trap("deadlock detected: event loop cannot make further progress"));
    }
    loop_.poll();
  }
  calls.cancel_all();
  loop_.block_on(calls.drained());
  // What a task does after it has returned may still fail.
  if (async.failure() && *result) return *async.failure();
  return std::move(*result);
}

Outcome ScriptRun::expect_return(const Command& command) {
  const FunctionType* type = nullptr;
  Result<std::optional<DynamicValue>> result = invoke(command.action, type);
  if (!result) {
    return failed(fmt::format("{}: {}", command.action.field, result.error().to_string()));
  }
  if (command.type == "action") return passed();
  if (command.expected.empty() != !result->has_value()) return failed("wrong number of results");
  if (command.expected.empty()) return passed();
  const component::ValueType& result_type = *type->result;
  Result<DynamicValue> expected = from_json(command.expected[0], result_type);
  if (!expected) return failed(expected.error().to_string());
  if (equal(**result, *expected, result_type)) return passed();
  return failed(fmt::format("{} returned {}, expected {}", command.action.field,
                            to_text(**result, result_type), to_text(*expected, result_type)));
}

Outcome ScriptRun::expect_trap(const Command& command) {
  const FunctionType* type = nullptr;
  Result<std::optional<DynamicValue>> result = invoke(command.action, type);
  if (result) return failed(fmt::format("{} returned, a trap was expected", command.action.field));
  const ErrorKind kind = result.error().kind();
  if (kind != ErrorKind::Trap && kind != ErrorKind::LimitExceeded) {
    return failed(fmt::format("{}: no trap: {}", command.action.field, result.error().to_string()));
  }
  return compare_text(command, result.error());
}

Outcome ScriptRun::expect_failure(const Command& command) {
  // Text that no binary can be made of was rejected by the converter.
  if (command.is_text) return passed();
  if (!command.wat.empty()) {
    Result<std::vector<uint8_t>> binary = read_component(script_, command);
    if (!binary && command.type == "assert_malformed") return compare_text(command, binary.error());
    if (!binary) return failed("it cannot be written: " + binary.error().to_string());
  }
  Result<Prepared> prepared = prepare(command, registry_);
  const bool is_runtime = command.type == "assert_uninstantiable" || command.type == "assert_trap";
  if (!prepared) {
    if (is_runtime) return failed(prepared.error().to_string());
    if (prepared.error().kind() == ErrorKind::Internal) {
      return failed("our own fault: " + prepared.error().to_string());
    }
    return compare_text(command, prepared.error());
  }
  if (!is_runtime && command.type != "assert_unlinkable") return failed("it was accepted");
  Result<std::shared_ptr<Running>> running = instantiate(prepared.take_value());
  if (running) return failed("it was instantiated");
  if (is_runtime && running.error().kind() != ErrorKind::Trap) {
    return failed("no trap: " + running.error().to_string());
  }
  return compare_text(command, running.error());
}

}  // namespace spindle::conformance
