#include "component/binary/canon_writer.h"

#include "component/binary/core_writer.h"
#include "component/binary/type_writer.h"

namespace spindle::component {
namespace {

void write_options(ByteWriter& writer, const CanonOptions& options) {
  ByteWriter list;
  uint32_t count = 0;
  auto code = [&](uint8_t value) {
    list.u8(value);
    ++count;
  };
  auto index = [&](uint8_t value, const auto& slot) {
    if (!slot) return;
    code(value);
    list.leb_u32(slot->value);
  };
  if (options.encoding) code(static_cast<uint8_t>(*options.encoding));
  index(0x03, options.memory);
  index(0x04, options.realloc);
  index(0x05, options.post_return);
  if (options.is_async) code(0x06);
  index(0x07, options.callback);
  index(0x08, options.core_type);
  if (options.gc) code(0x09);
  writer.leb_u32(count);
  writer.bytes(list);
}

void write_flag(ByteWriter& writer, bool flag) {
  writer.u8(flag ? 1 : 0);
}

void write_lift_or_lower(ByteWriter& writer, const CanonDef& canon) {
  bool lift = canon.op == CanonOp::Lift;
  writer.u8(0x00);
  writer.leb_u32(lift ? canon.core_func.value : canon.func.value);
  write_options(writer, canon.options);
  if (lift) writer.leb_u32(canon.type.value);
}

}  // namespace

void write_canon(ByteWriter& writer, const CanonDef& canon) {
  writer.u8(static_cast<uint8_t>(canon.op));
  switch (canon.op) {
    case CanonOp::Lift:
    case CanonOp::Lower: write_lift_or_lower(writer, canon); return;
    case CanonOp::TaskReturn:
      write_result_list(writer, canon.result);
      write_options(writer, canon.options);
      return;
    case CanonOp::ContextGet:
    case CanonOp::ContextSet:
      write_core_value_type(writer, canon.slot_type);
      writer.leb_u32(canon.slot);
      return;
    case CanonOp::SubtaskCancel: write_flag(writer, canon.is_async); return;
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite:
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite:
      writer.leb_u32(canon.type.value);
      write_options(writer, canon.options);
      return;
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite:
      writer.leb_u32(canon.type.value);
      write_flag(writer, canon.is_async);
      return;
    case CanonOp::ResourceNew:
    case CanonOp::ResourceDrop:
    case CanonOp::ResourceRep:
    case CanonOp::StreamNew:
    case CanonOp::StreamDropReadable:
    case CanonOp::StreamDropWritable:
    case CanonOp::StreamForward:
    case CanonOp::FutureNew:
    case CanonOp::FutureDropReadable:
    case CanonOp::FutureDropWritable:
    case CanonOp::FutureForward: writer.leb_u32(canon.type.value); return;
    case CanonOp::ErrorContextNew:
    case CanonOp::ErrorContextDebugMessage: write_options(writer, canon.options); return;
    case CanonOp::WaitableSetWait:
    case CanonOp::WaitableSetPoll:
      write_flag(writer, canon.cancellable);
      writer.leb_u32(canon.options.memory.value_or(CoreMemoryIndex(0U)).value);
      return;
    case CanonOp::ThreadYield:
    case CanonOp::ThreadSuspend:
    case CanonOp::ThreadSuspendThenResume:
    case CanonOp::ThreadYieldThenResume:
    case CanonOp::ThreadSuspendThenPromote:
    case CanonOp::ThreadYieldThenPromote: write_flag(writer, canon.cancellable); return;
    case CanonOp::ThreadNewIndirect:
    case CanonOp::ThreadSpawnRef:
    case CanonOp::ThreadSpawnIndirect:
      writer.leb_u32(canon.core_type.value);
      if (canon.op != CanonOp::ThreadSpawnRef) writer.leb_u32(canon.table.value);
      return;
    default: return;
  }
}

}  // namespace spindle::component
