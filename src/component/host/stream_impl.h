#pragma once

// The bodies of component/host/stream.h, and the sources that hold what they give.

#include <algorithm>
#include <array>

#include "component/host/stream.h"
#include "io/event.h"

namespace spindle::component {

namespace stream_detail {

template <typename T>
class ItemSource final : public StreamSource<T> {
 public:
  using Item = StreamItem<T>;

  explicit ItemSource(std::vector<Item> items) : items_(std::move(items)) {}

  StreamStep read(std::span<Item> out) override {
    const size_t count = std::min(out.size(), items_.size() - given_);
    std::move(items_.begin() + static_cast<ptrdiff_t>(given_),
              items_.begin() + static_cast<ptrdiff_t>(given_ + count), out.begin());
    return advance(count);
  }
  io::Task<void> ready() override { co_return; }
  bool has_view() const override { return true; }
  StreamStep view(typename StreamSource<T>::Take& take) override {
    return advance(take(std::span<const Item>(items_).subspan(given_)));
  }

 private:
  StreamStep advance(size_t count) {
    given_ += count;
    return {count, given_ == items_.size()};
  }

  std::vector<Item> items_;
  size_t given_ = 0;
};

template <typename T>
class ValueSource final : public FutureSource<T> {
 public:
  explicit ValueSource(StreamItem<T> value) : value_(std::move(value)) {}

  std::optional<StreamItem<T>> take() override { return std::exchange(value_, std::nullopt); }
  bool is_abandoned() const override { return !value_.has_value(); }
  io::Task<void> ready() override { co_return; }

 private:
  std::optional<StreamItem<T>> value_;
};

}  // namespace stream_detail

template <typename T>
StreamStep StreamSource<T>::view(Take&) {
  VERIFY(false && "only sources that have a view");
  return {};
}

template <typename T>
Stream<T> Stream<T>::of(std::vector<Item> items) {
  if (items.empty()) return {};
  return Stream(std::make_unique<stream_detail::ItemSource<T>>(std::move(items)));
}

template <typename T>
StreamStep Stream<T>::read(std::span<Item> out) {
  if (!source_) return {0, true};
  return settle(source_->read(out));
}

template <typename T>
StreamStep Stream<T>::view(typename StreamSource<T>::Take take) {
  if (!source_) return {0, true};
  return settle(source_->view(take));
}

template <typename T>
io::Task<void> Stream<T>::ready() {
  if (!source_) co_return;
  auto waiting = source_->ready();
  co_await std::move(waiting);
}

template <typename T>
io::Task<StreamStep> Stream<T>::next(std::span<Item> out) {
  VERIFY(!out.empty());
  while (true) {
    const StreamStep step = read(out);
    if (step.count != 0 || step.is_ended) co_return step;
    auto waiting = ready();
    co_await std::move(waiting);
  }
}

template <typename T>
io::Task<std::optional<StreamItem<T>>> Stream<T>::next() {
  std::array<Item, 1> item{};
  auto reading = next(std::span<Item>(item));
  const StreamStep step = co_await std::move(reading);
  if (step.count == 0) co_return std::nullopt;
  co_return std::move(item[0]);
}

template <typename T>
Future<T> Future<T>::of(Item value) {
  return Future(std::make_unique<stream_detail::ValueSource<T>>(std::move(value)));
}

template <typename T>
io::Task<std::optional<StreamItem<T>>> Future<T>::get() {
  while (source_) {
    std::optional<Item> value = source_->take();
    if (value || source_->is_abandoned()) {
      source_.reset();
      co_return value;
    }
    auto waiting = source_->ready();
    co_await std::move(waiting);
  }
  co_return std::nullopt;
}

// Shared by a Promise and the source of its future.
template <typename T>
struct PromiseState {
  explicit PromiseState(io::EventLoop& loop) : settled(loop) {}

  std::optional<StreamItem<T>> value;
  bool is_abandoned = false;
  io::Event settled;
};

namespace stream_detail {

template <typename T>
class PromiseSource final : public FutureSource<T> {
 public:
  explicit PromiseSource(std::shared_ptr<PromiseState<T>> state) : state_(std::move(state)) {}

  std::optional<StreamItem<T>> take() override {
    std::optional<StreamItem<T>> value = std::exchange(state_->value, std::nullopt);
    if (value) state_->is_abandoned = true;
    return value;
  }
  bool is_abandoned() const override { return state_->is_abandoned; }
  io::Task<void> ready() override { return state_->settled.wait(); }

 private:
  std::shared_ptr<PromiseState<T>> state_;
};

}  // namespace stream_detail

template <typename T>
void Promise<T>::set(Item value) {
  VERIFY(state_ != nullptr);
  state_->value.emplace(std::move(value));
  state_->settled.set();
  state_.reset();
}

template <typename T>
void Promise<T>::abandon() {
  if (!state_) return;
  state_->is_abandoned = true;
  state_->settled.set();
  state_.reset();
}

template <typename T>
PromisedFuture<T> make_future(io::EventLoop& loop) {
  auto state = std::make_shared<PromiseState<T>>(loop);
  auto source = std::make_unique<stream_detail::PromiseSource<T>>(state);
  return {Promise<T>(std::move(state)), Future<T>(std::move(source))};
}

}  // namespace spindle::component
