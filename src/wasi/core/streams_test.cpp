#include "wasi/core/streams.h"

#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "io/cancel.h"
#include "io/event_loop.h"
#include "wasi/core/pollable.h"

namespace spindle::wasi {
namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::string text_of(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

std::span<const uint8_t> view_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

template <typename T>
Result<T> settle(io::EventLoop& loop, io::Eventual<T> eventual) {
  return loop.block_on(io::Eventual<T>::wait(std::move(eventual)));
}

// What the test feeds it, chunk by chunk.
class ScriptedInput final : public InputStream {
 public:
  using InputStream::InputStream;

  void feed(std::string_view text) {
    data_ += text;
    notify();
  }
  void close() {
    closed_ = true;
    notify();
  }
  void fail() {
    failure_ = std::make_unique<IoError>("the cable was cut");
    closed_ = true;
    notify();
  }

  bool is_ready() override { return !data_.empty() || closed_; }
  Result<Streamed<Bytes>> read(uint64_t length) override {
    if (failure_) return Streamed<Bytes>(StreamEnd::failed(std::move(failure_)));
    if (data_.empty() && closed_) return Streamed<Bytes>(StreamEnd::closed());
    auto part = data_.substr(0, length);
    data_.erase(0, part.size());
    return Streamed<Bytes>(bytes_of(part));
  }

 private:
  std::string data_;
  bool closed_ = false;
  std::unique_ptr<IoError> failure_;
};

// Takes `room` bytes until the test gives more; a flush that is held ends when the loop runs.
class ScriptedOutput final : public OutputStream {
 public:
  ScriptedOutput(io::EventLoop& loop, uint64_t room) : OutputStream(loop), room_(room) {}

  void give_room(uint64_t count) {
    room_ += count;
    notify();
  }
  void end_flush() {
    flushing_ = false;
    notify();
  }
  void close() {
    closed_ = true;
    notify();
  }
  void hold_flushes() { hold_flushes_ = true; }
  const std::string& written() const { return written_; }
  int flushes() const { return flushes_; }

  bool is_ready() override { return closed_ || (!flushing_ && room_ > 0); }
  Result<Streamed<uint64_t>> check_write() override {
    if (closed_) return Streamed<uint64_t>(StreamEnd::closed());
    return Streamed<uint64_t>(flushing_ ? 0 : room_);
  }
  Result<Streamed<void>> flush() override {
    if (closed_) return Streamed<void>(StreamEnd::closed());
    ++flushes_;
    flushing_ = hold_flushes_;
    if (hold_flushes_) {
      loop().post([this] { end_flush(); });
    }
    return Streamed<void>();
  }

 protected:
  Result<Streamed<void>> do_write(std::span<const uint8_t> contents) override {
    written_.append(contents.begin(), contents.end());
    room_ -= contents.size();
    return Streamed<void>();
  }

 private:
  uint64_t room_;
  std::string written_;
  int flushes_ = 0;
  bool flushing_ = false;
  bool hold_flushes_ = false;
  bool closed_ = false;
};

TEST(InputStream, ReadsWhatIsThereWithoutWaiting) {
  io::EventLoop loop;
  ScriptedInput input(loop);
  auto nothing = input.read(10);
  ASSERT_TRUE(nothing.value().has_value());
  EXPECT_TRUE(nothing.value()->empty());
  input.feed("hello");
  EXPECT_EQ(text_of(*input.read(3).value()), "hel");
  EXPECT_EQ(input.skip(10).value().value(), 2U);
}

TEST(InputStream, BlockingReadWaitsForDataEndOrFailure) {
  struct Case {
    std::function<void(ScriptedInput&)> event;
    std::string text;
    bool closed;
    std::string error;
  };
  const Case cases[] = {
      {[](auto& input) { input.feed("late"); }, "late", false, ""},
      {[](auto& input) { input.close(); }, "", true, ""},
      {[](auto& input) { input.fail(); }, "", false, "the cable was cut"},
  };
  for (const Case& test : cases) {
    io::EventLoop loop;
    ScriptedInput input(loop);
    auto reading = input.blocking_read(10);
    ASSERT_FALSE(reading.is_ready());
    loop.post([&] { test.event(input); });
    auto read = settle(loop, std::move(reading)).value();
    if (read) {
      EXPECT_EQ(text_of(*read), test.text);
      continue;
    }
    EXPECT_EQ(read.error().is_closed(), test.closed);
    if (!test.closed) {
      EXPECT_EQ(read.error().error->to_debug_string(), test.error);
    }
  }
}

TEST(InputStream, IsAtOnceReadyWithData) {
  io::EventLoop loop;
  ScriptedInput input(loop);
  input.feed("now");
  auto reading = input.blocking_read(2);
  ASSERT_TRUE(reading.is_ready());
  EXPECT_EQ(text_of(*reading.take_ready().value()), "no");
  auto skipping = input.blocking_skip(5);
  ASSERT_TRUE(skipping.is_ready());
  EXPECT_EQ(skipping.take_ready().value().value(), 1U);
}

// Claims to be ready and gives nothing.
class LyingInput final : public InputStream {
 public:
  using InputStream::InputStream;
  bool is_ready() override { return true; }
  Result<Streamed<Bytes>> read(uint64_t) override { return Streamed<Bytes>(Bytes{}); }
};

TEST(InputStream, GivesUpOnAStreamThatIsReadyWithoutData) {
  io::EventLoop loop;
  LyingInput input(loop);
  auto read = settle(loop, input.blocking_read(1));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind(), ErrorKind::Internal);
  EXPECT_TRUE(settle(loop, input.blocking_read(0)).value()->empty());
}

TEST(InputStream, CancelingABlockedReadLeavesNothingBehind) {
  io::EventLoop loop;
  ScriptedInput input(loop);
  io::CancelSource source(loop);
  auto reading = input.blocking_read(1);
  ASSERT_FALSE(reading.is_ready());
  loop.post([&] { source.cancel(Error::canceled("the client left")); });
  auto work = source.run<Streamed<Bytes>>(reading.take_task());
  auto read = loop.block_on(std::move(work));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind(), ErrorKind::Canceled);
  input.feed("nobody listens");
}

TEST(OutputStream, TrapsOnAWriteBeyondTheBudget) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 4);
  auto written = output.write(view_of("12345"));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind(), ErrorKind::Trap);
  EXPECT_TRUE(output.write(view_of("1234")).value().has_value());
  EXPECT_FALSE(output.write(view_of("5")).has_value());
  EXPECT_FALSE(output.write_zeroes(uint64_t{1} << 40).has_value());
  EXPECT_EQ(output.written(), "1234");
}

TEST(OutputStream, RefusesToWriteWhileAFlushIsUnderWay) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 10);
  output.hold_flushes();
  ASSERT_TRUE(output.flush().value().has_value());
  EXPECT_EQ(output.check_write().value().value(), 0U);
  EXPECT_EQ(output.write(view_of("x")).error().kind(), ErrorKind::Trap);
  output.end_flush();
  EXPECT_TRUE(output.write(view_of("x")).value().has_value());
}

TEST(OutputStream, ReportsClosedFromEveryOperation) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 10);
  BytesInputStream source(loop, std::make_shared<const Bytes>(bytes_of("abc")));
  output.close();
  EXPECT_TRUE(output.check_write().value().error().is_closed());
  EXPECT_TRUE(output.write(view_of("x")).value().error().is_closed());
  EXPECT_TRUE(output.write_zeroes(1).value().error().is_closed());
  EXPECT_TRUE(output.flush().value().error().is_closed());
  EXPECT_TRUE(output.splice(source, 1).value().error().is_closed());
  EXPECT_TRUE(settle(loop, output.blocking_flush()).value().error().is_closed());
  EXPECT_TRUE(settle(loop, output.blocking_splice(source, 1)).value().error().is_closed());
  auto writing = output.blocking_write_and_flush(view_of("x"));
  EXPECT_TRUE(settle(loop, std::move(writing)).value().error().is_closed());
}

TEST(OutputStream, BlockingWriteCompletesAtOnceWithRoom) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 10);
  auto writing = output.blocking_write_and_flush(view_of("hello"));
  ASSERT_TRUE(writing.is_ready());
  EXPECT_TRUE(writing.take_ready().value().has_value());
  EXPECT_EQ(output.written(), "hello");
  EXPECT_EQ(output.flushes(), 1);
}

TEST(OutputStream, BlockingWriteGoesOutAsRoomComes) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 2);
  output.hold_flushes();
  std::string contents = "hello world";
  auto writing = output.blocking_write_and_flush(view_of(contents));
  ASSERT_FALSE(writing.is_ready());
  contents.assign(contents.size(), '?');  // only valid during the call
  for (int step = 0; step < 5; ++step) {
    loop.post([&] { output.give_room(2); });
  }
  EXPECT_TRUE(settle(loop, std::move(writing)).value().has_value());
  EXPECT_EQ(output.written(), "hello world");
  EXPECT_EQ(output.flushes(), 1);
}

TEST(OutputStream, TrapsOnABlockingWriteOfMoreThanFourKibibytes) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 10000);
  Bytes contents(kBlockingWriteBytesMax + 1);
  EXPECT_EQ(settle(loop, output.blocking_write_and_flush(contents)).error().kind(),
            ErrorKind::Trap);
  EXPECT_EQ(settle(loop, output.blocking_write_zeroes_and_flush(contents.size())).error().kind(),
            ErrorKind::Trap);
  contents.pop_back();
  EXPECT_TRUE(settle(loop, output.blocking_write_and_flush(contents)).value().has_value());
  EXPECT_TRUE(
      settle(loop, output.blocking_write_zeroes_and_flush(contents.size())).value().has_value());
  EXPECT_EQ(output.written(), std::string(2 * kBlockingWriteBytesMax, '\0'));
}

TEST(OutputStream, SplicesWhatBothSidesAllow) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 4);
  ScriptedInput source(loop);
  EXPECT_EQ(output.splice(source, 10).value().value(), 0U);
  source.feed("abcdefgh");
  EXPECT_EQ(output.splice(source, 10).value().value(), 4U);
  EXPECT_EQ(output.splice(source, 10).value().value(), 0U);
  EXPECT_EQ(output.written(), "abcd");
  output.give_room(100);
  EXPECT_EQ(output.splice(source, 3).value().value(), 3U);
  source.close();
  EXPECT_EQ(output.splice(source, 10).value().value(), 1U);
  EXPECT_TRUE(output.splice(source, 10).value().error().is_closed());
}

TEST(OutputStream, BlockingSpliceWaitsForRoomAndForBytes) {
  io::EventLoop loop;
  ScriptedOutput output(loop, 0);
  ScriptedInput source(loop);
  auto splicing = output.blocking_splice(source, 10);
  loop.post([&] { output.give_room(5); });
  loop.post([&] { source.feed("abc"); });
  EXPECT_EQ(settle(loop, std::move(splicing)).value().value(), 3U);
  EXPECT_EQ(output.written(), "abc");
  EXPECT_EQ(output.flushes(), 1);
}

TEST(OutputStream, MayNotBeDroppedBeforeItsPollables) {
  io::EventLoop loop;
  auto output = std::make_unique<ScriptedOutput>(loop, 1);
  auto first = std::make_unique<Pollable>(*output);
  auto second = std::make_unique<Pollable>(*output);
  EXPECT_EQ(output->before_guest_drop().error().kind(), ErrorKind::Trap);
  first.reset();
  EXPECT_FALSE(output->before_guest_drop().has_value());
  second.reset();
  EXPECT_TRUE(output->before_guest_drop().has_value());
}

TEST(BytesInputStream, GivesItsBytesInBoundedPartsAndCloses) {
  io::EventLoop loop;
  Bytes bytes(kStreamChunkBytesMax + 10);
  std::iota(bytes.begin(), bytes.end(), uint8_t{0});
  BytesInputStream input(loop, std::make_shared<const Bytes>(bytes));
  auto first = input.read(~uint64_t{0}).value().value();
  EXPECT_EQ(first.size(), kStreamChunkBytesMax);
  auto second = input.read(~uint64_t{0}).value().value();
  first.insert(first.end(), second.begin(), second.end());
  EXPECT_EQ(first, bytes);
  EXPECT_TRUE(input.read(1).value().error().is_closed());
}

}  // namespace
}  // namespace spindle::wasi
