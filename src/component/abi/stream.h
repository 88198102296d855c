#pragma once

// Abi<Stream<T>>, Abi<Future<T>>: streams and futures between guests and typed host code. Generated
// bindings include this.
//
//   a guest's end that the host lifts      GuestStream<T>: a StreamSource that takes items from the
//                                          buffer of the guest's write
//   a host's source that a guest gets      StreamWriter<T>: moves items from the source to the
//                                          buffer of the guest's read
//
// Numbers go straight from one to the other. What comes back unread is the same as before: a
// source of the host is itself again, a guest's end goes on as an end of its guest.

#include <array>

#include "component/abi/compound.h"
#include "component/async/transfer.h"
#include "component/host/stream.h"

namespace spindle::component {

namespace abi_detail {

// ---- what the host writes ----

template <typename T>
class StreamWriter final : public HostWriter {
 public:
  StreamWriter(std::unique_ptr<StreamSource<T>> source, std::span<const TransferType> transfers)
      : HostWriter(kTransferId<Stream<T>>, transfers), source_(std::move(source)) {}

  StreamSource<T>& source() { return *source_; }
  std::unique_ptr<StreamSource<T>> take_source() { return std::move(source_); }
  io::Task<void> ready() override { return source_->ready(); }

  Result<StreamStep> write(CallContext& reader, uint32_t pointer, uint32_t count) override {
    if constexpr (AbiNumber<T>) {
      auto* items = reinterpret_cast<T*>(reader.memory().data() + pointer);
      return source_->read(std::span(items, count));
    } else {
      return write_batches(reader, pointer, count);
    }
  }

 private:
  // How many items are on their way at a time; what has none costs nothing.
  static constexpr size_t kBatch = std::is_void_v<T> ? 4096 : 16;

  Result<StreamStep> write_batches(CallContext& reader, uint32_t pointer, uint32_t count) {
    std::array<StreamItem<T>, kBatch> items{};
    StreamStep total;
    while (total.count < count && !total.is_ended) {
      const size_t wanted = std::min(kBatch, count - total.count);
      const StreamStep step = source_->read(std::span(items).first(wanted));
      if constexpr (!std::is_void_v<T>) {
        for (size_t i = 0; i < step.count; ++i) {
          TRY(Abi<T>::store(reader, pointer, items[i]));
          pointer += Abi<T>::kSize;
        }
      }
      total.count += step.count;
      total.is_ended = step.is_ended;
      if (step.count < wanted) break;
    }
    return total;
  }

  std::unique_ptr<StreamSource<T>> source_;
};

template <typename T>
class FutureWriter final : public HostWriter {
 public:
  FutureWriter(std::unique_ptr<FutureSource<T>> source, std::span<const TransferType> transfers)
      : HostWriter(kTransferId<Future<T>>, transfers), source_(std::move(source)) {}

  FutureSource<T>& source() { return *source_; }
  std::unique_ptr<FutureSource<T>> take_source() { return std::move(source_); }
  io::Task<void> ready() override { return source_->ready(); }

  Result<StreamStep> write(CallContext& reader, uint32_t pointer, uint32_t) override {
    std::optional<StreamItem<T>> value = source_->take();
    if (!value) return StreamStep{0, source_->is_abandoned()};
    if constexpr (!std::is_void_v<T>) {
      TRY(Abi<T>::store(reader, pointer, *value));
    }
    return StreamStep{1, true};
  }

 private:
  std::unique_ptr<FutureSource<T>> source_;
};

// A source that comes back while a canceled wait for it still unwinds.
template <typename Writer>
io::Task<void> lent_ready(std::shared_ptr<Writer> writer) {
  auto unwound = HostWriter::unwound(writer);
  co_await std::move(unwound);
  auto waiting = writer->source().ready();
  co_await std::move(waiting);
}

template <typename T>
class LentStream final : public StreamSource<T> {
 public:
  explicit LentStream(std::shared_ptr<StreamWriter<T>> writer) : writer_(std::move(writer)) {}

  StreamStep read(std::span<StreamItem<T>> out) override { return writer_->source().read(out); }
  io::Task<void> ready() override { return lent_ready(writer_); }
  bool has_view() const override { return writer_->source().has_view(); }
  StreamStep view(typename StreamSource<T>::Take& take) override {
    return writer_->source().view(take);
  }

 private:
  std::shared_ptr<StreamWriter<T>> writer_;
};

template <typename T>
class LentFuture final : public FutureSource<T> {
 public:
  explicit LentFuture(std::shared_ptr<FutureWriter<T>> writer) : writer_(std::move(writer)) {}

  std::optional<StreamItem<T>> take() override { return writer_->source().take(); }
  bool is_abandoned() const override { return writer_->source().is_abandoned(); }
  io::Task<void> ready() override { return lent_ready(writer_); }

 private:
  std::shared_ptr<FutureWriter<T>> writer_;
};

// ---- what guests write ----

template <typename T>
class GuestStream final : public StreamSource<T> {
 public:
  using Item = StreamItem<T>;

  GuestStream(Readable readable, std::span<const TransferType> transfers)
      : reader_(std::move(readable), transfers) {}

  HostReader& reader() { return reader_; }
  io::Task<void> ready() override { return reader_.ready(); }
  bool has_view() const override { return AbiNumber<T>; }

  StreamStep read(std::span<Item> out) override {
    const auto count = static_cast<uint32_t>(std::min<size_t>(out.size(), reader_.available()));
    if constexpr (AbiNumber<T>) {
      if (count != 0) std::memcpy(out.data(), reader_.bytes().data(), count * sizeof(T));
    } else if constexpr (!std::is_void_v<T>) {
      const bool is_loaded = reader_.load(count, [out](CallContext& side, uint32_t at, size_t i) {
        return Abi<T>::load(side, at, out[i]);
      });
      if (!is_loaded) return {0, true};
    }
    return advance(count);
  }

  StreamStep view(typename StreamSource<T>::Take& take) override {
    if constexpr (AbiNumber<T>) {
      const std::span<const uint8_t> bytes = reader_.bytes();
      if (bytes.empty()) return advance(0);
      const std::span items(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
      const size_t taken = take(items);
      VERIFY(taken <= items.size());
      return advance(static_cast<uint32_t>(taken));
    } else {
      return StreamSource<T>::view(take);
    }
  }

 private:
  StreamStep advance(uint32_t count) {
    reader_.advance(count);
    return {count, count == 0 && reader_.is_ended()};
  }

  HostReader reader_;
};

template <typename T>
class GuestFuture final : public FutureSource<T> {
 public:
  GuestFuture(Readable readable, std::span<const TransferType> transfers)
      : reader_(std::move(readable), transfers) {}

  HostReader& reader() { return reader_; }
  io::Task<void> ready() override { return reader_.ready(); }
  bool is_abandoned() const override {
    return has_failed_ || (reader_.available() == 0 && reader_.is_ended());
  }

  std::optional<StreamItem<T>> take() override {
    if (has_failed_ || reader_.available() == 0) return std::nullopt;
    std::optional<StreamItem<T>> value(std::in_place);
    if constexpr (!std::is_void_v<T>) {
      has_failed_ = !reader_.load(1, [&value](CallContext& side, uint32_t at, size_t) {
        return Abi<T>::load(side, at, *value);
      });
      if (has_failed_) return std::nullopt;
    }
    reader_.advance(1);
    return value;
  }

 private:
  HostReader reader_;
  bool has_failed_ = false;
};

// ---- handles ----

template <typename Handle>
struct TransferKind;
template <typename T>
struct TransferKind<Stream<T>> {
  using Source = StreamSource<T>;
  using Writer = StreamWriter<T>;
  using Guest = GuestStream<T>;
  using Lent = LentStream<T>;
};
template <typename T>
struct TransferKind<Future<T>> {
  using Source = FutureSource<T>;
  using Writer = FutureWriter<T>;
  using Guest = GuestFuture<T>;
  using Lent = LentFuture<T>;
};

// The host's source behind a guest's end, as it was.
template <typename Handle>
std::unique_ptr<typename TransferKind<Handle>::Source> take_back(Transfer& transfer) {
  using Kind = TransferKind<Handle>;
  auto writer = std::static_pointer_cast<typename Kind::Writer>(transfer.take_host_writer());
  if (!writer->is_waited_for()) return writer->take_source();
  return std::make_unique<typename Kind::Lent>(std::move(writer));
}

template <typename Handle>
struct TransferAbi : HandleAbi<TransferAbi<Handle>, Handle> {
  using Kind = TransferKind<Handle>;
  static constexpr bool kIsTransfer = true;
  using Parts = AbiParts<typename Handle::Payload>;

  static Result<void> from_handle(CallContext& call, uint32_t index, Handle& out) {
    const TypeRef type = TRY(call.transfer_type(kTransferId<Handle>));
    Readable readable = TRY(lift_readable(call.handles(), type, index));
    if (!readable->host_writer()) {
      out = Handle(std::make_unique<typename Kind::Guest>(std::move(readable), call.transfers()));
      return {};
    }
    if (readable->host_writer()->id() != kTransferId<Handle>) {
      return Error::not_supported(
          "a stream or future of the host cannot come back as another type of the host");
    }
    out = Handle(take_back<Handle>(*readable));
    return {};
  }

  static Result<uint32_t> to_handle(CallContext& call, Handle& value) {
    const TypeRef type = TRY(call.transfer_type(kTransferId<Handle>));
    GuestAccess* access = TRY(call.guest_access());
    return lower_readable(call.handles(), *access, readable_of(call, *access, type, value));
  }

 private:
  static Readable readable_of(CallContext& call, GuestAccess& access, TypeRef type, Handle& value) {
    std::unique_ptr<typename Kind::Source> source = value.take_source();
    if (!source) return Transfer::create(type, nullptr);
    // A guest's own, unchanged.
    if (auto* guest = dynamic_cast<typename Kind::Guest*>(source.get())) {
      const Transfer& transfer = guest->reader().transfer();
      if (transfer.writer_access() == &access && transfer.type() == type) {
        return guest->reader().take();
      }
    }
    return Transfer::create(
        type, std::make_shared<typename Kind::Writer>(std::move(source), call.transfers()));
  }
};

}  // namespace abi_detail

template <typename T>
struct Abi<Stream<T>> : abi_detail::TransferAbi<Stream<T>> {};
template <typename T>
struct Abi<Future<T>> : abi_detail::TransferAbi<Future<T>> {};

}  // namespace spindle::component
