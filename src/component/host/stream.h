#pragma once

// Stream<T>, Future<T>: the readable ends of streams and futures as host code sees them
// (component model, `stream<T>` and `future<T>`), and what host code offers to readers.
//
//   Stream<uint8_t> body = ...;               // from a guest, or of the host's own making
//   while (true) {
//     auto read = body.next(buffer);
//     const StreamStep step = co_await std::move(read);
//     use(buffer.first(step.count));
//     if (step.is_ended) break;
//   }
//
//   return Stream<uint8_t>(std::make_unique<SocketSource>(socket));     // host -> guest
//
//   auto [promise, future] = make_future<std::expected<void, ErrorCode>>(loop);
//   promise.set({});                                                    // host -> guest, later
//
// Step and wait. A step (read, view) moves what is there now and never waits; ready() is the task
// that ends when a step has something to do. Memory of a guest is touched inside steps only, so
// bytes go between guest memory and a socket or file without a copy in between, and a guest that
// is destroyed meanwhile is just the end of its streams.
//
// Everything here belongs to one event loop. Dropping a Stream or Future tells its writer.

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/verify.h"
#include "io/event_loop.h"
#include "io/task.h"

namespace spindle::component {

struct StreamStep {
  size_t count = 0;
  // Nothing comes after these items.
  bool is_ended = false;
};

// A stream without payload counts items only.
template <typename T>
using StreamItem = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// What writes a stream, as its reader sees it. Implemented by the host for streams that it gives to
// guests, and by the runtime for streams that guests write.
template <typename T>
class StreamSource {
 public:
  using Item = StreamItem<T>;
  // Shown items; returns how many of them it took.
  using Take = std::move_only_function<size_t(std::span<const Item>)>;

  virtual ~StreamSource() = default;
  // Moves items that are there now to the beginning of `out`. None and not ended: wait for ready().
  // Not called again after the end.
  virtual StreamStep read(std::span<Item> out) = 0;
  // Until a step has an item or the end. Canceled when the reader does not want to wait any more,
  // or goes.
  virtual io::Task<void> ready() = 0;

  // Can view() be used? Else the reader brings a buffer.
  virtual bool has_view() const { return false; }
  // A step that shows items where they lie, instead of moving them.
  virtual StreamStep view(Take& take);
};

// The readable end of a stream. Empty until it is given a source; reading an empty one ends at
// once.
template <typename T>
class Stream {
 public:
  using Payload = T;
  using Item = StreamItem<T>;

  Stream() = default;
  explicit Stream(std::unique_ptr<StreamSource<T>> source) : source_(std::move(source)) {}
  // A stream of these items, all there at once.
  static Stream of(std::vector<Item> items);

  bool has_source() const { return source_ != nullptr; }
  StreamSource<T>& source() { return *source_; }
  std::unique_ptr<StreamSource<T>> take_source() { return std::move(source_); }

  StreamStep read(std::span<Item> out);
  bool has_view() const { return source_ && source_->has_view(); }
  StreamStep view(typename StreamSource<T>::Take take);
  io::Task<void> ready();

  // Waits for at least one item or the end. `out` must not be empty.
  io::Task<StreamStep> next(std::span<Item> out);
  // Waits for one item; nothing at the end.
  io::Task<std::optional<Item>> next();

 private:
  StreamStep settle(StreamStep step) {
    if (step.is_ended) source_.reset();
    return step;
  }

  std::unique_ptr<StreamSource<T>> source_;
};

// The value of a future, as its reader sees it; implementations as for streams.
template <typename T>
class FutureSource {
 public:
  using Item = StreamItem<T>;

  virtual ~FutureSource() = default;
  // The value, once; nothing while it is not there.
  virtual std::optional<Item> take() = 0;
  // The writer is gone without a value: there will be none.
  virtual bool is_abandoned() const = 0;
  // Until the value is there or will never be.
  virtual io::Task<void> ready() = 0;
};

// The readable end of a future.
template <typename T>
class Future {
 public:
  using Payload = T;
  using Item = StreamItem<T>;

  Future() = default;
  explicit Future(std::unique_ptr<FutureSource<T>> source) : source_(std::move(source)) {}
  static Future of(Item value);

  bool has_source() const { return source_ != nullptr; }
  FutureSource<T>& source() { return *source_; }
  std::unique_ptr<FutureSource<T>> take_source() { return std::move(source_); }

  // Waits for the value. Nothing when the writer went without one (its guest was destroyed), or
  // the value was taken before.
  io::Task<std::optional<Item>> get();

 private:
  std::unique_ptr<FutureSource<T>> source_;
};

template <typename T>
struct PromiseState;

// The writable end of a future that the host holds. Dropped without a value, the reader waits for
// ever if it is a guest; so it always gets one, unless the guest is being destroyed.
template <typename T>
class Promise {
 public:
  using Item = StreamItem<T>;

  Promise() = default;
  explicit Promise(std::shared_ptr<PromiseState<T>> state) : state_(std::move(state)) {}
  ~Promise() { abandon(); }
  Promise(Promise&&) noexcept = default;
  Promise& operator=(Promise&& other) noexcept {
    abandon();
    state_ = std::move(other.state_);
    return *this;
  }

  bool is_pending() const { return state_ != nullptr; }
  // Once. Nothing happens if the reader is gone.
  void set(Item value);

 private:
  void abandon();

  std::shared_ptr<PromiseState<T>> state_;
};

template <typename T>
struct PromisedFuture {
  Promise<T> promise;
  Future<T> future;
};

template <typename T>
PromisedFuture<T> make_future(io::EventLoop& loop);

}  // namespace spindle::component

#include "component/host/stream_impl.h"  // IWYU pragma: export
