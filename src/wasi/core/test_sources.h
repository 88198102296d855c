#pragma once

// Streams of bytes for tests: what a guest would write, written by the test.
//
//   auto feed = std::make_shared<ByteFeed>(loop);
//   use(ScriptedBytes::stream(feed, ScriptedBytes::How::View));
//   feed->write("text");   // a waiting reader wakes
//   feed->close();

#include <memory>
#include <string>
#include <string_view>

#include "component/host/stream.h"
#include "io/event.h"

namespace spindle::wasi {

// The writer's end.
class ByteFeed {
 public:
  explicit ByteFeed(io::EventLoop& loop) : changed_(loop) {}

  void write(std::string_view text) {
    pending_ += text;
    changed_.set();
  }
  void close() {
    is_closed_ = true;
    changed_.set();
  }
  // Is the reader gone?
  bool is_dropped() const { return is_dropped_; }

 private:
  friend class ScriptedBytes;
  io::Event changed_;
  std::string pending_;
  bool is_closed_ = false;
  bool is_dropped_ = false;
};

class ScriptedBytes final : public component::StreamSource<uint8_t> {
 public:
  enum class How : uint8_t { Copy, View };

  ScriptedBytes(std::shared_ptr<ByteFeed> feed, How how) : feed_(std::move(feed)), how_(how) {}
  ~ScriptedBytes() override { feed_->is_dropped_ = true; }

  static component::Stream<uint8_t> stream(std::shared_ptr<ByteFeed> feed, How how) {
    return component::Stream<uint8_t>(std::make_unique<ScriptedBytes>(std::move(feed), how));
  }

  component::StreamStep read(std::span<uint8_t> out) override {
    const size_t count = std::min(out.size(), feed_->pending_.size());
    std::copy_n(feed_->pending_.begin(), count, out.begin());
    return advance(count);
  }
  bool has_view() const override { return how_ == How::View; }
  component::StreamStep view(Take& take) override {
    const auto* bytes = reinterpret_cast<const uint8_t*>(feed_->pending_.data());
    return advance(take({bytes, feed_->pending_.size()}));
  }
  io::Task<void> ready() override { return wait(feed_); }

 private:
  static io::Task<void> wait(std::shared_ptr<ByteFeed> feed) {
    while (feed->pending_.empty() && !feed->is_closed_) {
      feed->changed_.reset();
      co_await feed->changed_.wait();
    }
  }
  component::StreamStep advance(size_t count) {
    feed_->pending_.erase(0, count);
    return {count, feed_->is_closed_ && feed_->pending_.empty()};
  }

  std::shared_ptr<ByteFeed> feed_;
  How how_;
};

}  // namespace spindle::wasi
