// Canonical definitions: which options each needs, which types it may name, and the signature of
// the core function that it makes or takes.

#include <fmt/format.h>

#include "component/validate/validator.h"

namespace spindle::component {
namespace {

constexpr size_t kMaxFlatParams = 16;
constexpr size_t kMaxFlatAsyncParams = 4;
constexpr size_t kMaxFlatResults = 1;
constexpr uint32_t kContextSlots = 2;

CoreValueType number(CoreValueKind kind) {
  CoreValueType type;
  type.kind = kind;
  return type;
}
const CoreValueType kI32 = number(CoreValueKind::I32);
const CoreValueType kI64 = number(CoreValueKind::I64);

CoreValueType pointer_type(PointerWidth width) {
  return width == PointerWidth::Bits32 ? kI32 : kI64;
}

Error required(std::string_view option) {
  return Error::invalid_input(fmt::format("canonical option `{}` is required", option));
}
Error forbidden(std::string_view option, std::string_view where) {
  return Error::invalid_input(
      fmt::format("canonical option `{}` cannot be given for {}", option, where));
}

Result<void> require_memory(const CanonOptions& options) {
  if (!options.memory) return required("memory");
  return {};
}
Result<void> require_realloc(const CanonOptions& options) {
  if (!options.memory) return required("memory");
  if (!options.realloc) return required("realloc");
  return {};
}

std::string describe_signature(const CoreFuncType& type) {
  auto list = [](const std::vector<CoreValueType>& types) {
    std::string text;
    for (const auto& item : types) {
      constexpr std::string_view kNames[] = {"i32", "i64", "f32", "f64", "v128", "ref"};
      if (!text.empty()) text += ' ';
      text += kNames[static_cast<size_t>(item.kind)];
    }
    return text;
  };
  return fmt::format("({}) -> ({})", list(type.params), list(type.results));
}

}  // namespace

Result<PointerWidth> Validator::memory_width(CoreMemoryIndex index) {
  auto memory = TRY(at(scope().core_memories, index.value, "core memory"));
  if (memory.limits.is_shared) {
    return Error::invalid_input("canonical option `memory` must not name a shared memory");
  }
  if (!memory.limits.is_64) return PointerWidth::Bits32;
  if (!features_.memory64) return Error::not_supported("64-bit memories are switched off");
  return PointerWidth::Bits64;
}

Result<void> Validator::check_realloc(const CanonOptions& options, PointerWidth width) {
  if (!options.memory) {
    return Error::invalid_input("canonical option `realloc` requires `memory`");
  }
  const auto* type = TRY(core_function_at(*options.realloc));
  auto pointer = pointer_type(width);
  CoreFuncType expected{{pointer, pointer, pointer, pointer}, {pointer}};
  if (*type != expected) {
    return Error::invalid_input("canonical option `realloc` names a function of the wrong type");
  }
  return {};
}

Result<Validator::Options> Validator::check_options(const CanonOptions& options) {
  Options checked{&options, PointerWidth::Bits32};
  if (options.memory) checked.width = TRY(memory_width(*options.memory));
  if (options.callback && !options.is_async) {
    return Error::invalid_input("canonical option `callback` requires `async`");
  }
  if (options.post_return && options.is_async) {
    return Error::invalid_input("canonical option `post-return` cannot be used with `async`");
  }
  if (options.gc && !features_.gc) return Error::not_supported("the gc option is switched off");
  if (options.core_type) {
    if (!options.gc) return Error::invalid_input("canonical option `core-type` requires `gc`");
    auto type = TRY(at(scope().core_types, options.core_type->value, "core type"));
    if (type == kNotACoreType || core_.find_function(type) == nullptr) {
      return Error::invalid_input("canonical option `core-type` must name a function type");
    }
  }
  if (options.realloc) TRY(check_realloc(options, checked.width));
  return checked;
}

Result<void> Validator::check_lower_options(const Options& options) {
  if (options.given->post_return) return forbidden("post-return", "lowerings");
  if (options.given->callback) return forbidden("callback", "lowerings");
  if (options.given->gc && !options.given->core_type) return required("core-type");
  return {};
}

Result<void> Validator::flatten_params(const TypeNode& function, const Options& options,
                                       AbiDirection direction, CoreFuncType& flat) {
  bool lowers = direction == AbiDirection::Lower;
  bool has_pointers = false;
  FlatTypes params;
  for (const auto& param : function.members) {
    has_pointers = has_pointers || types_.has_pointers(*param.type);
    params.append(types_.flatten(*param.type, options.width));
  }
  if (has_pointers) TRY(lowers ? require_memory(*options.given) : require_realloc(*options.given));
  size_t limit = lowers && options.is_async() ? kMaxFlatAsyncParams : kMaxFlatParams;
  if (params.count <= limit) {
    for (size_t i = 0; i < params.count; ++i) flat.params.push_back(number(params.kinds[i]));
    return {};
  }
  flat.params.push_back(pointer_type(options.width));
  return lowers ? require_memory(*options.given) : require_realloc(*options.given);
}

Result<void> Validator::flatten_result(const Value& result, const Options& options,
                                       AbiDirection direction, CoreFuncType& flat) {
  const auto& given = *options.given;
  bool lowers = direction == AbiDirection::Lower;
  bool has_pointers = types_.has_pointers(result);
  auto types = types_.flatten(result, options.width);
  if (lowers && has_pointers) TRY(require_realloc(given));
  if (options.is_async()) {
    if (lowers) {
      flat.params.push_back(pointer_type(options.width));
      return require_memory(given);
    }
    // task.return passes the result.
    if (has_pointers || types.overflows()) return require_memory(given);
    return {};
  }
  if (types.count <= kMaxFlatResults) {
    for (size_t i = 0; i < types.count; ++i) flat.results.push_back(number(types.kinds[i]));
    return {};
  }
  (lowers ? flat.params : flat.results).push_back(pointer_type(options.width));
  return require_memory(given);
}

Result<CoreFuncType> Validator::flatten(const TypeNode& function, const Options& options,
                                        AbiDirection direction) {
  CoreFuncType flat;
  TRY(flatten_params(function, options, direction, flat));
  if (function.result) TRY(flatten_result(*function.result, options, direction, flat));
  if (options.is_async()) {
    bool returns_code = direction == AbiDirection::Lower || options.given->callback.has_value();
    if (returns_code) flat.results.push_back(kI32);
  }
  return flat;
}

Result<void> Validator::check_lift(const CanonDef& def) {
  auto function = TRY(type_at(def.type.value, NodeKind::Function));
  const auto* core_type = TRY(core_function_at(def.core_func));
  auto options = TRY(check_options(def.options));
  if (def.options.post_return) {
    const auto* type = TRY(core_function_at(*def.options.post_return));
    if (type->params != core_type->results || !type->results.empty()) {
      return Error::invalid_input(
          "canonical option `post-return` names a function of the wrong type");
    }
  }
  if (def.options.callback) {
    const auto* type = TRY(core_function_at(*def.options.callback));
    if (*type != CoreFuncType{{kI32, kI32, kI32}, {kI32}}) {
      return Error::invalid_input("canonical option `callback` names a function of the wrong type");
    }
  } else if (def.options.is_async && !features_.stackful_lift) {
    return Error::not_supported("async lifts without a callback are switched off");
  }
  if (def.options.core_type) return forbidden("core-type", "lifts");
  const auto& node = types_[function];
  if (def.options.is_async && !node.is_async) {
    return Error::invalid_input("canonical option `async` requires an async function type");
  }
  // What a function over gc types looks like is up to its own core type.
  if (!def.options.gc) {
    auto expected = TRY(flatten(node, options, AbiDirection::Lift));
    if (*core_type != expected) {
      return Error::invalid_input(fmt::format("core function {} is {}, lifting needs {}",
                                              def.core_func.value, describe_signature(*core_type),
                                              describe_signature(expected)));
    }
  }
  scope().funcs.push_back(function);
  return {};
}

Result<CoreTypeId> Validator::check_lower(const CanonDef& def) {
  auto function = TRY(at(scope().funcs, def.func.value, "function"));
  auto options = TRY(check_options(def.options));
  TRY(check_lower_options(options));
  const auto& node = types_[function];
  if (def.options.is_async && !node.is_async) {
    return Error::invalid_input("canonical option `async` requires an async function type");
  }
  if (def.options.gc) return scope().core_types[def.options.core_type->value];
  auto flat = TRY(flatten(node, options, AbiDirection::Lower));
  return core_.intern_function(flat);
}

Result<CoreFuncType> Validator::check_resource_builtin(const CanonDef& def) {
  auto type = TRY(type_at(def.type.value, NodeKind::Resource));
  if (def.op == CanonOp::ResourceDrop) return CoreFuncType{{kI32}, {}};
  auto found = scope().representations.find(types_[type].resource);
  if (found == scope().representations.end() || !found->second) {
    return Error::invalid_input(
        fmt::format("type {} is not a resource of this component", def.type.value));
  }
  auto representation = *found->second;
  if (def.op == CanonOp::ResourceNew) return CoreFuncType{{representation}, {kI32}};
  return CoreFuncType{{kI32}, {representation}};
}

Result<CoreFuncType> Validator::check_task_return(const CanonDef& def) {
  TypeNode function;
  function.kind = NodeKind::Function;
  auto result = TRY(resolve(def.result));
  if (result && types_.has_borrow(*result)) {
    return Error::invalid_input("the result of task.return cannot contain a borrow");
  }
  if (result) function.members.push_back({"v", result});
  auto options = TRY(check_options(def.options));
  if (def.options.realloc) return forbidden("realloc", "task.return");
  if (def.options.is_async) return forbidden("async", "task.return");
  TRY(check_lower_options(options));
  return flatten(function, options, AbiDirection::Lower);
}

Result<CoreFuncType> Validator::check_context(const CanonDef& def) {
  bool is_64 = def.slot_type == kI64 && features_.memory64;
  if (def.slot_type != kI32 && !is_64) {
    return Error::invalid_input("context slots can only be i32");
  }
  uint32_t slots = features_.second_context_slot ? kContextSlots : 1;
  if (def.slot >= slots) {
    return Error::invalid_input(
        fmt::format("context slot {} does not exist, there are {}", def.slot, slots));
  }
  auto& slot_type = scope().slot_type;
  if (slot_type && *slot_type != def.slot_type) {
    return Error::invalid_input("all context slots of a component have one type");
  }
  slot_type = def.slot_type;
  if (def.op == CanonOp::ContextGet) return CoreFuncType{{}, {def.slot_type}};
  return CoreFuncType{{def.slot_type}, {}};
}

Result<CoreFuncType> Validator::check_transfer(const CanonDef& def, NodeKind kind,
                                               const std::optional<Value>& payload) {
  auto options = TRY(check_options(def.options));
  bool reads = def.op == CanonOp::StreamRead || def.op == CanonOp::FutureRead;
  if (payload) {
    TRY(require_memory(def.options));
    if (reads && types_.has_pointers(*payload)) TRY(require_realloc(def.options));
  }
  TRY(check_lower_options(options));
  auto pointer = pointer_type(options.width);
  if (kind == NodeKind::Future) return CoreFuncType{{kI32, pointer}, {kI32}};
  return CoreFuncType{{kI32, pointer, pointer}, {pointer}};
}

Result<CoreFuncType> Validator::check_channel_builtin(const CanonDef& def, NodeKind kind) {
  auto type = TRY(type_at(def.type.value, kind));
  switch (def.op) {
    case CanonOp::StreamNew:
    case CanonOp::FutureNew: return CoreFuncType{{}, {kI64}};
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite:
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite: return check_transfer(def, kind, types_[type].members.front().type);
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite: return CoreFuncType{{kI32}, {kI32}};
    case CanonOp::StreamForward:
    case CanonOp::FutureForward:
      return Error::not_supported(fmt::format("{} is not supported", to_string(def.op)));
    default: return CoreFuncType{{kI32}, {}};
  }
}

Result<CoreFuncType> Validator::check_error_context(const CanonDef& def) {
  if (!features_.error_context) return Error::not_supported("error-context is switched off");
  if (def.op == CanonOp::ErrorContextDrop) return CoreFuncType{{kI32}, {}};
  auto options = TRY(check_options(def.options));
  if (def.options.is_async) return forbidden("async", to_string(def.op));
  TRY(check_lower_options(options));
  TRY(require_memory(def.options));
  auto pointer = pointer_type(options.width);
  if (def.op == CanonOp::ErrorContextNew) return CoreFuncType{{pointer, pointer}, {kI32}};
  TRY(require_realloc(def.options));
  return CoreFuncType{{kI32, pointer}, {}};
}

// The start function of a new thread, and the table that it is taken from.
Result<CoreFuncType> Validator::check_thread_start(const CanonDef& def) {
  auto type = TRY(at(scope().core_types, def.core_type.value, "core type"));
  const auto* function = type == kNotACoreType ? nullptr : core_.find_function(type);
  bool takes_context =
      function != nullptr && function->params == std::vector{kI32} && function->results.empty();
  if (!takes_context) {
    return Error::invalid_input(
        "the start type of a thread must be a function that takes an i32 and returns nothing");
  }
  bool spawns = def.op != CanonOp::ThreadNewIndirect;
  if (spawns && !core_[type].is_shared) {
    return Error::invalid_input("the start type of a spawned thread must be shared");
  }
  if (def.op == CanonOp::ThreadSpawnRef) {
    return Error::not_supported("thread.spawn-ref is not supported");
  }
  auto table = TRY(at(scope().core_tables, def.table.value, "core table"));
  bool fits = !table.limits.is_64 && table.element.heap == CoreHeapKind::Func &&
              table.element.nullable && table.element.shared == spawns;
  if (!fits && !spawns) {
    return Error::invalid_input("the table is not a 32-bit table of (ref null func)");
  }
  return CoreFuncType{{kI32, kI32}, {kI32}};
}

Result<CoreFuncType> Validator::check_thread(const CanonDef& def) {
  if (def.op == CanonOp::ThreadYield) return CoreFuncType{{}, {kI32}};
  if (!features_.threads) return Error::not_supported("thread built-ins are switched off");
  switch (def.op) {
    case CanonOp::ThreadIndex:
    case CanonOp::ThreadSuspend:
    case CanonOp::ThreadAvailableParallelism: return CoreFuncType{{}, {kI32}};
    case CanonOp::ThreadResumeLater: return CoreFuncType{{kI32}, {}};
    case CanonOp::ThreadNewIndirect:
    case CanonOp::ThreadSpawnRef:
    case CanonOp::ThreadSpawnIndirect: return check_thread_start(def);
    default: return CoreFuncType{{kI32}, {kI32}};
  }
}

Result<CoreFuncType> Validator::check_waitable(const CanonDef& def) {
  switch (def.op) {
    case CanonOp::WaitableSetNew: return CoreFuncType{{}, {kI32}};
    case CanonOp::WaitableSetDrop: return CoreFuncType{{kI32}, {}};
    case CanonOp::WaitableJoin: return CoreFuncType{{kI32, kI32}, {}};
    default: {
      auto width = TRY(memory_width(*def.options.memory));
      return CoreFuncType{{kI32, pointer_type(width)}, {kI32}};
    }
  }
}

Result<CoreTypeId> Validator::check_canon(const CanonDef& def) {
  if (def.cancellable && !features_.cancellable_waits) {
    return Error::not_supported("cancellable waits are switched off");
  }
  if (def.op == CanonOp::Lower) return check_lower(def);
  auto signature = [&]() -> Result<CoreFuncType> {
    auto op = def.op;
    if (op >= CanonOp::ResourceNew && op <= CanonOp::ResourceRep)
      return check_resource_builtin(def);
    if (op == CanonOp::TaskReturn) return check_task_return(def);
    if (op == CanonOp::ContextGet || op == CanonOp::ContextSet) return check_context(def);
    if ((op >= CanonOp::StreamNew && op <= CanonOp::StreamDropWritable) ||
        op == CanonOp::StreamForward) {
      return check_channel_builtin(def, NodeKind::Stream);
    }
    if ((op >= CanonOp::FutureNew && op <= CanonOp::FutureDropWritable) ||
        op == CanonOp::FutureForward) {
      return check_channel_builtin(def, NodeKind::Future);
    }
    if (op >= CanonOp::ErrorContextNew && op <= CanonOp::ErrorContextDrop) {
      return check_error_context(def);
    }
    if (op >= CanonOp::WaitableSetNew && op <= CanonOp::WaitableJoin) return check_waitable(def);
    if (op == CanonOp::SubtaskCancel) return CoreFuncType{{kI32}, {kI32}};
    if (op == CanonOp::SubtaskDrop) return CoreFuncType{{kI32}, {}};
    if (op == CanonOp::TaskCancel || op == CanonOp::BackpressureInc ||
        op == CanonOp::BackpressureDec) {
      return CoreFuncType{};
    }
    return check_thread(def);
  };
  auto type = TRY(signature());
  return core_.intern_function(type);
}

}  // namespace spindle::component
