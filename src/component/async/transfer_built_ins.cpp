#include "component/async/transfer_built_ins.h"

#include <fmt/format.h>

#include "component/async/transfer.h"
#include "component/runtime/instance.h"

namespace spindle::component {
namespace {

using Call = TransferCall;

Result<TransferEnd*> end_of(Call& call, TransferSide side) {
  return find_end(call.handles, call.arg(0), call.trampoline.type, side);
}

Result<void> check_not_in_set(const Call& call, const TransferEnd& end) {
  if (call.trampoline.options.is_async || end.set() == nullptr) return {};
  return Error::trap("waitable cannot be used synchronously while added to a waitable set");
}

Result<BuiltInStep> make(Call& call) {
  const NewEnds ends = TRY(add_transfer(call.handles, call.access, call.trampoline.type));
  call.cells[0] = wasm::RawValue::from_u64(ends.readable | uint64_t{ends.writable} << 32);
  return BuiltInStep::Done;
}

// ---- read, write ----

Error copy_after_end(const TransferEnd& end) {
  const bool is_read = end.side() == TransferSide::Reader;
  if (end.transfer().is_future() && !end.knows_of_drop()) {
    return Error::trap(is_read ? "cannot read from future after previous read succeeded"
                               : "cannot write to future after previous write succeeded or "
                                 "readable end dropped");
  }
  return Error::trap(is_read ? "cannot read after being notified that the writable end dropped"
                             : "cannot write after being notified that the readable end dropped");
}

Result<void> check_may_copy(const Call& call, const TransferEnd& end) {
  if (end.state() == CopyState::Done) return copy_after_end(end);
  TRY(check_not_in_set(call, end));
  if (end.is_copying()) {
    return Error::trap("cannot have concurrent operations active on a future/stream");
  }
  return {};
}

// The whole buffer is aligned and in bounds.
Result<GuestBuffer> buffer_of(Call& call, const Transfer& transfer) {
  GuestBuffer buffer{.frame = call.trampoline.frame,
                     .options = &call.trampoline.options,
                     .pointer = call.arg(1),
                     .length = transfer.is_future() ? 1 : call.arg(2)};
  if (buffer.length > Transfer::kMaxLength) {
    return Error::trap(fmt::format("stream read/write count too large: {}, at most {} are allowed",
                                   buffer.length, Transfer::kMaxLength));
  }
  const TypeRef payload = transfer.payload();
  if (payload == nullptr || buffer.length == 0) return buffer;
  if (buffer.pointer % payload->align != 0) return Error::trap("unaligned pointer");
  const uint64_t size = uint64_t{buffer.length} * payload->size;
  if (buffer.pointer + size > call.access.memory(buffer).size()) {
    return Error::trap("pointer out of bounds of memory");
  }
  return buffer;
}

void take_result(Call& call, TransferEnd& end) {
  call.set_result(end.take_event().payload);
}

Result<BuiltInStep> copy(Call& call, TransferSide side) {
  TransferEnd* end = TRY(end_of(call, side));
  TRY(check_may_copy(call, *end));
  const GuestBuffer buffer = TRY(buffer_of(call, end->transfer()));
  TRY(end->copy(call.arg(0), buffer));
  if (end->has_event()) {
    take_result(call, *end);
    return BuiltInStep::Done;
  }
  if (call.trampoline.options.is_async) {
    end->set_waiting(CopyState::AsyncCopying);
    call.set_result(kBlocked);
    return BuiltInStep::Done;
  }
  end->set_waiting(CopyState::SyncCopying);
  TRY(call.access.block_on(*end));
  return BuiltInStep::Blocked;
}

// ---- cancel, drop ----

// It never waits: the other side has nothing of this copy any more once it is told.
Result<BuiltInStep> cancel(Call& call, TransferSide side) {
  TransferEnd* end = TRY(end_of(call, side));
  TRY(check_not_in_set(call, *end));
  if (end->state() != CopyState::AsyncCopying) {
    const char* verb = side == TransferSide::Reader ? "read" : "write";
    return Error::trap(fmt::format("stream or future {0} cancelled when no {0} is pending", verb));
  }
  end->cancel();
  take_result(call, *end);
  return BuiltInStep::Done;
}

Result<BuiltInStep> drop(Call& call, TransferSide side) {
  TransferEnd* end = TRY(end_of(call, side));
  if (end->is_copying()) {
    return Error::trap(fmt::format("cannot drop busy {}", end->transfer().noun()));
  }
  const bool must_have_written = end->transfer().is_future() && side == TransferSide::Writer;
  if (must_have_written && end->state() != CopyState::Done) {
    return Error::trap("cannot drop future write end without first writing a value");
  }
  TRY(call.handles.take_object(call.arg(0)));
  return BuiltInStep::Done;
}

TransferCall transfer_call(BuiltInCall& call) {
  return {call.instance.handles(call.trampoline.frame), call.instance.guest_access(),
          call.trampoline, call.cells};
}

Result<BuiltInStep> start(BuiltInCall& call) {
  TransferCall transfer = transfer_call(call);
  return start_transfer(transfer);
}

Result<void> finish(BuiltInCall& call) {
  TransferCall transfer = transfer_call(call);
  return finish_transfer(transfer);
}

constexpr BuiltIn kTwoSteps{&start, &finish};
constexpr BuiltIn kOneStep{&start, nullptr};

// A synchronous cancel never waits, but may only be called where it could.
bool may_wait(CanonOp op) {
  switch (op) {
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite:
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite:
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite: return true;
    default: return false;
  }
}

}  // namespace

Result<BuiltInStep> start_transfer(TransferCall& call) {
  switch (static_cast<CanonOp>(call.trampoline.opcode)) {
    case CanonOp::StreamNew:
    case CanonOp::FutureNew: return make(call);
    case CanonOp::StreamRead:
    case CanonOp::FutureRead: return copy(call, TransferSide::Reader);
    case CanonOp::StreamWrite:
    case CanonOp::FutureWrite: return copy(call, TransferSide::Writer);
    case CanonOp::StreamCancelRead:
    case CanonOp::FutureCancelRead: return cancel(call, TransferSide::Reader);
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureCancelWrite: return cancel(call, TransferSide::Writer);
    case CanonOp::StreamDropReadable:
    case CanonOp::FutureDropReadable: return drop(call, TransferSide::Reader);
    case CanonOp::StreamDropWritable:
    case CanonOp::FutureDropWritable: return drop(call, TransferSide::Writer);
    default: return Error::internal("not a built-in of streams and futures");
  }
}

Result<void> finish_transfer(TransferCall& call) {
  const auto op = static_cast<CanonOp>(call.trampoline.opcode);
  const bool is_read = op == CanonOp::StreamRead || op == CanonOp::FutureRead;
  TransferEnd* end = TRY(end_of(call, is_read ? TransferSide::Reader : TransferSide::Writer));
  if (!end->has_event()) return Error::internal("a copy goes on that is not over");
  take_result(call, *end);
  return {};
}

const BuiltIn* transfer_built_in(CanonOp op) {
  if (op < CanonOp::StreamNew || op > CanonOp::FutureDropWritable) return nullptr;
  return may_wait(op) ? &kTwoSteps : &kOneStep;
}

}  // namespace spindle::component
