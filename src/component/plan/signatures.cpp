#include "component/plan/signatures.h"

namespace spindle::component::plan_detail {
namespace {

constexpr uint32_t kFlatParamsMax = 16;
constexpr uint32_t kAsyncFlatParamsMax = 4;
constexpr FlatType kI32 = FlatType::I32;
constexpr FlatType kI64 = FlatType::I64;

std::vector<FlatType> flat_params(const ValueType& params, uint32_t limit) {
  if (params.flat_count > limit) return {kI32};
  return params.flat;
}

FlatType slot_type(const CoreValueType& type) {
  return type.kind == CoreValueKind::I64 ? kI64 : kI32;
}

}  // namespace

PlannedSignature lifted_signature(const FunctionType& type, const ValueType& params,
                                  const PlannedOptions& options) {
  PlannedSignature signature{flat_params(params, kFlatParamsMax), {}};
  if (options.is_async) {
    if (options.callback) signature.results = {kI32};
  } else if (type.result != nullptr) {
    signature.results = type.result->flat_count > 1 ? std::vector{kI32} : type.result->flat;
  }
  return signature;
}

PlannedSignature lowered_signature(const FunctionType& type, const ValueType& params,
                                   const PlannedOptions& options) {
  if (options.is_async) {
    PlannedSignature signature{flat_params(params, kAsyncFlatParamsMax), {kI32}};
    if (type.result != nullptr) signature.params.push_back(kI32);
    return signature;
  }
  PlannedSignature signature{flat_params(params, kFlatParamsMax), {}};
  if (type.result == nullptr) return signature;
  if (type.result->flat_count > 1) {
    signature.params.push_back(kI32);
  } else {
    signature.results = type.result->flat;
  }
  return signature;
}

PlannedSignature built_in_signature(const CanonDef& canon, TypeRef result) {
  switch (canon.op) {
    case CanonOp::TaskReturn:
      if (result == nullptr) return {};
      return {flat_params(*result, kFlatParamsMax), {}};
    case CanonOp::ContextGet: return {{}, {slot_type(canon.slot_type)}};
    case CanonOp::ContextSet: return {{slot_type(canon.slot_type)}, {}};
    case CanonOp::TaskCancel:
    case CanonOp::BackpressureInc:
    case CanonOp::BackpressureDec: return {};
    case CanonOp::ThreadYield:
    case CanonOp::ThreadIndex:
    case CanonOp::ThreadSuspend:
    case CanonOp::WaitableSetNew:
    case CanonOp::ThreadAvailableParallelism: return {{}, {kI32}};
    case CanonOp::StreamNew:
    case CanonOp::FutureNew: return {{}, {kI64}};
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite: return {{kI32, kI32, kI32}, {kI32}};
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite:
    case CanonOp::WaitableSetWait:
    case CanonOp::WaitableSetPoll:
    case CanonOp::ErrorContextNew:
    case CanonOp::ThreadNewIndirect:
    case CanonOp::ThreadSpawnIndirect: return {{kI32, kI32}, {kI32}};
    case CanonOp::SubtaskCancel:
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite:
    case CanonOp::ThreadSuspendThenResume:
    case CanonOp::ThreadYieldThenResume:
    case CanonOp::ThreadSuspendThenPromote:
    case CanonOp::ThreadYieldThenPromote: return {{kI32}, {kI32}};
    case CanonOp::ErrorContextDebugMessage:
    case CanonOp::WaitableJoin:
    case CanonOp::StreamForward:
    case CanonOp::FutureForward: return {{kI32, kI32}, {}};
    default:
      // The drops, thread.resume-later.
      return {{kI32}, {}};
  }
}

}  // namespace spindle::component::plan_detail
