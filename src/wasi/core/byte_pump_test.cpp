#include "wasi/core/byte_pump.h"

#include <gtest/gtest.h>

#include "base/testing.h"
#include "io/background_tasks.h"
#include "wasi/core/test_sources.h"

namespace spindle::wasi {
namespace {

using component::Stream;

class BytePump : public testing::Test {
 protected:
  std::shared_ptr<OpenFile> open(const std::string& name, OpenOptions options) {
    Descriptor root(Mount::create(host_.path(), "/", Access::ReadWrite).value(), budget_);
    return root.open_file_at(FollowLinks::Yes, name, options).value();
  }
  std::shared_ptr<OpenFile> open_new(const std::string& name) {
    return open(name, {.create = true, .read = true, .write = true});
  }
  FileResult<void> pump_all(Stream<uint8_t> data, std::unique_ptr<ByteTaker> taker) {
    return loop_.block_on(pump(loop_, std::move(data), std::move(taker)));
  }
  // Reads to the end; `at_once` bytes of memory.
  Bytes read_all(Stream<uint8_t> stream, size_t at_once) {
    Bytes all;
    Bytes buffer(at_once);
    while (true) {
      auto step = loop_.block_on(stream.next(std::span(buffer)));
      all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(step.count));
      if (step.is_ended) return all;
    }
  }

  TempDirectory host_;
  DescriptorBudget budget_;
  io::EventLoop loop_;
};

TEST_F(BytePump, WritesAStreamAtAPositionAndAppends) {
  for (auto how : {ScriptedBytes::How::Copy, ScriptedBytes::How::View}) {
    host_.write("file", "0123456789");
    auto file = open("file", {.read = true, .write = true});
    auto feed = std::make_shared<ByteFeed>(loop_);
    feed->write("ab");
    feed->write("cd");
    feed->close();
    auto outcome = pump_all(ScriptedBytes::stream(feed, how), std::make_unique<FileTaker>(file, 3));
    EXPECT_TRUE(outcome.has_value());
    EXPECT_EQ(host_.read("file"), "012abcd789");
    EXPECT_TRUE(
        pump_all(Stream<uint8_t>::of({'!', '?'}), std::make_unique<FileTaker>(file, std::nullopt))
            .has_value());
    EXPECT_EQ(host_.read("file"), "012abcd789!?");
  }
}

TEST_F(BytePump, WaitsForAWriterThatComesLater) {
  auto sink = std::make_shared<MemorySink>();
  auto feed = std::make_shared<ByteFeed>(loop_);
  io::BackgroundTasks tasks(loop_);
  std::optional<FileResult<void>> outcome;
  tasks.spawn(io::store_value(pump(loop_, ScriptedBytes::stream(feed, ScriptedBytes::How::View),
                                   std::make_unique<SinkTaker>(sink)),
                              outcome));
  loop_.poll();
  EXPECT_EQ(sink->text(), "");
  feed->write("first ");
  loop_.poll();
  EXPECT_EQ(sink->text(), "first ");
  feed->write("second");
  feed->close();
  loop_.poll();
  EXPECT_EQ(sink->text(), "first second");
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->has_value());
  EXPECT_EQ(tasks.size(), 0U);
}

TEST_F(BytePump, AFailureDropsTheStream) {
  host_.write("file", "old");
  for (auto how : {ScriptedBytes::How::Copy, ScriptedBytes::How::View}) {
    auto feed = std::make_shared<ByteFeed>(loop_);
    feed->write("new");
    // Opened to be read only.
    auto outcome = pump_all(ScriptedBytes::stream(feed, how),
                            std::make_unique<FileTaker>(open("file", {.read = true}), 0));
    ASSERT_FALSE(outcome.has_value());
    EXPECT_EQ(outcome.error(), FileErrorCode::BadDescriptor);
    EXPECT_TRUE(feed->is_dropped());
  }
  EXPECT_EQ(host_.read("file"), "old");
  auto far = pump_all(Stream<uint8_t>::of({'x'}),
                      std::make_unique<FileTaker>(open_new("far"), ~uint64_t{0}));
  EXPECT_EQ(far.error(), FileErrorCode::Invalid);
}

TEST_F(BytePump, ACanceledOneLetsGoOfEverythingWithItsOwnerGone) {
  auto feed = std::make_shared<ByteFeed>(loop_);
  auto file = open_new("file");
  std::weak_ptr<OpenFile> watched = file;
  {
    io::BackgroundTasks tasks(loop_);
    std::optional<FileResult<void>> outcome;
    tasks.spawn(io::store_value(pump(loop_, ScriptedBytes::stream(feed, ScriptedBytes::How::Copy),
                                     std::make_unique<FileTaker>(std::move(file), 0)),
                                outcome));
    loop_.poll();
    feed->write("written");
    loop_.poll();
    EXPECT_FALSE(feed->is_dropped());
    EXPECT_EQ(tasks.size(), 1U);
    tasks.cancel();
    loop_.poll();
    EXPECT_FALSE(outcome.has_value());
  }
  EXPECT_TRUE(feed->is_dropped());
  EXPECT_TRUE(watched.expired());
  EXPECT_EQ(host_.read("file"), "written");
}

TEST_F(BytePump, OthersGetTheirTurnWhileMuchIsMoved) {
  auto from = open_new("from");
  ASSERT_EQ(ftruncate(from->fd.number(), 20 * static_cast<off_t>(kBytesPerTurn)), 0);
  auto to = open_new("to");
  io::BackgroundTasks tasks(loop_);
  std::optional<FileResult<void>> outcome;
  Stream<uint8_t> data(std::make_unique<FileByteSource>(from, 0, OnSourceEnd()));
  tasks.spawn(io::store_value(
      pump(loop_, std::move(data), std::make_unique<FileTaker>(std::move(to), 0)), outcome));
  size_t turns = 0;
  while (!outcome) {
    loop_.block_on(io::yield(loop_));
    ++turns;
  }
  EXPECT_TRUE(outcome->has_value());
  EXPECT_GE(turns, 5U);
  EXPECT_EQ(std::filesystem::file_size(host_.path("to")), 20 * kBytesPerTurn);
}

TEST_F(BytePump, AFileIsReadInStepsToItsEnd) {
  std::string text(kStreamChunkBytesMax * 2 + 7, 'x');
  text += "end";
  host_.write("file", text);
  for (size_t at_once : {size_t{1000}, kStreamChunkBytesMax, kStreamChunkBytesMax * 4}) {
    int ends = 0;
    FileResult<void> outcome;
    Stream<uint8_t> stream(std::make_unique<FileByteSource>(open("file", {.read = true}), 5,
                                                            [&](FileResult<void> told) {
                                                              ++ends;
                                                              outcome = told;
                                                            }));
    Bytes read = read_all(std::move(stream), at_once);
    EXPECT_EQ(std::string(read.begin(), read.end()), text.substr(5)) << at_once;
    EXPECT_EQ(ends, 1);
    EXPECT_TRUE(outcome.has_value());
  }
}

TEST_F(BytePump, AFileSaysHowReadingEnded) {
  host_.write("file", "text");
  struct Case {
    OpenOptions options;
    uint64_t position;
    std::optional<FileErrorCode> error;
  };
  const Case cases[] = {
      {{.read = true}, 4, std::nullopt},
      {{.read = true}, uint64_t{1} << 62, std::nullopt},
      {{.read = true}, ~uint64_t{0}, FileErrorCode::Invalid},
      {{.write = true}, 0, FileErrorCode::BadDescriptor},
  };
  for (const auto& [options, position, error] : cases) {
    std::optional<FileResult<void>> outcome;
    Stream<uint8_t> stream(std::make_unique<FileByteSource>(
        open("file", options), position, [&](FileResult<void> told) { outcome = told; }));
    std::array<uint8_t, 8> buffer{};
    EXPECT_EQ(stream.read(std::span(buffer).first(0)).is_ended, false);
    EXPECT_FALSE(outcome.has_value());
    auto step = stream.read(buffer);
    EXPECT_TRUE(step.is_ended);
    EXPECT_EQ(step.count, 0U);
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->has_value() ? std::nullopt : std::optional(outcome->error()), error);
  }
}

TEST_F(BytePump, AReaderThatGoesHalfWayIsNoFailure) {
  host_.write("file", "text");
  std::optional<FileResult<void>> outcome;
  auto file = open("file", {.read = true});
  std::weak_ptr<OpenFile> watched = file;
  Stream<uint8_t> stream(std::make_unique<FileByteSource>(
      std::move(file), 0, [&](FileResult<void> told) { outcome = told; }));
  std::array<uint8_t, 2> buffer{};
  EXPECT_EQ(stream.read(buffer).count, 2U);
  EXPECT_FALSE(outcome.has_value());
  stream = {};
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->has_value());
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace spindle::wasi
