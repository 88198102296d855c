#pragma once

// Transfer: a stream or future between its two ends (Canonical ABI, "Stream State", "Future
// State"). Nothing is buffered in between: items go from the buffer of a write right into the
// buffer of a read, whichever comes second moves them.
//
//   guest --> guest     TransferEnd, Transfer, TransferEnd: at most one of them waits with a buffer
//   host  --> guest     HostWriter, Transfer, TransferEnd: the guest's read asks the writer; while
//                       that has nothing, an operation of the instance waits for it
//   guest --> host      TransferEnd, Transfer, HostReader: the host's step takes from the buffer of
//                       the guest's write, which stays where it is until the guest learns of it
//
// A writable end never moves. A readable one does, while it is idle: taken out of a table it is a
// Readable, which is lowered to another guest or read by the host. Whoever holds an end lets go of
// it by destroying it, also when its whole instance goes, and the other side is told.

#include <memory>
#include <optional>

#include "component/async/guest_access.h"
#include "component/host/stream.h"
#include "io/event.h"

namespace spindle::component {

enum class TransferSide : uint8_t { Reader, Writer };

enum class CopyState : uint8_t { Idle, SyncCopying, AsyncCopying, Cancelling, Done };

// As guests see it.
enum class CopyResult : uint8_t { Completed = 0, Dropped = 1, Cancelled = 2 };

// What the host offers to a guest's reads (typed code: abi/stream.h).
class HostWriter {
 public:
  // `id`: the C++ type of the stream or future. `transfers` are for items that hold such, and live
  // as long as the guest that reads.
  HostWriter(TransferId id, std::span<const TransferType> transfers)
      : id_(id), transfers_(transfers) {}
  virtual ~HostWriter();
  HostWriter(const HostWriter&) = delete;
  HostWriter& operator=(const HostWriter&) = delete;

  TransferId id() const { return id_; }
  // Moves at most `count` items to the guest's memory; a future has one.
  virtual Result<StreamStep> write(CallContext& reader, uint32_t pointer, uint32_t count) = 0;
  // Until write() has something to move, or the end to tell.
  virtual io::Task<void> ready() = 0;

  // A task is inside ready(), perhaps a canceled one that is still to unwind.
  bool is_waited_for() const { return waited_ != nullptr; }
  // Until that is over.
  static io::Task<void> unwound(std::shared_ptr<HostWriter> writer);

 private:
  friend class Transfer;
  TransferId id_;
  std::span<const TransferType> transfers_;
  std::shared_ptr<io::Event> waited_;
};

class TransferEnd;
class Readable;

class Transfer : public std::enable_shared_from_this<Transfer> {
 public:
  static constexpr uint32_t kMaxLength = (1U << 28) - 1;

  // Of guests, or written by the host. A stream without a writer has ended.
  static Readable create(TypeRef type, std::shared_ptr<HostWriter> writer);
  // `type` is the stream's or future's.
  explicit Transfer(TypeRef type) : type_(type) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  TypeRef type() const { return type_; }
  TypeRef payload() const { return type_->element; }
  bool is_future() const { return type_->kind == TypeKind::Future; }
  uint32_t item_size() const { return payload() == nullptr ? 0 : payload()->size; }
  // For messages.
  const char* noun() const { return is_future() ? "future" : "stream"; }

  // The host's writer, if that is who writes.
  const std::shared_ptr<HostWriter>& host_writer() const { return host_writer_; }
  std::shared_ptr<HostWriter> take_host_writer();
  // Where the guest that writes lives; absent without one.
  GuestAccess* writer_access() const;

 private:
  friend class TransferEnd;
  friend class Readable;
  friend class HostReader;

  bool is_gone(TransferSide side) const { return gone_[static_cast<size_t>(side)]; }
  void leave(TransferSide side);

  // Begins the copy that `end` has prepared; it has an event afterwards, or waits.
  Result<void> copy(TransferEnd& end);
  Result<void> meet(TransferEnd& end);
  Result<void> move_items(TransferEnd& from, TransferEnd& to, uint32_t count);
  Result<void> convert_items(TransferEnd& from, TransferEnd& to, uint32_t count);

  // A guest reads from the host.
  Result<void> read_host(TransferEnd& end);
  // Asks the writer for what the waiting read wants.
  Result<void> pull();
  Result<void> wait_for_writer();
  void stop_waiting();
  static io::Task<void> wait(std::weak_ptr<Transfer> weak, std::shared_ptr<HostWriter> writer);
  static io::Task<void> writer_is_ready(std::shared_ptr<Transfer> transfer);

  // The host reads from a guest.
  uint32_t offered() const;
  void wake_host();
  static io::Task<void> offered_or_ended(std::shared_ptr<Transfer> transfer);

  TypeRef type_;
  std::array<bool, 2> gone_{};
  // Guest ends; absent while the host has that side, or nobody.
  std::array<TransferEnd*, 2> ends_{};
  // The end whose copy waits for the other side. One that made progress stays until its guest has
  // learnt of that, so that it may make more.
  TransferEnd* pending_ = nullptr;

  std::shared_ptr<HostWriter> host_writer_;
  // Waits for the writer.
  GuestAccess* waiting_access_ = nullptr;
  GuestAccess::Operation operation_ = 0;
  bool is_waiting_ = false;

  // Made for a host that reads.
  std::unique_ptr<io::Event> host_event_;
  uint32_t host_waits_ = 0;
};

// An end in a guest's table.
class TransferEnd final : public Waitable {
 public:
  TransferEnd(GuestAccess& access, std::shared_ptr<Transfer> transfer, TransferSide side);
  // The other side learns that this one is gone.
  ~TransferEnd() override;

  Transfer& transfer() const { return *transfer_; }
  TransferSide side() const { return side_; }
  CopyState state() const { return state_; }
  // Done because the other side is gone, as its guest has learnt.
  bool knows_of_drop() const {
    return state_ == CopyState::Done && result_ == CopyResult::Dropped;
  }
  bool is_copying() const { return state_ != CopyState::Idle && state_ != CopyState::Done; }
  GuestAccess& access() const { return access_; }

  // Begins a copy. Afterwards there is an event, which take_event() gives as the built-in's result,
  // or the end waits: set_waiting() says how.
  Result<void> copy(uint32_t index, const GuestBuffer& buffer);
  void set_waiting(CopyState state) { state_ = state; }
  // Ends the copy that is under way; there is an event afterwards.
  void cancel();
  // The readable end leaves its table.
  Readable take_readable();

 protected:
  WaitEvent deliver() override;

 private:
  friend class Transfer;
  friend class HostReader;
  // The copy is over; without buffer from now on.
  void settle(CopyResult result);
  // Something was copied, more may follow until the guest learns of it.
  void note_progress();

  GuestAccess& access_;
  std::shared_ptr<Transfer> transfer_;
  TransferSide side_;
  CopyState state_ = CopyState::Idle;
  CopyResult result_ = CopyResult::Completed;
  uint32_t index_ = 0;
  GuestBuffer buffer_;
};

// A readable end on its way from a holder to the next.
class Readable {
 public:
  Readable() = default;
  explicit Readable(std::shared_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
  ~Readable() { reset(); }
  Readable(Readable&&) noexcept = default;
  Readable& operator=(Readable&& other) noexcept {
    reset();
    transfer_ = std::move(other.transfer_);
    return *this;
  }

  explicit operator bool() const { return transfer_ != nullptr; }
  Transfer& operator*() const { return *transfer_; }
  Transfer* operator->() const { return transfer_.get(); }
  const std::shared_ptr<Transfer>& transfer() const { return transfer_; }
  std::shared_ptr<Transfer> release() { return std::move(transfer_); }

 private:
  void reset() {
    if (transfer_) transfer_->leave(TransferSide::Reader);
    transfer_.reset();
  }

  std::shared_ptr<Transfer> transfer_;
};

// The host as reader of what a guest writes.
class HostReader {
 public:
  // `transfers` live as long as the guest that writes.
  HostReader(Readable readable, std::span<const TransferType> transfers);
  ~HostReader() = default;

  Transfer& transfer() const { return *readable_; }
  Readable take() { return std::move(readable_); }

  // How many items can be taken now.
  uint32_t available() const { return readable_->offered(); }
  // The writer is gone and nothing is left.
  bool is_ended() const { return readable_->is_gone(TransferSide::Writer); }
  // Until there is an item, or the end.
  io::Task<void> ready() { return Transfer::offered_or_ended(readable_.transfer()); }

  // The items that can be taken, as bytes of guest memory: for numbers.
  std::span<const uint8_t> bytes() const;
  // Lifts items by load(side, address, position). What fails is the guest's fault and its end.
  using Load = std::move_only_function<Result<void>(CallContext& side, uint32_t at, size_t i)>;
  bool load(uint32_t count, Load load_item);
  // They were taken.
  void advance(uint32_t count);

 private:
  Readable readable_;
  std::span<const TransferType> transfers_;
};

// The ends of a new stream or future, in the table of who made it.
struct NewEnds {
  uint32_t readable = 0;
  uint32_t writable = 0;
};
Result<NewEnds> add_transfer(HandleTable& table, GuestAccess& access, TypeRef type);
// An end at an index, which must be of this type and side.
Result<TransferEnd*> find_end(HandleTable& table, uint32_t index, TypeRef type, TransferSide side);
// lift_stream, lift_future.
Result<Readable> lift_readable(HandleTable& table, TypeRef type, uint32_t index);
// lower_stream, lower_future.
Result<uint32_t> lower_readable(HandleTable& table, GuestAccess& access, Readable readable);

}  // namespace spindle::component
