// Between guests and typed host code: each direction, waiting, ends that go, streams that come
// back.

#include <gmock/gmock.h>

#include "component/abi/stream.h"
#include "component/fixture/fake_guest.h"

namespace spindle::component::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Bytes = Stream<uint8_t>;
using Texts = Stream<std::string>;
using Beats = Stream<void>;
using Later = Future<uint32_t>;
using LaterBytes = Future<Bytes>;

// What a source did, which its reader may outlive.
struct SourceLog {
  bool is_gone = false;
  int waits = 0;
};

// Gives what a test pushes.
template <typename T>
class PushedSource final : public StreamSource<T> {
 public:
  PushedSource(io::EventLoop& loop, SourceLog& log) : event_(loop), log_(log) {}
  ~PushedSource() override { log_.is_gone = true; }

  void push(StreamItem<T> item) {
    items_.push_back(std::move(item));
    event_.set();
  }
  void end() {
    is_ended_ = true;
    event_.set();
  }
  StreamStep read(std::span<StreamItem<T>> out) override {
    const size_t count = std::min(out.size(), items_.size());
    std::move(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(count), out.begin());
    items_.erase(items_.begin(), items_.begin() + static_cast<ptrdiff_t>(count));
    if (items_.empty()) event_.reset();
    return {count, is_ended_ && items_.empty()};
  }
  io::Task<void> ready() override {
    ++log_.waits;
    auto waiting = event_.wait();
    co_await std::move(waiting);
  }

 private:
  io::Event event_;
  SourceLog& log_;
  std::vector<StreamItem<T>> items_;
  bool is_ended_ = false;
};

// One store with one guest, and the types that a function of the host mentions.
struct Store {
  explicit Store(io::EventLoop& loop) : instance(loop), guest(instance) {
    bytes = *types.channel(TypeKind::Stream, types.primitive(TypeKind::U8));
    texts = *types.channel(TypeKind::Stream, types.primitive(TypeKind::String));
    beats = *types.channel(TypeKind::Stream, nullptr);
    later = *types.channel(TypeKind::Future, types.primitive(TypeKind::U32));
    later_bytes = *types.channel(TypeKind::Future, bytes);
    transfers = {{kTransferId<Bytes>, bytes},
                 {kTransferId<Texts>, texts},
                 {kTransferId<Beats>, beats},
                 {kTransferId<Later>, later},
                 {kTransferId<LaterBytes>, later_bytes}};
    guest.side().set_transfers(transfers);
  }

  // A host function takes an argument.
  template <typename T>
  T lift(uint32_t index) {
    std::array<RawValue, 1> cells{RawValue::from_u32(index)};
    RawReader flat(cells);
    T value;
    const Result<void> lifted = Abi<T>::lift(guest.side(), flat, value);
    EXPECT_TRUE(lifted.has_value()) << lifted.error().to_string();
    return value;
  }
  // It returns a result.
  template <typename T>
  uint32_t lower(T value) {
    std::array<RawValue, 1> cells{};
    RawWriter flat(cells);
    const Result<void> lowered = Abi<T>::lower(guest.side(), flat, value);
    EXPECT_TRUE(lowered.has_value()) << lowered.error().to_string();
    return cells[0].u32;
  }

  TypeTable types;
  TypeRef bytes, texts, beats, later, later_bytes;
  std::vector<TransferType> transfers;
  FakeInstance instance;
  FakeGuest guest;
};

constexpr uint32_t completed(uint32_t count) {
  return count << 4;
}
constexpr uint32_t dropped(uint32_t count) {
  return count << 4 | static_cast<uint32_t>(CopyResult::Dropped);
}

class HostTransferTest : public ::testing::Test {
 protected:
  template <typename T>
  std::pair<Stream<T>, PushedSource<T>*> pushed() {
    auto source = std::make_unique<PushedSource<T>>(loop_, log_);
    PushedSource<T>* raw = source.get();
    return {Stream<T>(std::move(source)), raw};
  }
  // A task that may wait for ever.
  template <typename T>
  void spawn(io::Task<T> task) {
    tasks_.spawn(std::move(task));
  }
  void TearDown() override {
    tasks_.cancel();
    loop_.block_on(tasks_.drained());
  }

  io::EventLoop loop_;
  SourceLog log_;
  io::TaskGroup tasks_{loop_};
  Store a_{loop_};
  Store b_{loop_};
};

// ---- guest to host ----

TEST_F(HostTransferTest, TheHostTakesFromTheBufferOfAWrite) {
  const auto [readable, writable] = a_.guest.make(a_.bytes);
  auto body = a_.lift<Bytes>(readable);
  std::array<uint8_t, 4> out{};
  EXPECT_EQ(body.read(out).count, 0U);
  a_.guest.put(100, "abcdef");
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 100, 6}), kBlocked);
  EXPECT_EQ(body.read(out).count, 4U);
  EXPECT_THAT(out, ElementsAre('a', 'b', 'c', 'd'));
  const uint8_t* shown = nullptr;
  EXPECT_TRUE(body.has_view());
  const StreamStep viewed = body.view([&shown](std::span<const uint8_t> items) {
    shown = items.data();
    return items.size();
  });
  EXPECT_EQ(viewed.count, 2U);
  // Where it lies in the guest.
  EXPECT_EQ(shown, a_.guest.side().memory().data() + 104);
  EXPECT_EQ(a_.guest.event(writable), completed(6));
  a_.guest.call(CanonOp::StreamDropWritable, a_.bytes, {writable});
  EXPECT_TRUE(body.read(out).is_ended);
  EXPECT_FALSE(body.has_source());
}

TEST_F(HostTransferTest, TheHostWaitsForAWriteAndForTheEnd) {
  const auto [readable, writable] = a_.guest.make(a_.texts);
  auto body = a_.lift<Texts>(readable);
  std::vector<std::string> arrived;
  struct Reader {
    static io::Task<void> run(Texts stream, std::vector<std::string>& out) {
      while (true) {
        auto reading = stream.next();
        std::optional<std::string> text = co_await std::move(reading);
        if (!text) break;
        out.push_back(std::move(*text));
      }
      out.push_back("end");
    }
  };
  spawn(Reader::run(std::move(body), arrived));
  loop_.poll();
  for (const std::string_view word : {"one", "two"}) {
    auto text = a_.guest.side().store_string(word);
    store_raw<uint32_t>(a_.guest.side(), 64, text->pointer);
    store_raw<uint32_t>(a_.guest.side(), 68, text->length);
    EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.texts, {writable, 64, 1}), kBlocked);
    loop_.poll();
    EXPECT_EQ(a_.guest.event(writable), completed(1));
  }
  a_.guest.call(CanonOp::StreamDropWritable, a_.texts, {writable});
  loop_.poll();
  EXPECT_THAT(arrived, ElementsAre("one", "two", "end"));
}

TEST_F(HostTransferTest, AProbeOfTheWriterIsOverWhenTheHostWaits) {
  const auto [readable, writable] = a_.guest.make(a_.bytes);
  auto body = a_.lift<Bytes>(readable);
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 0, 0}), kBlocked);
  EXPECT_EQ(a_.guest.event(writable), std::nullopt);
  spawn(body.ready());
  loop_.poll();
  EXPECT_EQ(a_.guest.event(writable), completed(0));
  // It waits still, so the next one is over at once.
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 0, 0}), completed(0));
}

TEST_F(HostTransferTest, AHostThatDropsItsEndTellsTheGuest) {
  const auto [readable, writable] = a_.guest.make(a_.bytes);
  auto body = a_.lift<Bytes>(readable);
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 100, 6}), kBlocked);
  body = {};
  EXPECT_EQ(a_.guest.event(writable), dropped(0));
}

TEST_F(HostTransferTest, AGuestThatIsDestroyedEndsItsStreams) {
  for (const bool is_writing : {false, true}) {
    Store store(loop_);
    const auto [readable, writable] = store.guest.make(store.bytes);
    const auto [reads, writes] = store.guest.make(store.later);
    auto body = store.lift<Bytes>(readable);
    auto value = store.lift<Later>(reads);
    if (is_writing) {
      EXPECT_EQ(store.guest.call(CanonOp::StreamWrite, store.bytes, {writable, 100, 6}), kBlocked);
      EXPECT_EQ(store.guest.call(CanonOp::FutureWrite, store.later, {writes, 100}), kBlocked);
    }
    store.instance.destroy();
    std::array<uint8_t, 4> out{};
    const StreamStep step = body.read(out);
    EXPECT_EQ(step.count, 0U);
    EXPECT_TRUE(step.is_ended);
    EXPECT_TRUE(value.source().is_abandoned());
    EXPECT_EQ(loop_.block_on(value.get()), std::nullopt);
  }
}

TEST_F(HostTransferTest, AnItemThatIsNotOfItsTypeFailsTheGuest) {
  const auto [readable, writable] = a_.guest.make(a_.texts);
  auto body = a_.lift<Texts>(readable);
  store_raw<uint32_t>(a_.guest.side(), 64, FakeCall::kMemorySize);
  store_raw<uint32_t>(a_.guest.side(), 68, 1);
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.texts, {writable, 64, 1}), kBlocked);
  std::array<std::string, 1> out;
  EXPECT_TRUE(body.read(out).is_ended);
  EXPECT_THAT(a_.instance.failure->to_string(), HasSubstr("string content out-of-bounds"));
}

TEST_F(HostTransferTest, AFutureOfAGuestIsTakenOnce) {
  const auto [readable, writable] = a_.guest.make(a_.later);
  auto value = a_.lift<Later>(readable);
  store_raw<uint32_t>(a_.guest.side(), 64, 42);
  EXPECT_EQ(value.source().take(), std::nullopt);
  EXPECT_FALSE(value.source().is_abandoned());
  EXPECT_EQ(a_.guest.call(CanonOp::FutureWrite, a_.later, {writable, 64}), kBlocked);
  EXPECT_EQ(loop_.block_on(value.get()), 42U);
  EXPECT_EQ(a_.guest.event(writable), 0U);
  a_.guest.call(CanonOp::FutureDropWritable, a_.later, {writable});
}

TEST_F(HostTransferTest, AStreamComesOutOfAFuture) {
  const auto [readable, writable] = a_.guest.make(a_.later_bytes);
  const auto [inner, inner_writable] = a_.guest.make(a_.bytes);
  auto value = a_.lift<LaterBytes>(readable);
  store_raw<uint32_t>(a_.guest.side(), 64, inner);
  EXPECT_EQ(a_.guest.call(CanonOp::FutureWrite, a_.later_bytes, {writable, 64}), kBlocked);
  std::optional<Bytes> body = loop_.block_on(value.get());
  a_.guest.put(100, "x");
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {inner_writable, 100, 1}), kBlocked);
  std::array<uint8_t, 4> out{};
  EXPECT_EQ(body->read(out).count, 1U);
}

// ---- host to guest ----

TEST_F(HostTransferTest, AReadTakesWhatIsThere) {
  const uint32_t bytes = a_.lower(Bytes::of({'a', 'b', 'c'}));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {bytes, 100, 2}), completed(2));
  // The end comes with the last items.
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {bytes, 102, 2}), dropped(1));
  EXPECT_EQ(a_.guest.text(100, 3), "abc");
  const uint32_t empty = a_.lower(Bytes());
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {empty, 100, 2}), dropped(0));
  const uint32_t beats = a_.lower(Beats::of(std::vector<std::monostate>(10'000)));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.beats, {beats, 0, 9'000}), completed(9'000));
}

TEST_F(HostTransferTest, ManyItemsGoInBatches) {
  std::vector<std::string> words(40, "word");
  const uint32_t texts = a_.lower(Texts::of(std::move(words)));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.texts, {texts, 1024, 39}), completed(39));
  std::string last;
  ASSERT_TRUE(Abi<std::string>::load(a_.guest.side(), 1024 + 38 * 8, last).has_value());
  EXPECT_EQ(last, "word");
}

TEST_F(HostTransferTest, AReadWaitsForTheSource) {
  auto [stream, source] = pushed<uint8_t>();
  const uint32_t index = a_.lower(std::move(stream));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), kBlocked);
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), std::nullopt);
  source->push('x');
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), completed(1));
  EXPECT_EQ(a_.guest.text(100, 1), "x");
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), kBlocked);
  source->end();
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), dropped(0));
  EXPECT_TRUE(log_.is_gone);
  EXPECT_EQ(a_.instance.operations(), 0U);
}

TEST_F(HostTransferTest, TextsThatComeLateNeedTheGuestsAllocator) {
  auto [stream, source] = pushed<std::string>();
  const uint32_t index = a_.lower(std::move(stream));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.texts, {index, 64, 4}), kBlocked);
  source->push("late");
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), completed(1));
  a_.guest.side().answer = FakeCall::kMemorySize + 8;
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.texts, {index, 64, 4}), kBlocked);
  source->push("more");
  loop_.poll();
  EXPECT_THAT(a_.instance.failure->to_string(), HasSubstr("realloc return"));
}

TEST_F(HostTransferTest, AProbeOfTheReaderTakesNothing) {
  auto [stream, source] = pushed<uint8_t>();
  const uint32_t index = a_.lower(std::move(stream));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 0, 0}), kBlocked);
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), std::nullopt);
  source->push('x');
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), completed(0));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), completed(1));
}

TEST_F(HostTransferTest, ACanceledReadLeavesItsItemsToTheNext) {
  auto [stream, source] = pushed<uint8_t>();
  const uint32_t index = a_.lower(std::move(stream));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), kBlocked);
  EXPECT_EQ(a_.guest.call(CanonOp::StreamCancelRead, a_.bytes, {index}),
            static_cast<uint32_t>(CopyResult::Cancelled));
  loop_.poll();
  source->push('x');
  loop_.poll();
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), completed(1));
  // One wait at a time, however often the guest changes its mind.
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), kBlocked);
    a_.guest.call(CanonOp::StreamCancelRead, a_.bytes, {index});
    loop_.poll();
  }
  EXPECT_EQ(log_.waits, 2);
}

TEST_F(HostTransferTest, ASourceGoesWithItsReader) {
  for (const bool is_instance_gone : {false, true}) {
    log_ = {};
    Store store(loop_);
    auto [stream, source] = pushed<uint8_t>();
    const uint32_t index = store.lower(std::move(stream));
    EXPECT_EQ(store.guest.call(CanonOp::StreamRead, store.bytes, {index, 100, 4}), kBlocked);
    loop_.poll();
    if (is_instance_gone) {
      store.instance.destroy();
    } else {
      store.guest.call(CanonOp::StreamCancelRead, store.bytes, {index});
      store.guest.call(CanonOp::StreamDropReadable, store.bytes, {index});
    }
    loop_.poll();
    EXPECT_TRUE(log_.is_gone);
    EXPECT_EQ(store.instance.operations(), 0U);
  }
}

TEST_F(HostTransferTest, APromiseCompletesARead) {
  auto [promise, future] = make_future<uint32_t>(loop_);
  const uint32_t index = a_.lower(std::move(future));
  EXPECT_EQ(a_.guest.call(CanonOp::FutureRead, a_.later, {index, 64}), kBlocked);
  loop_.poll();
  promise.set(7);
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), 0U);
  EXPECT_EQ(load_raw<uint32_t>(a_.guest.side(), 64), 7U);
  const uint32_t there = a_.lower(Later::of(8));
  EXPECT_EQ(a_.guest.call(CanonOp::FutureRead, a_.later, {there, 64}), 0U);
}

TEST_F(HostTransferTest, APromiseThatGoesLeavesItsReaderWaiting) {
  auto [promise, future] = make_future<uint32_t>(loop_);
  const uint32_t index = a_.lower(std::move(future));
  EXPECT_EQ(a_.guest.call(CanonOp::FutureRead, a_.later, {index, 64}), kBlocked);
  promise = {};
  loop_.poll();
  EXPECT_EQ(a_.guest.event(index), std::nullopt);
  EXPECT_EQ(a_.guest.call(CanonOp::FutureCancelRead, a_.later, {index}),
            static_cast<uint32_t>(CopyResult::Cancelled));
  a_.guest.call(CanonOp::FutureDropReadable, a_.later, {index});
}

// ---- there and back ----

TEST_F(HostTransferTest, ASourceOfTheHostComesBackAsItself) {
  auto [stream, source] = pushed<uint8_t>();
  const StreamSource<uint8_t>* before = source;
  auto back = a_.lift<Bytes>(a_.lower(std::move(stream)));
  EXPECT_EQ(&back.source(), before);
  // Also through another store.
  auto again = b_.lift<Bytes>(b_.lower(std::move(back)));
  EXPECT_EQ(&again.source(), before);
  EXPECT_FALSE(log_.is_gone);
}

TEST_F(HostTransferTest, ASourceMayComeBackWhileAWaitForItUnwinds) {
  auto [stream, source] = pushed<uint8_t>();
  const uint32_t index = a_.lower(std::move(stream));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 100, 4}), kBlocked);
  loop_.poll();
  a_.guest.call(CanonOp::StreamCancelRead, a_.bytes, {index});
  auto back = a_.lift<Bytes>(index);
  source->push('x');
  EXPECT_EQ(loop_.block_on(back.next()), 'x');
  back = {};
  loop_.poll();
  EXPECT_TRUE(log_.is_gone);
  // And before the wait has even begun.
  log_ = {};
  auto [other, other_source] = pushed<uint8_t>();
  const uint32_t next = a_.lower(std::move(other));
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {next, 100, 4}), kBlocked);
  a_.guest.call(CanonOp::StreamCancelRead, a_.bytes, {next});
  auto early = a_.lift<Bytes>(next);
  loop_.poll();
  early = {};
  EXPECT_TRUE(log_.is_gone);
}

TEST_F(HostTransferTest, AGuestsEndGoesOnInItsGuest) {
  const auto [readable, writable] = a_.guest.make(a_.bytes);
  const Transfer* before = &a_.guest.end(readable).transfer();
  const uint32_t index = a_.lower(a_.lift<Bytes>(readable));
  EXPECT_EQ(&a_.guest.end(index).transfer(), before);
  a_.guest.put(100, "ab");
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 100, 2}), kBlocked);
  EXPECT_EQ(a_.guest.call(CanonOp::StreamRead, a_.bytes, {index, 200, 2}), completed(2));
}

TEST_F(HostTransferTest, AStreamGoesFromAGuestToOneInAnotherStore) {
  const auto [readable, writable] = a_.guest.make(a_.bytes);
  const uint32_t index = b_.lower(a_.lift<Bytes>(readable));
  EXPECT_EQ(b_.guest.call(CanonOp::StreamRead, b_.bytes, {index, 200, 4}), kBlocked);
  loop_.poll();
  a_.guest.put(100, "abcdef");
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 100, 6}), kBlocked);
  loop_.poll();
  EXPECT_EQ(b_.guest.event(index), completed(4));
  EXPECT_EQ(b_.guest.text(200, 4), "abcd");
  EXPECT_EQ(a_.guest.event(writable), completed(4));
  // Either end of it tells the other.
  b_.guest.call(CanonOp::StreamDropReadable, b_.bytes, {index});
  EXPECT_EQ(a_.guest.call(CanonOp::StreamWrite, a_.bytes, {writable, 100, 1}), dropped(0));
  const auto [reads, writes] = a_.guest.make(a_.bytes);
  const uint32_t other = b_.lower(a_.lift<Bytes>(reads));
  EXPECT_EQ(b_.guest.call(CanonOp::StreamRead, b_.bytes, {other, 200, 4}), kBlocked);
  loop_.poll();
  a_.instance.destroy();
  loop_.poll();
  EXPECT_EQ(b_.guest.event(other), dropped(0));
}

// ---- types ----

TEST_F(HostTransferTest, AHandleOfAnotherTypeIsATrap) {
  const auto [readable, writable] = a_.guest.make(a_.texts);
  std::array<RawValue, 1> cells{RawValue::from_u32(readable)};
  RawReader flat(cells);
  Bytes out;
  const Result<void> lifted = Abi<Bytes>::lift(a_.guest.side(), flat, out);
  ASSERT_FALSE(lifted.has_value());
  EXPECT_THAT(lifted.error().to_string(), HasSubstr("used with the wrong type"));
}

TEST_F(HostTransferTest, IdsAndTypesMeetInTheirOrder) {
  using Outcome = std::expected<std::tuple<Texts, Stream<Later>>, std::string>;
  constexpr auto kIds = kTransferIds<std::tuple<uint32_t, std::vector<Bytes>>, Outcome>;
  EXPECT_THAT(kIds, ElementsAre(kTransferId<Bytes>, kTransferId<Texts>, kTransferId<Stream<Later>>,
                                kTransferId<Later>));
  TypeTable& types = a_.types;
  const TypeRef nested = *types.channel(TypeKind::Stream, a_.later);
  const TypeRef list = *types.list(a_.bytes);
  const std::array<TypeRef, 2> both{a_.texts, nested};
  const TypeRef pair = *types.tuple(both);
  const TypeRef text = types.primitive(TypeKind::String);
  FunctionType function{.params = {{"n", types.primitive(TypeKind::U32)}, {"b", list}},
                        .result = *types.result(pair, text)};
  auto found = match_transfers(kIds, function);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 4U);
  const std::array<TypeRef, 4> expected{a_.bytes, a_.texts, nested, a_.later};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ((*found)[i].id, kIds[i]);
    EXPECT_EQ((*found)[i].type, expected[i]);
  }
  // Bindings of another function.
  function.params.pop_back();
  EXPECT_FALSE(match_transfers(kIds, function).has_value());
  function.params = {{"b", list}, {"c", list}};
  EXPECT_FALSE(match_transfers(kIds, function).has_value());
}

}  // namespace
}  // namespace spindle::component::testing
