#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/event_loop.h"
#include "wasi/core/http/body_pipe.h"
#include "wasi/core/http/fields.h"
#include "wasi/core/http/incoming_body.h"
#include "wasi/core/http/response_outlet.h"

namespace spindle::wasi {
namespace {

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
std::string text_of(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

class NoBody final : public http::BodyReader {
 public:
  std::optional<uint64_t> length() const override { return 0; }
  io::Eventual<http::Bytes> read(size_t) override { return http::Bytes(); }
  io::Eventual<void> wait_readable() override { return Result<void>(); }
  http::HeaderView trailers() const override { return {}; }
};

TEST(Fields, RefusesWhatOnlyTheServerMaySetAndWhatIsNotAHeader) {
  struct Case {
    const char* name;
    const char* value;
    std::optional<FieldsError> refused;
  };
  for (const auto& [name, value, refused] : std::initializer_list<Case>{
           {"X-Name", "value", std::nullopt},
           {"x-empty", "", std::nullopt},
           {"host", "example.org", std::nullopt},
           {"Connection", "close", FieldsError::Forbidden},
           {"transfer-encoding", "chunked", FieldsError::Forbidden},
           {"Upgrade", "h2c", FieldsError::Forbidden},
           {"bad name", "v", FieldsError::InvalidSyntax},
           {"", "v", FieldsError::InvalidSyntax},
           {"x-split", "a\r\nset-cookie: b", FieldsError::InvalidSyntax},
       }) {
    Fields fields;
    auto changed = fields.append(name, bytes_of(value)).value();
    EXPECT_EQ(changed.has_value(), !refused) << name;
    if (refused) {
      EXPECT_EQ(changed.error(), *refused) << name;
      EXPECT_EQ(fields.view().size(), 0u) << name;
    }
  }
}

TEST(Fields, KeepsLowerCaseNamesAndComparesWithoutCase) {
  Fields fields;
  ASSERT_TRUE(fields.append("X-A", bytes_of("1")).value());
  ASSERT_TRUE(fields.append("x-a", bytes_of("2")).value());
  EXPECT_EQ(fields.view()[0].name, "x-a");
  EXPECT_EQ(fields.get("X-a"), (std::vector<std::string_view>{"1", "2"}));
  std::array<std::span<const uint8_t>, 1> one = {bytes_of("3")};
  ASSERT_TRUE(fields.set("X-A", one).value());
  EXPECT_EQ(fields.get("x-a"), (std::vector<std::string_view>{"3"}));
  ASSERT_TRUE(fields.remove("X-A").value());
  EXPECT_FALSE(fields.has("x-a"));
}

TEST(Fields, ABorrowedListIsImmutableAndItsCloneIsNot) {
  std::vector<http::Header> headers{{"a", "1"}};
  auto received = std::make_shared<SharedHeaders>(headers);
  Fields fields(received);
  EXPECT_EQ(fields.append("b", bytes_of("2")).value().error(), FieldsError::Immutable);
  auto clone = fields.clone();
  EXPECT_TRUE(clone->append("b", bytes_of("2")).value());
  EXPECT_EQ(fields.view().size(), 1u);
}

TEST(ReceivedRequest, BecomesACopyOnlyWhereSomebodyHoldsIt) {
  std::vector<http::Header> headers{{"a", "1"}};
  http::RequestHead head;
  std::string path = "/path?q";
  head.method_name = "GET";
  head.path_and_query = path;
  auto received = std::make_shared<ReceivedRequest>(head, headers);
  Fields fields(ReceivedRequest::share_headers(received));
  auto mine = received;
  ReceivedRequest::detach(std::move(received));
  headers.clear();
  headers.shrink_to_fit();
  path.assign(7, '?');
  EXPECT_EQ(mine->path_and_query(), "/path?q");
  EXPECT_EQ(mine->method_name(), "GET");
  mine.reset();
  EXPECT_EQ(fields.get("a"), (std::vector<std::string_view>{"1"}));
}

TEST(IncomingBody, ReadsAsCutOnceItsRequestIsOver) {
  io::EventLoop loop;
  io::TaskGroup tasks(loop);
  NoBody reader;
  auto source = std::make_shared<IncomingBodySource>(reader, tasks);
  source->detach();
  Bytes bytes;
  EXPECT_EQ(source->read(8, bytes), IncomingBodySource::Progress::Failed);
  EXPECT_TRUE(source->take_failure());
  EXPECT_EQ(source->read(8, bytes), IncomingBodySource::Progress::Ended);
  EXPECT_TRUE(source->is_ready());
  EXPECT_TRUE(source->trailers().empty());
}

TEST(Fields, GrowingBeyondTheLimitIsATrap) {
  Fields fields;
  std::string large(Fields::kBytesMax, 'x');
  auto failed = fields.append("a", bytes_of(large));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind(), ErrorKind::LimitExceeded);
}

TEST(BodyPipe, HoldsTheWriterUpWhenItIsFull) {
  io::EventLoop loop;
  auto pipe = std::make_shared<BodyPipe>(loop);
  PipeOutputStream stream(loop, pipe);
  auto budget = stream.check_write().value().value();
  EXPECT_EQ(budget, BodyPipe::kCapacity);
  std::vector<uint8_t> all(budget, 7);
  ASSERT_TRUE(stream.write(all).value());
  EXPECT_FALSE(stream.is_ready());
  EXPECT_EQ(stream.check_write().value().value(), 0u);
  EXPECT_EQ(pipe->take({}).size(), all.size());
  EXPECT_TRUE(stream.is_ready());
}

TEST(BodyPipe, AWriterLearnsThatTheReaderIsGone) {
  io::EventLoop loop;
  auto pipe = std::make_shared<BodyPipe>(loop);
  PipeOutputStream stream(loop, pipe);
  pipe->close_reader();
  EXPECT_TRUE(stream.is_ready());
  EXPECT_FALSE(stream.check_write().value().has_value());
}

TEST(BodyPipe, AWriterThatSaidAllDoesNotMindThatTheReaderIsGone) {
  io::EventLoop loop;
  auto pipe = std::make_shared<BodyPipe>(loop);
  pipe->set_expected_length(3);
  PipeOutputStream stream(loop, pipe);
  ASSERT_TRUE(stream.write(bytes_of("abc")).value());
  pipe->close_reader();
  EXPECT_TRUE(stream.is_ready());
  EXPECT_GT(stream.check_write().value().value(), 0u);
  EXPECT_TRUE(stream.flush().value().has_value());
  EXPECT_FALSE(stream.write(bytes_of("d")).value().has_value());
}

TEST(BodyPipe, RefusesMoreThanTheAnnouncedLength) {
  io::EventLoop loop;
  auto pipe = std::make_shared<BodyPipe>(loop);
  pipe->set_expected_length(3);
  PipeOutputStream stream(loop, pipe);
  ASSERT_TRUE(stream.write(bytes_of("abc")).value());
  auto failed = stream.write(bytes_of("d")).value();
  ASSERT_FALSE(failed.has_value());
  EXPECT_NE(failed.error().error, nullptr);
}

// Notes what a response consisted of.
class RecordingWriter final : public http::ResponseWriter {
 public:
  Result<void> start(const http::ResponseHead& head, http::BodyLength length) override {
    calls.push_back(length.bytes() ? "start known" : "start streamed");
    status = head.status;
    return {};
  }
  io::Eventual<void> write(http::Bytes bytes) override {
    calls.push_back("write " + text_of(bytes));
    return Result<void>();
  }
  Result<size_t> try_write(http::Bytes bytes) override {
    calls.push_back("try " + text_of(bytes));
    return bytes.size();
  }
  io::Task<Result<void>> writable() override { co_return Result<void>(); }
  io::Eventual<void> flush() override {
    calls.emplace_back("flush");
    return Result<void>();
  }
  io::Eventual<void> finish(http::HeaderView trailers) override {
    calls.push_back(trailers.empty() ? "finish" : "finish with trailers");
    return Result<void>();
  }
  void abort() override { calls.emplace_back("abort"); }
  bool is_started() const override { return !calls.empty(); }
  bool is_finished() const override { return false; }
  bool is_body_dropped() const override { return false; }

  std::vector<std::string> calls;
  uint16_t status = 0;
};

class Outlet : public testing::Test {
 protected:
  io::Task<void> wait_for_background(ResponseOutlet& outlet, Result<void>& outcome) {
    auto run = outlet.run();
    auto result = co_await std::move(run);
    outcome = std::move(result);
    co_await tasks.drained();
  }
  io::Task<void> let_others_run() { co_await io::yield(loop); }

  io::EventLoop loop;
  io::TaskGroup tasks{loop};
  RecordingWriter writer;
  std::shared_ptr<BodyPipe> pipe = std::make_shared<BodyPipe>(loop);
};

TEST_F(Outlet, SendsAFinishedResponseInOnePiece) {
  ResponseOutlet outlet(loop, tasks, writer);
  outlet.set({.status = 201, .headers = {}}, pipe);
  pipe->write(bytes_of("body"));
  pipe->finish(std::nullopt);
  Result<void> outcome;
  loop.block_on(wait_for_background(outlet, outcome));
  EXPECT_TRUE(outcome.has_value());
  EXPECT_EQ(writer.status, 201);
  EXPECT_THAT(writer.calls, testing::ElementsAre("start known", "write body", "finish"));
}

TEST_F(Outlet, KeepsTrailersOfABodyThatWasFinishedAtOnce) {
  ResponseOutlet outlet(loop, tasks, writer);
  outlet.set({}, pipe);
  pipe->write(bytes_of("body"));
  http::Headers trailers;
  trailers.add("x-sum", "1");
  pipe->finish(std::move(trailers));
  Result<void> outcome;
  loop.block_on(wait_for_background(outlet, outcome));
  EXPECT_THAT(writer.calls,
              testing::ElementsAre("start streamed", "write body", "finish with trailers"));
}

TEST_F(Outlet, SendsInTheBackgroundOnceTheGuestGivesWay) {
  ResponseOutlet outlet(loop, tasks, writer);
  outlet.set({}, pipe);
  pipe->write(bytes_of("one"));
  loop.block_on(let_others_run());
  loop.poll();
  EXPECT_THAT(writer.calls, testing::ElementsAre("start streamed", "write one"));
  pipe->write(bytes_of("two"));
  pipe->finish(std::nullopt);
  Result<void> outcome;
  loop.block_on(wait_for_background(outlet, outcome));
  EXPECT_THAT(writer.calls,
              testing::ElementsAre("start streamed", "write one", "write two", "finish"));
}

TEST_F(Outlet, BreaksTheConnectionOfAResponseThatTheGuestLeavesUnfinished) {
  ResponseOutlet outlet(loop, tasks, writer);
  outlet.set({}, pipe);
  pipe->write(bytes_of("half"));
  loop.block_on(let_others_run());
  loop.poll();
  outlet.abort();
  Result<void> outcome;
  loop.block_on(wait_for_background(outlet, outcome));
  EXPECT_FALSE(outcome.has_value());
  EXPECT_THAT(writer.calls, testing::ElementsAre("start streamed", "write half", "flush", "abort"));
}

TEST_F(Outlet, ForgetsAnUnstartedResponseOfAGuestThatFails) {
  ResponseOutlet outlet(loop, tasks, writer);
  outlet.set({}, pipe);
  outlet.abort();
  loop.block_on(let_others_run());
  EXPECT_FALSE(outlet.is_set());
  EXPECT_TRUE(writer.calls.empty());
}

}  // namespace
}  // namespace spindle::wasi
