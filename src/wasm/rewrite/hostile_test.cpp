// Damaged modules: an error, or a module that the engine judges; never a crash or a hang.

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "wasm/rewrite/merge.h"
#include "wasm/rewrite/prune.h"
#include "wasm/rewrite/references.h"
#include "wasm/testing.h"

namespace spindle::wasm {
namespace {

using rewrite::decode_body;
using rewrite::decode_initializer;
using rewrite::References;

// Something of every section and of many instructions.
constexpr std::string_view kEverything = R"((module
  (type $v (func)) (type $i (func (param i32) (result i32)))
  (rec (type $list (struct (field i32) (field (ref null $list)))) (type $a (array (mut i8))))
  (type $sub (sub (struct (field i32))))
  (import "a" "f" (func $f (param i32) (result i32)))
  (tag $tag (param i32))
  (memory $m 1 2) (memory $n i64 1)
  (global $g (mut i32) (i32.const 4)) (global $h i32 (i32.add (i32.const 1) (i32.const 2)))
  (table $t 4 funcref) (table $u 2 (ref null $i) (ref.func $id))
  (func $id (type $i) (call $f (local.get 0)))
  (func $s (global.set $g (i32.const 1)))
  (start $s)
  (elem (table $t) (i32.const 0) func $id $s) (elem $p func $id) (elem declare func $s)
  (elem $x (ref null $i) (ref.null $i) (ref.func $id))
  (data (memory $m) (i32.const 0) "abc") (data $d "def")
  (func (export "run") (param i32) (result i32) (local (ref null $list) i64)
    (block $all (try_table (catch $tag 1) (catch_all $all) (throw $tag (i32.const 1))))
    (memory.init $m $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
    (table.init $t $p (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $x)
    (i32.store $n offset=70000 (i64.const 0) (i32.const 1))
    (drop (v128.const i64x2 1 2))
    (local.set 1 (struct.new $list (i32.const 1) (ref.null $list)))
    (drop (array.new_data $a $d (i32.const 0) (i32.const 0)))
    (drop (ref.cast (ref $list) (local.get 1)))
    (block (br_table 0 0 (local.get 0)))
    (i32.add (call_indirect $t (type $i) (i32.const 7) (i32.const 0)) (i32.load (i32.const 2))))))";

std::vector<uint8_t> everything() {
  return wat2wasm(kEverything).value();
}

// By both ways in, whatever comes of it.
bool survives(std::span<const uint8_t> bytes) {
  MergeInstance instance{bytes, {HostImportNumber{1}}};
  const MergeExport run{InstanceExport{0, "run"}, "run"};
  auto merged = merge_modules({&instance, 1}, {&run, 1});
  auto pruned = prune_module(bytes, std::array<std::string_view, 1>{"run"});
  return merged.has_value() || pruned.has_value();
}

TEST(HostileModule, TheWholeOneIsMerged) {
  auto bytes = everything();
  EXPECT_TRUE(survives(bytes));
  MergeInstance instance{bytes, {HostImportNumber{1}}};
  const MergeExport run{InstanceExport{0, "run"}, "run"};
  auto merged = merge_modules({&instance, 1}, {&run, 1}).value();
  auto compiled = Module::compile(testing::manual_engine(), merged.bytes);
  EXPECT_TRUE(compiled) << compiled.error().to_string();
}

TEST(HostileModule, CutAnywhereItIsAnError) {
  auto bytes = everything();
  // Custom sections at the end may be missing.
  size_t names = bytes.size();
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(length));
    if (survives(cut)) names = std::min(names, length);
  }
  EXPECT_GT(names, bytes.size() / 2);
}

TEST(HostileModule, AnyByteMayBeWrong) {
  const auto bytes = everything();
  for (size_t at = 8; at < bytes.size(); ++at) {
    for (int value : {0x00, 0x01, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x40}) {
      auto damaged = bytes;
      damaged[at] = static_cast<uint8_t>(value);
      survives(damaged);
    }
  }
}

TEST(HostileModule, ManyBytesMayBeWrong) {
  const auto bytes = everything();
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    auto damaged = bytes;
    for (int i = 0; i < 4; ++i) {
      damaged[8 + random() % (damaged.size() - 8)] = static_cast<uint8_t>(random());
    }
    survives(damaged);
  }
}

struct Code {
  std::vector<uint8_t> bytes;
  ErrorKind kind;
  uint64_t offset;
};

TEST(References, SaysWhereAnUnknownInstructionIs) {
  const Code codes[] = {
      {{0, 0x01, 0x27, 0x0b}, ErrorKind::NotSupported, 102},
      {{0, 0xc5, 0x0b}, ErrorKind::NotSupported, 101},
      {{0, 0xff, 0x0b}, ErrorKind::NotSupported, 101},
      {{0, 0xfb, 0x20, 0, 0x0b}, ErrorKind::NotSupported, 101},
      {{0, 0x01, 0xfc, 0x17, 0x0b}, ErrorKind::NotSupported, 102},
      {{0, 0xfd, 0x94, 0x02, 0x0b}, ErrorKind::NotSupported, 101},
      {{0, 0xfe, 0x4f, 0, 0x0b}, ErrorKind::NotSupported, 101},
      // Cut and overlong: the body as a whole is malformed.
      {{0, 0x41}, ErrorKind::InvalidInput, 100},
      {{0, 0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, ErrorKind::InvalidInput, 100},
      {{0, 0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b}, ErrorKind::InvalidInput, 100},
      {{9, 0x0b}, ErrorKind::InvalidInput, 100},
      {{0, 0x1f, 0x40, 1, 4, 0, 0x0b}, ErrorKind::InvalidInput, 100},
      {{0, 0x02, 0x63}, ErrorKind::InvalidInput, 100},
  };
  for (const Code& code : codes) {
    References found;
    auto decoded = decode_body(code.bytes, 100, found);
    ASSERT_FALSE(decoded) << static_cast<int>(code.bytes[1]);
    EXPECT_EQ(decoded.error().kind(), code.kind) << decoded.error().to_string();
    EXPECT_EQ(decoded.error().offset(), code.offset) << decoded.error().to_string();
  }
}

TEST(References, FindsWhatAnInstructionMentions) {
  using Kind = rewrite::ReferenceKind;
  struct Expected {
    std::vector<uint8_t> code;  // of one instruction
    std::vector<std::pair<Kind, uint32_t>> references;
  };
  const Expected table[] = {
      {{0x10, 7}, {{Kind::Call, 7}}},
      {{0x12, 0x87, 0x01}, {{Kind::ReturnCall, 135}}},
      {{0x02, 5}, {{Kind::HeapType, 5}}},
      {{0x03, 0x40}, {}},
      {{0x04, 0x63, 9}, {{Kind::HeapType, 9}}},
      {{0x06, 0x7f}, {}},
      {{0x07, 3}, {{Kind::Tag, 3}}},
      {{0x18, 1}, {}},
      {{0x11, 4, 2}, {{Kind::Type, 4}, {Kind::Table, 2}}},
      {{0x14, 6}, {{Kind::Type, 6}}},
      {{0x1c, 2, 0x7f, 0x64, 3}, {{Kind::HeapType, 3}}},
      {{0x1f, 8, 3, 0, 1, 0, 1, 2, 0, 3, 0}, {{Kind::HeapType, 8}, {Kind::Tag, 1}, {Kind::Tag, 2}}},
      {{0x23, 2}, {{Kind::Global, 2}}},
      {{0x25, 1}, {{Kind::Table, 1}}},
      {{0x26, 1}, {{Kind::TableWrite, 1}}},
      {{0x28, 2, 16}, {{Kind::MemoryOperand, 0}}},
      {{0x28, 0x42, 3, 16}, {{Kind::MemoryOperand, 3}}},
      {{0x3f, 1}, {{Kind::Memory, 1}}},
      {{0xd0, 0x70}, {}},
      {{0xd0, 3}, {{Kind::HeapType, 3}}},
      {{0xd2, 9}, {{Kind::Func, 9}}},
      {{0xe1, 1, 2}, {{Kind::Type, 1}, {Kind::Type, 2}}},
      {{0xe3, 1, 2, 0, 3, 0, 1, 4}, {{Kind::Type, 1}, {Kind::Tag, 3}, {Kind::Tag, 4}}},
      {{0xe4, 1, 2, 0}, {{Kind::Type, 1}, {Kind::Tag, 2}}},
      {{0xe6, 1, 2}, {{Kind::Type, 1}, {Kind::Tag, 2}}},
      {{0xfb, 2, 5, 1}, {{Kind::Type, 5}}},
      {{0xfb, 9, 5, 2}, {{Kind::Type, 5}, {Kind::Data, 2}}},
      {{0xfb, 10, 5, 2}, {{Kind::Type, 5}, {Kind::Element, 2}}},
      {{0xfb, 17, 5, 6}, {{Kind::Type, 5}, {Kind::Type, 6}}},
      {{0xfb, 20, 5}, {{Kind::HeapType, 5}}},
      {{0xfb, 24, 3, 0, 5, 0x6e}, {{Kind::HeapType, 5}}},
      {{0xfc, 8, 1, 2}, {{Kind::Data, 1}, {Kind::Memory, 2}}},
      {{0xfc, 10, 1, 2}, {{Kind::Memory, 1}, {Kind::Memory, 2}}},
      {{0xfc, 12, 1, 2}, {{Kind::Element, 1}, {Kind::TableWrite, 2}}},
      {{0xfc, 13, 1}, {{Kind::Element, 1}}},
      {{0xfc, 14, 1, 2}, {{Kind::TableWrite, 1}, {Kind::Table, 2}}},
      {{0xfc, 15, 1}, {{Kind::TableWrite, 1}}},
      {{0xfc, 0x13}, {}},
      {{0xfd, 0x54, 0x40, 3, 0, 1}, {{Kind::MemoryOperand, 3}}},
      {{0xfd, 0x80, 0x02}, {}},
      {{0xfe, 0x10, 0x42, 1, 0}, {{Kind::MemoryOperand, 1}}},
      {{0xfe, 3, 0}, {}},
  };
  for (const Expected& item : table) {
    std::vector<uint8_t> body{0};
    body.insert(body.end(), item.code.begin(), item.code.end());
    body.push_back(0x01);  // what follows is found
    body.push_back(0x0b);
    References found;
    auto decoded = decode_body(body, 0, found);
    ASSERT_TRUE(decoded) << static_cast<int>(item.code[0]) << " " << decoded.error().to_string();
    std::vector<std::pair<Kind, uint32_t>> references;
    for (const auto& reference : found.list) {
      references.emplace_back(reference.kind, reference.index);
    }
    EXPECT_EQ(references, item.references) << static_cast<int>(item.code[0]);
  }
}

TEST(References, NotesACallOfAConstantSlot) {
  const std::vector<uint8_t> body{0, 0x41, 0x05, 0x11, 2, 1, 0x0b};
  References found;
  ASSERT_TRUE(decode_body(body, 0, found));
  ASSERT_EQ(found.constant_calls.size(), 1u);
  EXPECT_EQ(found.constant_calls[0].slot, 5u);
  EXPECT_EQ(found.constant_calls[0].type, 2u);
  EXPECT_EQ(found.constant_calls[0].table, 1u);
  ASSERT_EQ(found.list.size(), 1u);
  EXPECT_EQ(found.list[0].offset, 1u);
  EXPECT_EQ(found.list[0].length, 5u);
  // Not in an initializer, whose references belong to no body.
  EXPECT_FALSE(decode_initializer(std::span(body).subspan(1), 0, found));
}

}  // namespace
}  // namespace spindle::wasm
