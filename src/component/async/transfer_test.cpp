// Guest to guest: what each operation does in each state, probes, cancels, drops, hostile handles.

#include "component/async/transfer.h"

#include <random>

#include <gmock/gmock.h>

#include "component/fixture/fake_guest.h"

namespace spindle::component::testing {
namespace {

using ::testing::HasSubstr;
using Mode = FakeGuest::Mode;

constexpr uint32_t packed(uint32_t count, CopyResult result) {
  return count << 4 | static_cast<uint32_t>(result);
}
constexpr uint32_t completed(uint32_t count) {
  return packed(count, CopyResult::Completed);
}
constexpr uint32_t dropped(uint32_t count) {
  return packed(count, CopyResult::Dropped);
}
constexpr uint32_t cancelled(uint32_t count) {
  return packed(count, CopyResult::Cancelled);
}

class TransferTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const TypeRef u8 = types_.primitive(TypeKind::U8);
    const TypeRef text = types_.primitive(TypeKind::String);
    bytes_ = *types_.channel(TypeKind::Stream, u8);
    words_ = *types_.channel(TypeKind::Stream, types_.primitive(TypeKind::U32));
    texts_ = *types_.channel(TypeKind::Stream, text);
    beats_ = *types_.channel(TypeKind::Stream, nullptr);
    nested_ = *types_.channel(TypeKind::Stream, bytes_);
    later_ = *types_.channel(TypeKind::Future, u8);
    later_text_ = *types_.channel(TypeKind::Future, text);
  }

  // The readable end goes from `a_` to `b_`.
  uint32_t pass(TypeRef type, uint32_t index) {
    auto passed = lift_passed(a_.table(), *type, index);
    return *lower_passed(b_.table(), instance_, *type, **passed);
  }
  NewEnds across(TypeRef type) {
    NewEnds ends = a_.make(type);
    ends.readable = pass(type, ends.readable);
    return ends;
  }

  static void expect_trap(FakeGuest& guest, CanonOp op, TypeRef type,
                          std::initializer_list<uint32_t> args, std::string_view words,
                          Mode mode = Mode::Async) {
    auto answer = guest.try_call(op, type, args, mode);
    ASSERT_FALSE(answer.has_value()) << words;
    EXPECT_THAT(answer.error().to_string(), HasSubstr(words));
  }

  TypeTable types_;
  TypeRef bytes_, words_, texts_, beats_, nested_, later_, later_text_;
  io::EventLoop loop_;
  FakeInstance instance_{loop_};
  FakeGuest a_{instance_};
  FakeGuest b_{instance_};
};

// ---- streams ----

TEST_F(TransferTest, TheSecondSideMovesTheItems) {
  const auto [readable, writable] = across(bytes_);
  a_.put(100, "abcdef");
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 6}), kBlocked);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 200, 4}), completed(4));
  EXPECT_EQ(b_.text(200, 4), "abcd");
  // The writer has not learnt of it yet, so more can be taken.
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 204, 1}), completed(1));
  EXPECT_EQ(a_.event(writable), completed(5));
  EXPECT_EQ(b_.text(200, 5), "abcde");
  // Then it is over.
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 300, 9}), kBlocked);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 105, 1}), completed(1));
  EXPECT_EQ(b_.event(readable), completed(1));
  EXPECT_EQ(b_.text(300, 1), "f");
}

TEST_F(TransferTest, ItemsWithPointersAreConverted) {
  const auto [readable, writable] = across(texts_);
  auto text = a_.side().store_string("hello");
  store_raw<uint32_t>(a_.side(), 64, text->pointer);
  store_raw<uint32_t>(a_.side(), 68, text->length);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, texts_, {readable, 128, 2}), kBlocked);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, texts_, {writable, 64, 1}), completed(1));
  EXPECT_EQ(b_.event(readable), completed(1));
  std::string arrived;
  ASSERT_TRUE(Abi<std::string>::load(b_.side(), 128, arrived).has_value());
  EXPECT_EQ(arrived, "hello");
}

TEST_F(TransferTest, AnItemThatIsNotOfItsTypeIsATrap) {
  const auto [readable, writable] = across(texts_);
  store_raw<uint32_t>(a_.side(), 64, FakeCall::kMemorySize - 1);
  store_raw<uint32_t>(a_.side(), 68, 2);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, texts_, {readable, 128, 1}), kBlocked);
  expect_trap(a_, CanonOp::StreamWrite, texts_, {writable, 64, 1}, "string content out-of-bounds");
}

TEST_F(TransferTest, ItemsWithoutPayloadAreCounted) {
  const auto [readable, writable] = across(beats_);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, beats_, {readable, 0xffff'ffff, 1000}), kBlocked);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, beats_, {writable, 1, 700}), completed(700));
  EXPECT_EQ(b_.event(readable), completed(700));
}

TEST_F(TransferTest, StreamsGoThroughStreams) {
  const auto [readable, writable] = across(nested_);
  const auto [inner_readable, inner_writable] = a_.make(bytes_);
  store_raw<uint32_t>(a_.side(), 64, inner_readable);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, nested_, {writable, 64, 1}), kBlocked);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, nested_, {readable, 128, 1}), completed(1));
  const auto arrived = load_raw<uint32_t>(b_.side(), 128);
  a_.put(100, "x");
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {inner_writable, 100, 1}), kBlocked);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {arrived, 200, 1}), completed(1));
  expect_trap(a_, CanonOp::StreamRead, bytes_, {inner_readable, 100, 1}, "unknown handle index");
}

TEST_F(TransferTest, ProbesOfLengthZeroMeetAsSpecified) {
  struct Case {
    uint32_t first;
    uint32_t second;
    std::optional<uint32_t> of_first;
    uint32_t of_second;
  };
  // The write comes first.
  for (const Case& c : {Case{0, 0, completed(0), kBlocked}, Case{0, 2, completed(0), kBlocked},
                        Case{2, 0, std::nullopt, completed(0)}}) {
    const auto [readable, writable] = across(bytes_);
    EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, c.first}), kBlocked);
    EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 100, c.second}), c.of_second);
    EXPECT_EQ(a_.event(writable), c.of_first);
  }
  // The read comes first.
  for (const Case& c : {Case{0, 0, std::nullopt, completed(0)}, Case{0, 2, completed(0), kBlocked},
                        Case{2, 0, std::nullopt, completed(0)}}) {
    const auto [readable, writable] = across(bytes_);
    EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 100, c.first}), kBlocked);
    EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, c.second}), c.of_second);
    EXPECT_EQ(b_.event(readable), c.of_first);
  }
}

TEST_F(TransferTest, OneFrameCopiesNumbersOnly) {
  const auto [readable, writable] = a_.make(bytes_);
  a_.put(100, "abc");
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 3}), kBlocked);
  EXPECT_EQ(a_.call(CanonOp::StreamRead, bytes_, {readable, 101, 3}), completed(3));
  EXPECT_EQ(a_.text(101, 3), "abc");
  for (const TypeRef type : {texts_, later_text_}) {
    const bool is_future = type == later_text_;
    const auto [reads, writes] = a_.make(type);
    const auto write = is_future ? CanonOp::FutureWrite : CanonOp::StreamWrite;
    EXPECT_EQ(a_.call(write, type, {writes, 64, 1}), kBlocked);
    expect_trap(a_, is_future ? CanonOp::FutureRead : CanonOp::StreamRead, type, {reads, 64, 1},
                "cannot read from and write to intra-component future/stream with non-numeric");
  }
}

TEST_F(TransferTest, WhoIsLeftLearnsOfADrop) {
  const auto [readable, writable] = across(bytes_);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 100, 3}), kBlocked);
  a_.call(CanonOp::StreamDropWritable, bytes_, {writable});
  EXPECT_EQ(b_.event(readable), dropped(0));
  const auto [reads, writes] = across(bytes_);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writes, 100, 3}), kBlocked);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {reads, 100, 2}), completed(2));
  b_.call(CanonOp::StreamDropReadable, bytes_, {reads});
  // In one event with the progress before.
  EXPECT_EQ(a_.event(writes), dropped(2));
  expect_trap(a_, CanonOp::StreamWrite, bytes_, {writes, 100, 1},
              "cannot write after being notified that the readable end dropped");
  const auto [early, late] = across(bytes_);
  b_.call(CanonOp::StreamDropReadable, bytes_, {early});
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {late, 100, 1}), dropped(0));
}

TEST_F(TransferTest, ACancelSaysWhatWasCopiedBefore) {
  const auto [readable, writable] = across(bytes_);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 3}), kBlocked);
  EXPECT_EQ(a_.call(CanonOp::StreamCancelWrite, bytes_, {writable}), cancelled(0));
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 3}), kBlocked);
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 100, 2}), completed(2));
  EXPECT_EQ(a_.call(CanonOp::StreamCancelWrite, bytes_, {writable}), cancelled(2));
  // The buffer is the writer's again.
  EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 100, 2}), kBlocked);
  b_.call(CanonOp::StreamCancelRead, bytes_, {readable});
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 3}), kBlocked);
}

TEST_F(TransferTest, ASynchronousCopyWaitsForItsEvent) {
  const auto [readable, writable] = across(bytes_);
  auto started = b_.try_call(CanonOp::StreamRead, bytes_, {readable, 100, 3}, Mode::Sync);
  EXPECT_EQ(*started, std::nullopt);
  EXPECT_EQ(instance_.blocked_on, &b_.end(readable));
  expect_trap(b_, CanonOp::StreamCancelRead, bytes_, {readable},
              "cancelled when no read is pending");
  expect_trap(b_, CanonOp::StreamDropReadable, bytes_, {readable}, "cannot drop busy stream");
  a_.put(50, "hi");
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 50, 2}), completed(2));
  EXPECT_EQ(*b_.finish(CanonOp::StreamRead, bytes_, readable), completed(2));
  EXPECT_EQ(b_.end(readable).state(), CopyState::Idle);
}

// ---- futures ----

TEST_F(TransferTest, AFutureHasOneValue) {
  for (const bool is_read_first : {false, true}) {
    const auto [readable, writable] = across(later_);
    a_.put(100, "v");
    if (is_read_first) {
      EXPECT_EQ(b_.call(CanonOp::FutureRead, later_, {readable, 200}), kBlocked);
      EXPECT_EQ(a_.call(CanonOp::FutureWrite, later_, {writable, 100}), 0U);
      EXPECT_EQ(b_.event(readable), 0U);
    } else {
      EXPECT_EQ(a_.call(CanonOp::FutureWrite, later_, {writable, 100}), kBlocked);
      EXPECT_EQ(b_.call(CanonOp::FutureRead, later_, {readable, 200}), 0U);
      EXPECT_EQ(a_.event(writable), 0U);
    }
    EXPECT_EQ(b_.text(200, 1), "v");
    expect_trap(a_, CanonOp::FutureWrite, later_, {writable, 100},
                "cannot write to future after previous write succeeded or readable end dropped");
    expect_trap(b_, CanonOp::FutureRead, later_, {readable, 200},
                "cannot read from future after previous read succeeded");
    auto lifted = lift_passed(b_.table(), *later_, readable);
    ASSERT_FALSE(lifted.has_value());
    EXPECT_THAT(lifted.error().to_string(),
                HasSubstr("cannot lift future after previous read succeeded"));
    a_.call(CanonOp::FutureDropWritable, later_, {writable});
    b_.call(CanonOp::FutureDropReadable, later_, {readable});
  }
  EXPECT_EQ(a_.table().size(), 0U);
  EXPECT_EQ(b_.table().size(), 0U);
}

TEST_F(TransferTest, AFutureMustBeWrittenUnlessNobodyReads) {
  const auto [readable, writable] = across(later_);
  expect_trap(a_, CanonOp::FutureDropWritable, later_, {writable},
              "cannot drop future write end without first writing a value");
  EXPECT_EQ(a_.call(CanonOp::FutureWrite, later_, {writable, 100}), kBlocked);
  EXPECT_EQ(a_.call(CanonOp::FutureCancelWrite, later_, {writable}),
            static_cast<uint32_t>(CopyResult::Cancelled));
  expect_trap(a_, CanonOp::FutureDropWritable, later_, {writable}, "without first writing a value");
  b_.call(CanonOp::FutureDropReadable, later_, {readable});
  EXPECT_EQ(a_.call(CanonOp::FutureWrite, later_, {writable, 100}),
            static_cast<uint32_t>(CopyResult::Dropped));
  a_.call(CanonOp::FutureDropWritable, later_, {writable});
}

// ---- every operation in every state ----

struct StateCase {
  CopyState state;
  // What copy, cancel, drop and lift of a stream's readable end say; empty: they succeed.
  std::string_view copy, cancel, drop, lift;
};

TEST_F(TransferTest, EachOperationIsAllowedInItsStates) {
  constexpr std::string_view kBusy = "cannot have concurrent operations active on a future/stream";
  constexpr std::string_view kNone = "cancelled when no read is pending";
  constexpr std::string_view kDrop = "cannot drop busy stream";
  for (const StateCase& c : {
           StateCase{CopyState::Idle, "", kNone, "", ""},
           StateCase{CopyState::AsyncCopying, kBusy, "", kDrop, kBusy},
           StateCase{CopyState::SyncCopying, kBusy, kNone, kDrop, kBusy},
           StateCase{CopyState::Cancelling, kBusy, kNone, kDrop, kBusy},
           StateCase{CopyState::Done, "cannot read after being notified that the writable end",
                     kNone, "", "cannot lift stream after being notified that the writable end"},
       }) {
    auto expect = [&](const auto& result, std::string_view words) {
      EXPECT_EQ(result.has_value(), words.empty()) << words << static_cast<int>(c.state);
      if (!result.has_value()) EXPECT_THAT(result.error().to_string(), HasSubstr(words));
    };
    auto in_state = [&] {
      const auto [readable, writable] = across(bytes_);
      if (c.state != CopyState::Idle && c.state != CopyState::Done) {
        EXPECT_EQ(b_.call(CanonOp::StreamRead, bytes_, {readable, 100, 1}), kBlocked);
      }
      b_.end(readable).set_waiting(c.state);
      return readable;
    };
    expect(b_.try_call(CanonOp::StreamRead, bytes_, {in_state(), 100, 1}), c.copy);
    expect(b_.try_call(CanonOp::StreamCancelRead, bytes_, {in_state()}), c.cancel);
    expect(b_.try_call(CanonOp::StreamDropReadable, bytes_, {in_state()}), c.drop);
    expect(lift_passed(b_.table(), *bytes_, in_state()), c.lift);
  }
}

TEST_F(TransferTest, AnEndInASetIsNeitherPassedNorUsedSynchronously) {
  const auto [readable, writable] = a_.make(bytes_);
  WaitableSet set;
  a_.end(readable).join(&set);
  a_.end(writable).join(&set);
  EXPECT_THAT(lift_passed(a_.table(), *bytes_, readable).error().to_string(),
              HasSubstr("cannot lift stream while it's in a waitable set"));
  constexpr std::string_view kWords =
      "waitable cannot be used synchronously while added to a waitable set";
  expect_trap(a_, CanonOp::StreamWrite, bytes_, {writable, 100, 1}, kWords, Mode::Sync);
  expect_trap(a_, CanonOp::StreamCancelWrite, bytes_, {writable}, kWords, Mode::Sync);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 1}), kBlocked);
  a_.call(CanonOp::StreamDropReadable, bytes_, {readable});
  EXPECT_EQ(set.take_event().payload, dropped(0));
}

// ---- hostile guests ----

TEST_F(TransferTest, HandlesOfAnotherKindTrap) {
  const auto [readable, writable] = a_.make(bytes_);
  const uint32_t set = *a_.table().add_object(std::make_unique<WaitableSet>());
  constexpr std::string_view kWrong = "used with the wrong type";
  expect_trap(a_, CanonOp::StreamRead, bytes_, {writable, 0, 1}, kWrong);
  expect_trap(a_, CanonOp::StreamWrite, bytes_, {readable, 0, 1}, kWrong);
  expect_trap(a_, CanonOp::StreamRead, words_, {readable, 0, 1}, kWrong);
  expect_trap(a_, CanonOp::FutureRead, later_, {readable, 0}, kWrong);
  expect_trap(a_, CanonOp::StreamDropReadable, bytes_, {set}, kWrong);
  expect_trap(a_, CanonOp::StreamDropWritable, bytes_, {0}, "unknown handle index 0");
  expect_trap(a_, CanonOp::StreamCancelRead, bytes_, {99}, "unknown handle index 99");
  EXPECT_THAT(lift_passed(a_.table(), *bytes_, writable).error().to_string(), HasSubstr(kWrong));
  EXPECT_THAT(lift_passed(a_.table(), *words_, readable).error().to_string(), HasSubstr(kWrong));
  EXPECT_EQ(a_.table().size(), 3U);
}

TEST_F(TransferTest, BuffersAreCheckedWhole) {
  const auto [readable, writable] = a_.make(words_);
  constexpr uint32_t kEnd = FakeCall::kMemorySize;
  expect_trap(a_, CanonOp::StreamRead, words_, {readable, 2, 1}, "unaligned pointer");
  expect_trap(a_, CanonOp::StreamRead, words_, {readable, kEnd, 1}, "out of bounds");
  expect_trap(a_, CanonOp::StreamRead, words_, {readable, kEnd - 4, 2}, "out of bounds");
  expect_trap(a_, CanonOp::StreamWrite, words_, {writable, 4, (1U << 28) - 1}, "out of bounds");
  expect_trap(a_, CanonOp::StreamWrite, words_, {writable, 4, 1U << 28},
              "stream read/write count too large");
  // Nothing is looked at where there is nothing.
  EXPECT_EQ(a_.call(CanonOp::StreamRead, words_, {readable, 3, 0}), kBlocked);
}

TEST_F(TransferTest, ATableHasItsLimit) {
  a_.table().set_limit(3);
  const auto [readable, writable] = a_.make(bytes_);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 1}), kBlocked);
  EXPECT_FALSE(add_transfer(a_.table(), instance_, bytes_).has_value());
  // An end that finds no place is dropped.
  b_.table().set_limit(0);
  auto passed = *lift_passed(a_.table(), *bytes_, readable);
  EXPECT_FALSE(lower_passed(b_.table(), instance_, *bytes_, *passed).has_value());
  EXPECT_EQ(a_.event(writable), dropped(0));
}

TEST_F(TransferTest, WhatIsNotLoweredIsDropped) {
  const auto [readable, writable] = a_.make(bytes_);
  EXPECT_EQ(a_.call(CanonOp::StreamWrite, bytes_, {writable, 100, 1}), kBlocked);
  auto passed = *lift_passed(a_.table(), *bytes_, readable);
  EXPECT_EQ(a_.event(writable), std::nullopt);
  passed.reset();
  EXPECT_EQ(a_.event(writable), dropped(0));
}

TEST_F(TransferTest, AValueIsLoweredOnce) {
  const auto [readable, writable] = a_.make(bytes_);
  auto passed = *lift_passed(a_.table(), *bytes_, readable);
  EXPECT_TRUE(lower_passed(b_.table(), instance_, *bytes_, *passed).has_value());
  EXPECT_FALSE(lower_passed(b_.table(), instance_, *bytes_, *passed).has_value());
}

TEST_F(TransferTest, AnInstanceGoesInAnyOrderOfItsEnds) {
  for (const bool is_pending : {false, true}) {
    FakeInstance instance(loop_);
    FakeGuest first(instance);
    FakeGuest second(instance);
    const auto [readable, writable] = first.make(bytes_);
    const auto [reads, writes] = second.make(bytes_);
    if (is_pending) {
      EXPECT_EQ(first.call(CanonOp::StreamWrite, bytes_, {writable, 64, 1}), kBlocked);
      EXPECT_EQ(second.call(CanonOp::StreamRead, bytes_, {reads, 64, 1}), kBlocked);
    }
    instance.destroy();
  }
}

// ---- random schedules ----

// One side of a stream of counted bytes: it copies, cancels and looks for events as it likes, and
// counts what it was told.
class RandomSide {
 public:
  RandomSide(FakeGuest& guest, TypeRef type, uint32_t index, TransferSide side)
      : guest_(guest), type_(type), index_(index), is_reader_(side == TransferSide::Reader) {}

  uint32_t moved() const { return moved_; }

  void step(uint32_t choice) {
    if (guest_.end(index_).state() == CopyState::Idle) return copy(choice % 7);
    if (choice % 5 == 0) return cancel();
    if (const auto event = guest_.event(index_)) learn(*event);
  }
  // Nothing of it is under way afterwards.
  void rest() {
    if (guest_.end(index_).is_copying()) cancel();
  }

 private:
  static constexpr uint32_t kBuffer = 256;

  void copy(uint32_t length) {
    for (uint32_t i = 0; i < length && !is_reader_; ++i) {
      guest_.side().memory()[kBuffer + i] = static_cast<uint8_t>(moved_ + i);
    }
    const auto op = is_reader_ ? CanonOp::StreamRead : CanonOp::StreamWrite;
    const uint32_t answer = guest_.call(op, type_, {index_, kBuffer, length});
    if (answer != kBlocked) learn(answer);
  }
  void cancel() {
    const auto op = is_reader_ ? CanonOp::StreamCancelRead : CanonOp::StreamCancelWrite;
    learn(guest_.call(op, type_, {index_}));
  }
  void learn(uint32_t answer) {
    const uint32_t count = answer >> 4;
    for (uint32_t i = 0; i < count && is_reader_; ++i) {
      EXPECT_EQ(guest_.side().memory()[kBuffer + i], static_cast<uint8_t>(moved_ + i));
    }
    moved_ += count;
  }

  FakeGuest& guest_;
  TypeRef type_;
  uint32_t index_;
  bool is_reader_;
  uint32_t moved_ = 0;
};

TEST_F(TransferTest, NothingIsLostInAnySchedule) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::minstd_rand random(seed);
    const auto [readable, writable] = across(bytes_);
    RandomSide reader(b_, bytes_, readable, TransferSide::Reader);
    RandomSide writer(a_, bytes_, writable, TransferSide::Writer);
    for (int i = 0; i < 100; ++i) {
      const auto choice = static_cast<uint32_t>(random());
      (choice % 2 == 0 ? reader : writer).step(choice / 2);
    }
    reader.rest();
    writer.rest();
    EXPECT_EQ(reader.moved(), writer.moved());
    a_.call(CanonOp::StreamDropWritable, bytes_, {writable});
    b_.call(CanonOp::StreamDropReadable, bytes_, {readable});
  }
  EXPECT_EQ(a_.table().size() + b_.table().size(), 0U);
}

}  // namespace
}  // namespace spindle::component::testing
