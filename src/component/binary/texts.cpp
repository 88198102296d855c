// How messages spell sorts, primitive types and canonical definitions.

#include "component/binary/component.h"

namespace spindle::component {

std::string_view to_string(Sort sort) {
  switch (sort) {
    case Sort::CoreFunc: return "core function";
    case Sort::CoreTable: return "core table";
    case Sort::CoreMemory: return "core memory";
    case Sort::CoreGlobal: return "core global";
    case Sort::CoreTag: return "core tag";
    case Sort::CoreType: return "core type";
    case Sort::CoreModule: return "core module";
    case Sort::CoreInstance: return "core instance";
    case Sort::Func: return "function";
    case Sort::Value: return "value";
    case Sort::Type: return "type";
    case Sort::Component: return "component";
    case Sort::Instance: return "instance";
  }
  return "item";
}

std::string_view to_string(PrimitiveType type) {
  switch (type) {
    case PrimitiveType::Bool: return "bool";
    case PrimitiveType::S8: return "s8";
    case PrimitiveType::U8: return "u8";
    case PrimitiveType::S16: return "s16";
    case PrimitiveType::U16: return "u16";
    case PrimitiveType::S32: return "s32";
    case PrimitiveType::U32: return "u32";
    case PrimitiveType::S64: return "s64";
    case PrimitiveType::U64: return "u64";
    case PrimitiveType::F32: return "f32";
    case PrimitiveType::F64: return "f64";
    case PrimitiveType::Char: return "char";
    case PrimitiveType::String: return "string";
    case PrimitiveType::ErrorContext: return "error-context";
  }
  return "value type";
}

std::string_view to_string(CanonOp op) {
  switch (op) {
    case CanonOp::Lift: return "lift";
    case CanonOp::Lower: return "lower";
    case CanonOp::ResourceNew: return "resource.new";
    case CanonOp::ResourceDrop: return "resource.drop";
    case CanonOp::ResourceRep: return "resource.rep";
    case CanonOp::TaskCancel: return "task.cancel";
    case CanonOp::SubtaskCancel: return "subtask.cancel";
    case CanonOp::TaskReturn: return "task.return";
    case CanonOp::ContextGet: return "context.get";
    case CanonOp::ContextSet: return "context.set";
    case CanonOp::ThreadYield: return "thread.yield";
    case CanonOp::SubtaskDrop: return "subtask.drop";
    case CanonOp::StreamNew: return "stream.new";
    case CanonOp::StreamRead: return "stream.read";
    case CanonOp::StreamWrite: return "stream.write";
    case CanonOp::StreamCancelRead: return "stream.cancel-read";
    case CanonOp::StreamCancelWrite: return "stream.cancel-write";
    case CanonOp::StreamDropReadable: return "stream.drop-readable";
    case CanonOp::StreamDropWritable: return "stream.drop-writable";
    case CanonOp::FutureNew: return "future.new";
    case CanonOp::FutureRead: return "future.read";
    case CanonOp::FutureWrite: return "future.write";
    case CanonOp::FutureCancelRead: return "future.cancel-read";
    case CanonOp::FutureCancelWrite: return "future.cancel-write";
    case CanonOp::FutureDropReadable: return "future.drop-readable";
    case CanonOp::FutureDropWritable: return "future.drop-writable";
    case CanonOp::ErrorContextNew: return "error-context.new";
    case CanonOp::ErrorContextDebugMessage: return "error-context.debug-message";
    case CanonOp::ErrorContextDrop: return "error-context.drop";
    case CanonOp::WaitableSetNew: return "waitable-set.new";
    case CanonOp::WaitableSetWait: return "waitable-set.wait";
    case CanonOp::WaitableSetPoll: return "waitable-set.poll";
    case CanonOp::WaitableSetDrop: return "waitable-set.drop";
    case CanonOp::WaitableJoin: return "waitable.join";
    case CanonOp::BackpressureInc: return "backpressure.inc";
    case CanonOp::BackpressureDec: return "backpressure.dec";
    case CanonOp::ThreadIndex: return "thread.index";
    case CanonOp::ThreadNewIndirect: return "thread.new-indirect";
    case CanonOp::ThreadResumeLater: return "thread.resume-later";
    case CanonOp::ThreadSuspend: return "thread.suspend";
    case CanonOp::ThreadSuspendThenResume: return "thread.suspend-then-resume";
    case CanonOp::ThreadYieldThenResume: return "thread.yield-then-resume";
    case CanonOp::ThreadSuspendThenPromote: return "thread.suspend-then-promote";
    case CanonOp::ThreadYieldThenPromote: return "thread.yield-then-promote";
    case CanonOp::StreamForward: return "stream.forward";
    case CanonOp::FutureForward: return "future.forward";
    case CanonOp::ThreadSpawnRef: return "thread.spawn-ref";
    case CanonOp::ThreadSpawnIndirect: return "thread.spawn-indirect";
    case CanonOp::ThreadAvailableParallelism: return "thread.available-parallelism";
  }
  return "canonical definition";
}

Sort ExternDesc::sort() const {
  switch (kind) {
    case ExternKind::Module: return Sort::CoreModule;
    case ExternKind::Func: return Sort::Func;
    case ExternKind::Value: return Sort::Value;
    case ExternKind::TypeEq:
    case ExternKind::TypeResource: return Sort::Type;
    case ExternKind::Component: return Sort::Component;
    case ExternKind::Instance: return Sort::Instance;
  }
  return Sort::Func;
}

SharedBytes SharedBytes::own(std::vector<uint8_t> bytes) {
  auto owner = std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
  return {owner, std::span<const uint8_t>(*owner)};
}

SharedBytes SharedBytes::copy_of(std::span<const uint8_t> bytes) {
  return own(std::vector<uint8_t>(bytes.begin(), bytes.end()));
}

}  // namespace spindle::component
