#pragma once

// Streams and futures between components: the end to read from is Stream<T>, Future<T>; the end to
// write to StreamWriter<T>, FutureWriter<T>. Ends are moved, and closed at the end.
//
//   auto [writer, stream] = make_stream<uint8_t>();
//   co_await writer.write(bytes);        // false: nobody reads any more
//   std::vector<uint8_t> part = co_await stream.read();    // empty: the end
//
// A FutureWriter must be written before it is dropped, unless the other end was dropped.
// Of which types there are streams is decided by the bindings of the program's worlds.

#include <spindle/abi/async.h>
#include <spindle/abi/resources.h>

#include <span>
#include <vector>

namespace spindle {

namespace abi {

// The host's functions for streams of T; written by bindings.
template <typename T>
struct StreamOps;
template <typename T>
struct FutureOps;

constexpr uint32_t kBlocked = 0xffff'ffff;
constexpr uint32_t kDropped = 1;

template <typename T>
constexpr size_t kElementSize = Abi<T>::kSize;

// One end, not yet given away. Ops is a StreamOps or FutureOps.
template <void (*kDrop)(uint32_t)>
class End {
 public:
  explicit End(uint32_t handle) : handle_(handle) {}
  End(End&& other) noexcept : handle_(other.release()) {}
  End& operator=(End&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~End() {
    if (handle_ != 0) kDrop(handle_);
  }
  uint32_t handle() const { return handle_; }
  uint32_t release() const { return std::exchange(handle_, 0); }

 private:
  mutable uint32_t handle_;
};

// A read or write that was begun: canceled where the coroutine is dropped before its event, since
// the host would write into memory that is gone. What was read by then is discarded.
class Copy {
 public:
  using Cancel = uint32_t (*)(uint32_t);
  struct Target {
    Byte* values = nullptr;
    Discard discard = nullptr;
    bool is_future = false;
  };

  Copy(uint32_t end, Cancel cancel, Target to) : end_(end), cancel_(cancel), to_(to) {}
  Copy(const Copy&) = delete;
  ~Copy() {
    if (cancel_ == nullptr) return;
    const uint32_t code = cancel_(end_);
    if (to_.discard != nullptr) to_.discard(to_.values, count(code));
  }
  void is_over() { cancel_ = nullptr; }

 private:
  // The code of a future has no number: 0 is that the value came.
  uint32_t count(uint32_t code) const { return to_.is_future ? (code == 0 ? 1 : 0) : code >> 4; }

  uint32_t end_;
  Cancel cancel_;
  Target to_;
};

inline Task<uint32_t> finish_copy(uint32_t end, uint32_t code, Copy::Cancel cancel,
                                  Copy::Target to = {}) {
  if (code != kBlocked) co_return code;
  Copy copy(end, cancel, to);
  Waiter waiter(end);
  const uint32_t seen = co_await waiter;
  copy.is_over();
  co_return seen;
}

}  // namespace abi

template <typename T>
class Stream {
 public:
  explicit Stream(uint32_t handle) : end_(handle) {}

  // At least one, at most `limit`; none at the end.
  Task<std::vector<T>> read(size_t limit = 16 * 1024) {
    using Ops = abi::StreamOps<T>;
    std::vector<abi::Byte> buffer(is_over_ ? 0 : limit * abi::kElementSize<T>);
    std::vector<T> items;
    while (items.empty() && !is_over_) {
      const uint32_t begun = Ops::read(end_.handle(), buffer.data(), static_cast<uint32_t>(limit));
      const uint32_t code = co_await abi::finish_copy(end_.handle(), begun, Ops::cancel_read,
                                                      {buffer.data(), abi::kDiscard<T>});
      const abi::Byte* at = buffer.data();
      for (uint32_t i = 0; i < code >> 4; ++i, at += abi::kElementSize<T>) {
        items.push_back(abi::Abi<T>::load(at));
      }
      is_over_ = (code & 0xf) == abi::kDropped;
    }
    co_return items;
  }

  uint32_t release() const { return end_.release(); }

 private:
  abi::End<abi::StreamOps<T>::drop_readable> end_;
  bool is_over_ = false;
};

template <typename T>
class StreamWriter {
 public:
  explicit StreamWriter(uint32_t handle) : end_(handle) {}

  // All of them; false where nobody reads any more. `items` outlive the task.
  Task<bool> write(std::span<const T> items) {
    using Ops = abi::StreamOps<T>;
    abi::Arena arena;
    const abi::Slice slice = abi::ListAbi<T, std::span<const T>>::slice(items, arena);
    const abi::Byte* at = abi::pointer_to<const abi::Byte>(slice.address);
    uint32_t left = slice.count;
    while (left != 0 && !is_over_) {
      const uint32_t begun = Ops::write(end_.handle(), at, left);
      const uint32_t code = co_await abi::finish_copy(end_.handle(), begun, Ops::cancel_write);
      at += (code >> 4) * abi::kElementSize<T>;
      left -= code >> 4;
      is_over_ = (code & 0xf) == abi::kDropped;
    }
    co_return left == 0;
  }

 private:
  abi::End<abi::StreamOps<T>::drop_writable> end_;
  bool is_over_ = false;
};

template <typename T>
class Future {
 public:
  explicit Future(uint32_t handle) : end_(handle) {}

  // Once.
  Task<T> read() {
    using Ops = abi::FutureOps<T>;
    abi::ResultArea<T> area;
    const uint32_t begun = Ops::read(end_.handle(), area.bytes);
    co_await abi::finish_copy(end_.handle(), begun, Ops::cancel_read,
                              {area.bytes, abi::kDiscard<T>, true});
    if constexpr (!std::is_void_v<T>) co_return abi::Abi<T>::load(area.bytes);
  }

  uint32_t release() const { return end_.release(); }

 private:
  abi::End<abi::FutureOps<T>::drop_readable> end_;
};

template <typename T>
class FutureWriter {
 public:
  explicit FutureWriter(uint32_t handle) : end_(handle) {}

  // Once; false where nobody reads it any more.
  Task<bool> write(T value) {
    using Ops = abi::FutureOps<T>;
    abi::Arena arena;
    abi::ResultArea<T> area;
    abi::Abi<T>::store(value, area.bytes, arena);
    const uint32_t begun = Ops::write(end_.handle(), area.bytes);
    const uint32_t code = co_await abi::finish_copy(end_.handle(), begun, Ops::cancel_write);
    co_return (code & 0xf) != abi::kDropped;
  }

 private:
  abi::End<abi::FutureOps<T>::drop_writable> end_;
};

template <typename T>
std::pair<StreamWriter<T>, Stream<T>> make_stream() {
  const uint64_t both = abi::StreamOps<T>::make();
  return {StreamWriter<T>(static_cast<uint32_t>(both >> 32)),
          Stream<T>(static_cast<uint32_t>(both))};
}

template <typename T>
std::pair<FutureWriter<T>, Future<T>> make_future() {
  const uint64_t both = abi::FutureOps<T>::make();
  return {FutureWriter<T>(static_cast<uint32_t>(both >> 32)),
          Future<T>(static_cast<uint32_t>(both))};
}

namespace abi {

template <typename E>
struct EndAbi : HandleAbi {
  static void store(const E& value, Byte* to, Arena&) { put(to, value.release()); }
  static E load(const Byte* from) { return E(get<uint32_t>(from)); }
  static void lower(const E& value, Slot*& to, Arena&) { *to++ = value.release(); }
  static E lift(const Slot*& from) { return E(static_cast<uint32_t>(*from++)); }
};
template <typename T>
struct Abi<Stream<T>> : EndAbi<Stream<T>> {};
template <typename T>
struct Abi<Future<T>> : EndAbi<Future<T>> {};

}  // namespace abi
}  // namespace spindle
