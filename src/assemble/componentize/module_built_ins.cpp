// Asynchronous built-ins of a component that is made of a module.

#include "assemble/componentize/module_encoder.h"

#include <fmt/format.h>

namespace spindle::assemble {

using namespace component;

namespace {

bool is_endpoint_op(CanonOp op) {
  return op >= CanonOp::StreamNew && op <= CanonOp::FutureDropWritable;
}

bool is_transfer(CanonOp op) {
  return op == CanonOp::StreamRead || op == CanonOp::StreamWrite || op == CanonOp::FutureRead ||
         op == CanonOp::FutureWrite;
}

}  // namespace

AbiNeeds ModuleEncoder::needs_of(const AsyncBuiltIn& call) {
  switch (call.op) {
    case CanonOp::TaskReturn: return rules_.of_task_return(*call.function);
    case CanonOp::StreamRead:
    case CanonOp::FutureRead: return rules_.of_reading(call.payload);
    case CanonOp::StreamWrite:
    case CanonOp::FutureWrite: return rules_.of_writing(call.payload);
    case CanonOp::WaitableSetWait:
    case CanonOp::WaitableSetPoll:
    case CanonOp::ErrorContextNew: return {.memory = true};
    case CanonOp::ErrorContextDebugMessage: return {.memory = true, .realloc = true};
    default: return {};
  }
}

Result<std::optional<ValueTypeUse>> ModuleEncoder::payload(const AsyncBuiltIn& call) {
  if (!call.payload) return std::optional<ValueTypeUse>();
  auto& types = call.side == PayloadSide::Import ? static_cast<TypeEncoder&>(root_)
                                                 : static_cast<TypeEncoder&>(export_types_);
  auto use = TRY(types.use(*call.payload));
  return std::optional(use);
}

Result<TypeIndex> ModuleEncoder::endpoint_type(const AsyncBuiltIn& call) {
  bool is_stream = call.op < CanonOp::FutureNew;
  auto key = std::tuple(is_stream, call.payload, call.side);
  if (auto known = endpoint_types_.find(key); known != endpoint_types_.end()) return known->second;
  auto carried = TRY(payload(call));
  auto type = is_stream ? ast_.type(StreamDef{carried}) : ast_.type(FutureDef{carried});
  endpoint_types_.emplace(key, type);
  return type;
}

Result<CoreFuncIndex> ModuleEncoder::built_in(const Part& part, const PartImport& import) {
  const auto& call = std::get<AsyncBuiltIn>(import.meaning);
  auto context = fmt::format("the built-in `{}` of `{}`", import.decl->name, import.decl->module);
  CanonDef def{.op = call.op, .slot = call.slot, .cancellable = call.cancellable};
  def.options = TRY(options(needs_of(call), part, "cabi_import_realloc").context(context));
  if (call.encoding) def.options.encoding = call.encoding;
  if (is_endpoint_op(call.op)) def.type = TRY(endpoint_type(call).context(context));
  if (call.op == CanonOp::TaskReturn) def.result = TRY(payload(call).context(context));
  if (is_transfer(call.op)) {
    def.options.is_async = call.is_async;
  } else {
    def.is_async = call.is_async;
  }
  return CoreFuncIndex(ast_.add(std::move(def)));
}

}  // namespace spindle::assemble
