#include "component/async/transfer.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "component/values/lift_lower.h"

namespace spindle::component {
namespace {

bool is_none_or_number(TypeRef type) {
  if (type == nullptr) return true;
  return type->shape == TypeShape::Scalar && type->kind != TypeKind::Bool &&
         type->kind != TypeKind::Char;
}

constexpr size_t index_of(TransferSide side) {
  return static_cast<size_t>(side);
}

constexpr TransferSide other_side(TransferSide side) {
  return side == TransferSide::Reader ? TransferSide::Writer : TransferSide::Reader;
}

Result<std::span<uint8_t>> bytes_of(GuestAccess& access, const GuestBuffer& buffer, uint64_t size) {
  const std::span<uint8_t> memory = access.memory(buffer);
  if (buffer.pointer + size > memory.size()) {
    return Error::trap("pointer out of bounds of memory");
  }
  return memory.subspan(buffer.pointer, size);
}

}  // namespace

GuestAccess::~GuestAccess() = default;
HostWriter::~HostWriter() = default;

io::Task<void> HostWriter::unwound(std::shared_ptr<HostWriter> writer) {
  const std::shared_ptr<io::Event> waited = writer->waited_;
  if (!waited) co_return;
  auto waiting = waited->wait();
  co_await std::move(waiting);
}

// ---- the two sides ----

Readable Transfer::create(TypeRef type, std::shared_ptr<HostWriter> writer) {
  auto made = std::make_shared<Transfer>(type);
  made->host_writer_ = std::move(writer);
  made->gone_[index_of(TransferSide::Writer)] = made->host_writer_ == nullptr;
  return Readable(std::move(made));
}

GuestAccess* Transfer::writer_access() const {
  const TransferEnd* writer = ends_[index_of(TransferSide::Writer)];
  return writer == nullptr ? nullptr : &writer->access_;
}

std::shared_ptr<HostWriter> Transfer::take_host_writer() {
  stop_waiting();
  gone_[index_of(TransferSide::Writer)] = true;
  return std::move(host_writer_);
}

void Transfer::leave(TransferSide side) {
  gone_[index_of(side)] = true;
  if (side == TransferSide::Reader) {
    stop_waiting();
    // Its destructor is the host's code: it sees this in its last state.
    const std::shared_ptr<HostWriter> writer = std::move(host_writer_);
    if (pending_ != nullptr) pending_->settle(CopyResult::Dropped);
    return;
  }
  // A future that will never have a value keeps its reader waiting: that happens only when the
  // guest that was to write it is destroyed.
  if (pending_ != nullptr && !is_future()) pending_->settle(CopyResult::Dropped);
  wake_host();
}

// ---- guest to guest ----

Result<void> Transfer::copy(TransferEnd& end) {
  if (host_writer_) return read_host(end);
  if (is_gone(other_side(end.side_)) && !(is_future() && end.side_ == TransferSide::Reader)) {
    end.settle(CopyResult::Dropped);
    return {};
  }
  if (pending_ != nullptr) return meet(end);
  pending_ = &end;
  if (end.side_ == TransferSide::Reader) return {};
  if (end.buffer_.length != 0) {
    wake_host();
  } else if (host_waits_ != 0) {
    end.settle(CopyResult::Completed);
  }
  return {};
}

// Both sides are there.
Result<void> Transfer::meet(TransferEnd& end) {
  TransferEnd& other = *pending_;
  VERIFY(other.side_ != end.side_);
  const bool is_intra = &other.access_ == &end.access_ && other.buffer_.frame == end.buffer_.frame;
  if (is_intra && !is_none_or_number(payload())) {
    return Error::trap(
        "cannot read from and write to intra-component future/stream with non-numeric payload");
  }
  const bool is_writer = end.side_ == TransferSide::Writer;
  const uint32_t count = std::min(other.buffer_.remain(), end.buffer_.remain());
  if (count != 0) {
    TRY(move_items(is_writer ? end : other, is_writer ? other : end, count));
    if (is_future()) {
      other.settle(CopyResult::Completed);
    } else {
      other.note_progress();
    }
    end.settle(CopyResult::Completed);
    return {};
  }
  const bool are_both_probes = other.buffer_.length == 0 && end.buffer_.length == 0;
  if (other.buffer_.remain() != 0 || (is_writer && are_both_probes)) {
    end.settle(CopyResult::Completed);
    return {};
  }
  other.settle(CopyResult::Completed);
  pending_ = &end;
  return {};
}

Result<void> Transfer::move_items(TransferEnd& from, TransferEnd& to, uint32_t count) {
  if (payload() != nullptr) {
    if (payload()->copyable) {
      const uint64_t size = uint64_t{count} * item_size();
      const std::span<uint8_t> source = TRY(bytes_of(from.access_, from.buffer_, size));
      const std::span<uint8_t> target = TRY(bytes_of(to.access_, to.buffer_, size));
      std::memmove(target.data(), source.data(), size);
    } else {
      TRY(convert_items(from, to, count));
    }
  }
  from.buffer_.advance(count, item_size());
  to.buffer_.advance(count, item_size());
  return {};
}

Result<void> Transfer::convert_items(TransferEnd& from, TransferEnd& to, uint32_t count) {
  const ValueType& type = *payload();
  auto convert = [&](CallContext& source, CallContext& target) -> Result<void> {
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t offset = i * type.size;
      const DynamicValue item = TRY(lift_memory(source, type, from.buffer_.pointer + offset));
      TRY(lower_memory(target, type, item, to.buffer_.pointer + offset));
    }
    return {};
  };
  return from.access_.use_side(from.buffer_, {}, [&](CallContext& source) {
    return to.access_.use_side(to.buffer_, {},
                               [&](CallContext& target) { return convert(source, target); });
  });
}

// ---- host to guest ----

Result<void> Transfer::read_host(TransferEnd& end) {
  VERIFY(pending_ == nullptr);
  pending_ = &end;
  if (is_waiting_) return {};
  // A probe waits for an item, but takes none.
  return end.buffer_.length == 0 ? wait_for_writer() : pull();
}

Result<void> Transfer::pull() {
  if (pending_ == nullptr || !host_writer_) return {};
  const std::shared_ptr<HostWriter> writer = host_writer_;
  TransferEnd& end = *pending_;
  StreamStep step;
  auto move = [&](CallContext& side) -> Result<void> {
    const StreamStep moved = TRY(writer->write(side, end.buffer_.pointer, end.buffer_.remain()));
    step = moved;
    return {};
  };
  TRY(end.access_.use_side(end.buffer_, writer->transfers_, move));
  end.buffer_.advance(static_cast<uint32_t>(step.count), item_size());
  const bool has_value = is_future() && step.count != 0;
  if (step.is_ended || has_value) {
    host_writer_.reset();
    gone_[index_of(TransferSide::Writer)] = true;
  }
  if (has_value) {
    end.settle(CopyResult::Completed);
  } else if (step.is_ended) {
    if (!is_future()) end.settle(CopyResult::Dropped);
  } else if (step.count != 0) {
    end.settle(CopyResult::Completed);
  } else {
    return wait_for_writer();
  }
  return {};
}

Result<void> Transfer::wait_for_writer() {
  if (is_waiting_) return {};
  GuestAccess& access = pending_->access_;
  is_waiting_ = true;
  waiting_access_ = &access;
  const GuestAccess::Operation operation = TRY(access.spawn(wait(weak_from_this(), host_writer_)));
  operation_ = operation;
  return {};
}

// Nothing waits for the writer any more; a task inside it unwinds soon.
void Transfer::stop_waiting() {
  if (std::exchange(is_waiting_, false)) waiting_access_->cancel(operation_);
}

io::Task<void> Transfer::wait(std::weak_ptr<Transfer> weak, std::shared_ptr<HostWriter> writer) {
  {
    const std::shared_ptr<Transfer> transfer = weak.lock();
    if (!transfer || !transfer->is_waiting_) co_return;
    writer->waited_ = std::make_shared<io::Event>(transfer->waiting_access_->loop());
  }
  {
    struct Mark {
      ~Mark() { std::exchange(writer.waited_, nullptr)->set(); }
      HostWriter& writer;
    } const mark{*writer};
    auto waiting = writer->ready();
    co_await std::move(waiting);
  }
  writer.reset();
  std::shared_ptr<Transfer> transfer = weak.lock();
  if (!transfer || !std::exchange(transfer->is_waiting_, false)) co_return;
  auto going_on = writer_is_ready(std::move(transfer));
  co_await std::move(going_on);
}

// Items with strings or lists need the guest's allocator.
io::Task<void> Transfer::writer_is_ready(std::shared_ptr<Transfer> transfer) {
  TransferEnd* end = transfer->pending_;
  if (end == nullptr) co_return;
  GuestAccess& access = end->access_;
  if (end->buffer_.length == 0) {
    end->settle(CopyResult::Completed);
    co_return;
  }
  const TypeRef payload = transfer->payload();
  if (payload != nullptr && payload->has_pointers) {
    auto running = access.run_guest_code([transfer] { return transfer->pull(); });
    co_await std::move(running);
    co_return;
  }
  const Result<void> pulled = transfer->pull();
  if (!pulled.has_value()) access.fail(pulled.error());
}

// ---- guest to host ----

uint32_t Transfer::offered() const {
  const bool is_writing = pending_ != nullptr && pending_->side_ == TransferSide::Writer;
  return is_writing ? pending_->buffer_.remain() : 0;
}

void Transfer::wake_host() {
  if (host_event_) host_event_->set();
}

io::Task<void> Transfer::offered_or_ended(std::shared_ptr<Transfer> transfer) {
  Transfer& self = *transfer;
  if (self.offered() != 0 || self.is_gone(TransferSide::Writer) || !self.host_event_) co_return;
  struct Mark {
    explicit Mark(uint32_t& waits) : count(waits) { ++count; }
    ~Mark() { --count; }
    uint32_t& count;
  } const mark(self.host_waits_);
  self.host_event_->reset();
  // A guest that only asks whether the host wants something.
  TransferEnd* writer = self.pending_;
  if (writer != nullptr && writer->buffer_.length == 0) writer->settle(CopyResult::Completed);
  auto waiting = self.host_event_->wait();
  co_await std::move(waiting);
}

HostReader::HostReader(Readable readable, std::span<const TransferType> transfers)
    : readable_(std::move(readable)), transfers_(transfers) {
  GuestAccess* access = readable_->writer_access();
  if (access != nullptr && !readable_->host_event_) {
    readable_->host_event_ = std::make_unique<io::Event>(access->loop());
  }
}

std::span<const uint8_t> HostReader::bytes() const {
  const uint32_t count = available();
  if (count == 0) return {};
  const TransferEnd& end = *readable_->pending_;
  const std::span<uint8_t> memory = end.access_.memory(end.buffer_);
  return memory.subspan(end.buffer_.pointer, size_t{count} * readable_->item_size());
}

bool HostReader::load(uint32_t count, Load load_item) {
  VERIFY(count <= available());
  if (count == 0) return true;
  TransferEnd& end = *readable_->pending_;
  const uint32_t size = readable_->item_size();
  auto load_all = [&](CallContext& side) -> Result<void> {
    for (uint32_t i = 0; i < count; ++i) {
      TRY(load_item(side, end.buffer_.pointer + i * size, i));
    }
    return {};
  };
  const Result<void> loaded = end.access_.use_side(end.buffer_, transfers_, load_all);
  if (!loaded.has_value()) end.access_.fail(loaded.error());
  return loaded.has_value();
}

void HostReader::advance(uint32_t count) {
  VERIFY(count <= available());
  if (count == 0) return;
  TransferEnd& end = *readable_->pending_;
  end.buffer_.advance(count, readable_->item_size());
  if (readable_->is_future()) {
    end.settle(CopyResult::Completed);
  } else {
    end.note_progress();
  }
}

// ---- an end in a table ----

TransferEnd::TransferEnd(GuestAccess& access, std::shared_ptr<Transfer> transfer, TransferSide side)
    : Waitable(access), access_(access), transfer_(std::move(transfer)), side_(side) {
  transfer_->ends_[index_of(side)] = this;
}

TransferEnd::~TransferEnd() {
  if (!transfer_) return;
  if (transfer_->pending_ == this) transfer_->pending_ = nullptr;
  transfer_->ends_[index_of(side_)] = nullptr;
  transfer_->leave(side_);
}

Readable TransferEnd::take_readable() {
  VERIFY(side_ == TransferSide::Reader && state_ == CopyState::Idle);
  transfer_->ends_[index_of(side_)] = nullptr;
  return Readable(std::move(transfer_));
}

Result<void> TransferEnd::copy(uint32_t index, const GuestBuffer& buffer) {
  VERIFY(state_ == CopyState::Idle && !has_event());
  index_ = index;
  buffer_ = buffer;
  return transfer_->copy(*this);
}

void TransferEnd::cancel() {
  state_ = CopyState::Cancelling;
  const bool is_over = has_event() && (transfer_->is_future() || result_ != CopyResult::Completed);
  // What a stream has copied so far is told with it.
  if (!is_over) settle(CopyResult::Cancelled);
}

void TransferEnd::settle(CopyResult result) {
  if (transfer_->pending_ == this) transfer_->pending_ = nullptr;
  result_ = result;
  set_event();
}

void TransferEnd::note_progress() {
  result_ = CopyResult::Completed;
  set_event();
}

WaitEvent TransferEnd::deliver() {
  if (transfer_->pending_ == this) transfer_->pending_ = nullptr;
  const bool is_future = transfer_->is_future();
  const bool is_done =
      result_ == CopyResult::Dropped || (is_future && result_ == CopyResult::Completed);
  state_ = is_done ? CopyState::Done : CopyState::Idle;
  const bool is_read = side_ == TransferSide::Reader;
  EventCode code = is_read ? EventCode::StreamRead : EventCode::StreamWrite;
  if (is_future) code = is_read ? EventCode::FutureRead : EventCode::FutureWrite;
  const uint32_t progress = is_future ? 0 : buffer_.progress << 4;
  return {code, index_, static_cast<uint32_t>(result_) | progress};
}

// ---- tables ----

Result<NewEnds> add_transfer(HandleTable& table, GuestAccess& access, TypeRef type) {
  auto transfer = std::make_shared<Transfer>(type);
  const uint32_t readable =
      TRY(table.add_object(std::make_unique<TransferEnd>(access, transfer, TransferSide::Reader)));
  const uint32_t writable =
      TRY(table.add_object(std::make_unique<TransferEnd>(access, transfer, TransferSide::Writer)));
  return NewEnds{readable, writable};
}

Result<TransferEnd*> find_end(HandleTable& table, uint32_t index, TypeRef type, TransferSide side) {
  TableObject* object = TRY(table.object(index));
  auto* end = dynamic_cast<TransferEnd*>(object);
  if (end == nullptr || end->side() != side || end->transfer().type() != type) {
    return Error::trap(
        fmt::format("handle index {} used with the wrong type, expected the {} end of a {}", index,
                    side == TransferSide::Reader ? "readable" : "writable",
                    type->kind == TypeKind::Future ? "future" : "stream"));
  }
  return end;
}

Result<Readable> lift_readable(HandleTable& table, TypeRef type, uint32_t index) {
  TransferEnd* end = TRY(find_end(table, index, type, TransferSide::Reader));
  const char* noun = end->transfer().noun();
  if (end->state() == CopyState::Done) {
    return Error::trap(fmt::format("cannot lift {} after {}", noun,
                                   end->transfer().is_future()
                                       ? "previous read succeeded"
                                       : "being notified that the writable end dropped"));
  }
  if (end->set() != nullptr) {
    return Error::trap(fmt::format("cannot lift {} while it's in a waitable set", noun));
  }
  if (end->is_copying()) {
    return Error::trap("cannot have concurrent operations active on a future/stream");
  }
  Readable readable = end->take_readable();
  TRY(table.take_object(index));
  return readable;
}

Result<uint32_t> lower_readable(HandleTable& table, GuestAccess& access, Readable readable) {
  return table.add_object(
      std::make_unique<TransferEnd>(access, readable.release(), TransferSide::Reader));
}

}  // namespace spindle::component
