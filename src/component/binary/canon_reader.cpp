#include "component/binary/canon_reader.h"

#include <fmt/format.h>

#include "component/binary/core_reader.h"
#include "component/binary/limits.h"
#include "component/binary/type_reader.h"

namespace spindle::component {
namespace {

Error repeated_option(const ByteReader& reader, std::string_view name) {
  return Error::invalid_input(fmt::format("canonical option `{}` is given more than once", name))
      .with_offset(reader.offset());
}

template <typename Index>
Result<void> read_index_option(ByteReader& reader, std::optional<Index>& slot,
                               std::string_view name) {
  if (slot) return repeated_option(reader, name);
  auto index = TRY(reader.leb_u32());
  slot = Index(index);
  return {};
}

Result<void> set_flag_option(ByteReader& reader, bool& slot, std::string_view name) {
  if (slot) return repeated_option(reader, name);
  slot = true;
  return {};
}

Result<void> read_option(ByteReader& reader, CanonOptions& options) {
  auto code = TRY(reader.u8());
  switch (code) {
    case 0x00:
    case 0x01:
    case 0x02:
      if (options.encoding) return repeated_option(reader, "string-encoding");
      options.encoding = static_cast<StringEncoding>(code);
      return {};
    case 0x03: return read_index_option(reader, options.memory, "memory");
    case 0x04: return read_index_option(reader, options.realloc, "realloc");
    case 0x05: return read_index_option(reader, options.post_return, "post-return");
    case 0x06: return set_flag_option(reader, options.is_async, "async");
    case 0x07: return read_index_option(reader, options.callback, "callback");
    case 0x08: return read_index_option(reader, options.core_type, "core-type");
    case 0x09: return set_flag_option(reader, options.gc, "gc");
    default: return unknown_code(reader, code, "a canonical option");
  }
}

Result<CanonOptions> read_options(ByteReader& reader) {
  auto count = TRY(read_count(reader, kMaxCanonOptions, "canonical options"));
  CanonOptions options;
  for (uint32_t i = 0; i < count; ++i) TRY(read_option(reader, options));
  return options;
}

bool is_known(uint8_t code) {
  if (code == 0x07 || code == 0x08) return false;
  return code <= 0x2f || (code >= 0x40 && code <= 0x42);
}

Result<void> read_lift_or_lower(ByteReader& reader, CanonDef& canon) {
  auto form = TRY(reader.u8());
  if (form != 0) return unknown_code(reader, form, "0 after lift or lower");
  auto index = TRY(reader.leb_u32());
  canon.core_func = CoreFuncIndex(index);
  canon.func = ComponentFuncIndex(index);
  canon.options = TRY(read_options(reader));
  if (canon.op == CanonOp::Lift) canon.type.value = TRY(reader.leb_u32());
  return {};
}

Result<void> read_thread_immediates(ByteReader& reader, CanonDef& canon) {
  canon.core_type.value = TRY(reader.leb_u32());
  if (canon.op != CanonOp::ThreadSpawnRef) canon.table.value = TRY(reader.leb_u32());
  return {};
}

Result<void> read_immediates(ByteReader& reader, CanonDef& canon) {
  switch (canon.op) {
    case CanonOp::Lift:
    case CanonOp::Lower: return read_lift_or_lower(reader, canon);
    case CanonOp::TaskReturn:
      canon.result = TRY(read_result_list(reader));
      canon.options = TRY(read_options(reader));
      return {};
    case CanonOp::ContextGet:
    case CanonOp::ContextSet:
      canon.slot_type = TRY(read_core_value_type(reader));
      canon.slot = TRY(reader.leb_u32());
      return {};
    case CanonOp::SubtaskCancel: canon.is_async = TRY(read_flag(reader, "async")); return {};
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite:
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite:
      canon.type.value = TRY(reader.leb_u32());
      canon.options = TRY(read_options(reader));
      return {};
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite:
      canon.type.value = TRY(reader.leb_u32());
      canon.is_async = TRY(read_flag(reader, "async"));
      return {};
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
    case CanonOp::FutureForward: canon.type.value = TRY(reader.leb_u32()); return {};
    case CanonOp::ErrorContextNew:
    case CanonOp::ErrorContextDebugMessage: canon.options = TRY(read_options(reader)); return {};
    case CanonOp::WaitableSetWait:
    case CanonOp::WaitableSetPoll: {
      canon.cancellable = TRY(read_flag(reader, "cancellable"));
      auto memory = TRY(reader.leb_u32());
      canon.options.memory = CoreMemoryIndex(memory);
      return {};
    }
    case CanonOp::ThreadYield:
    case CanonOp::ThreadSuspend:
    case CanonOp::ThreadSuspendThenResume:
    case CanonOp::ThreadYieldThenResume:
    case CanonOp::ThreadSuspendThenPromote:
    case CanonOp::ThreadYieldThenPromote:
      canon.cancellable = TRY(read_flag(reader, "cancellable"));
      return {};
    case CanonOp::ThreadNewIndirect:
    case CanonOp::ThreadSpawnRef:
    case CanonOp::ThreadSpawnIndirect: return read_thread_immediates(reader, canon);
    default: return {};
  }
}

}  // namespace

Result<CanonDef> read_canon(ByteReader& reader) {
  auto code = TRY(reader.u8());
  if (!is_known(code)) return unknown_code(reader, code, "a canonical definition");
  CanonDef canon;
  canon.op = static_cast<CanonOp>(code);
  TRY(read_immediates(reader, canon));
  return canon;
}

}  // namespace spindle::component
