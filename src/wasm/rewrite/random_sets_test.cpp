// Random sets of instances: run one by one and merged, they must do the same.
//
// An instance defines or imports a memory, a table and a global, and has functions (i32) -> i32
// made of loads, stores, host calls and calls of what is there already; segments at places that may
// be out of bounds; perhaps a start function. What tables hold never calls through tables, so
// everything ends.

#include <gtest/gtest.h>

#include <random>

#include "wasm/rewrite/oracle.h"

namespace spindle::wasm {
namespace {

using testing::Journal;
using testing::manual_engine;
using testing::SetRunner;

class SetMaker {
 public:
  explicit SetMaker(unsigned seed) : random_(seed) {}

  testing::InstanceSet make() {
    testing::InstanceSet set;
    const uint32_t instances = 2 + below(4);
    for (uint32_t i = 0; i < instances; ++i) add_instance(i);
    std::vector<testing::SetInstance> texts;
    for (uint32_t i = 0; i < instances; ++i) texts.push_back({texts_[i], imports_[i]});
    return testing::make_set(texts);
  }

  std::vector<std::string> calls() {
    std::vector<std::string> calls;
    for (int i = 0; i < 12; ++i) {
      calls.push_back(fmt::format("{} {}", functions_[below(functions_.size())], below(6)));
    }
    return calls;
  }

  std::string description() const { return fmt::format("{}", fmt::join(texts_, "\n")); }

 private:
  uint32_t below(size_t limit) { return static_cast<uint32_t>(random_() % limit); }
  bool chance(uint32_t percent) { return below(100) < percent; }

  // An import of an earlier instance's item, or a definition. Both are exported again.
  void item(uint32_t number, std::vector<std::string>& known, std::string_view import_type,
            std::string_view definition) {
    const std::string name = fmt::format("{}", definition.substr(1, 1));
    if (!known.empty() && chance(60)) {
      text_ += fmt::format(" (import \"\" \"\" {})", import_type);
      imports_.back().push_back(known[below(known.size())]);
      exports_ += fmt::format(" (export \"{0}\" ({1} 0))", name,
                              import_type.substr(1, import_type.find(' ') - 1));
    } else {
      definitions_ += fmt::format(" {}", definition);
      exports_ += fmt::format(" (export \"{0}\" ({1} 0))", name,
                              import_type.substr(1, import_type.find(' ') - 1));
    }
    known.push_back(fmt::format("{}.{}", number, name));
  }

  std::string expression(bool is_leaf) {
    switch (below(is_leaf ? 7 : 10)) {
      case 0: return "(local.get 0)";
      case 1: return fmt::format("(i32.const {})", below(8));
      case 2: return fmt::format("(i32.load8_u (i32.const {}))", below(24));
      case 3: return "(global.get 0)";
      case 4:
        return "(block (result i32) (global.set 0 (i32.add (global.get 0) (i32.const 1)))"
               " (global.get 0))";
      case 5: {
        uint32_t address = below(24);
        return fmt::format(
            "(block (result i32) (i32.store8 (i32.const {}) (i32.add (local.get 0)"
            " (i32.const {}))) (i32.const 1))",
            address, below(50));
      }
      case 6: return fmt::format("(call 0 (i32.const {}))", below(4));
      case 7: return fmt::format("(call_indirect (type 0) (local.get 0) (i32.const {}))", below(6));
      case 8:
        return fmt::format(
            "(call_indirect (type 0) (local.get 0) (i32.and (local.get 0) "
            "(i32.const 3)))");
      default: return fmt::format("(call {} {})", below(callable_), expression(true));
    }
  }

  void functions() {
    // Leaves first; then what may call through tables. All may be called by number.
    leaves_ = callable_;
    for (uint32_t i = 0, leaves = 1 + below(3); i < leaves; ++i) function(true);
    leaves_end_ = callable_;
    for (uint32_t i = 0, others = 1 + below(4); i < others; ++i) function(false);
  }

  void function(bool is_leaf) {
    std::string body = expression(is_leaf);
    for (uint32_t i = 0, more = below(4); i < more; ++i) {
      body = fmt::format("(i32.add {} {})", body, expression(is_leaf));
    }
    if (!is_leaf && chance(30)) {
      body = fmt::format("(call_indirect (type 0) (local.get 0) (i32.const {}))", below(4));
    } else if (!is_leaf && chance(20)) {
      body = fmt::format("(call {} (local.get 0))", below(callable_));
    } else if (!is_leaf && chance(15)) {
      body = fmt::format(
          "(block (result i32) (table.set (i32.const {}) (table.get (i32.const {})))"
          " (i32.const 0))",
          below(5), below(5));
    }
    definitions_ += fmt::format(" (func (export \"f{}\") (type 0) {})", callable_, body);
    pending_functions_.push_back(fmt::format("f{}", callable_));
    ++callable_;
  }

  void segments() {
    for (uint32_t i = 0, count = below(3); i < count; ++i) {
      uint32_t offset = chance(5) ? 65535 : below(20);
      definitions_ += chance(30) ? fmt::format(" (data (global.get 1) \"\\0{}x\")", below(8))
                                 : fmt::format(" (data (i32.const {}) \"\\0{}\\0{}\")", offset,
                                               below(8), below(8));
    }
    for (uint32_t i = 0, count = below(3); i < count; ++i) {
      definitions_ += fmt::format(" (elem (i32.const {}) func {} {})", chance(5) ? 5 : below(4),
                                  leaf(), leaf());
    }
  }

  uint32_t leaf() { return leaves_ + below(leaves_end_ - leaves_); }

  void add_instance(uint32_t number) {
    text_ = "(module (type (func (param i32) (result i32))) (type (func))";
    definitions_.clear();
    exports_.clear();
    pending_functions_.clear();
    imports_.emplace_back();
    callable_ = 1;
    text_ += " (import \"\" \"host\" (func (type 0)))";
    imports_.back().push_back(fmt::format("h{}", below(4)));
    for (uint32_t i = 0, count = functions_.empty() ? 0 : below(4); i < count; ++i) {
      text_ += " (import \"\" \"f\" (func (type 0)))";
      imports_.back().push_back(functions_[below(functions_.size())]);
      ++callable_;
    }
    item(number, memories_, "(memory 1)", "(memory 1)");
    item(number, tables_, "(table 6 funcref)", "(table 6 funcref)");
    item(number, globals_, "(global (mut i32))", "(global (mut i32) (i32.const 5))");
    base(number);
    functions();
    segments();
    if (chance(50)) {
      definitions_ += fmt::format(" (func $start (drop (call {} (i32.const {})))) (start $start)",
                                  below(callable_), below(4));
    }
    texts_.push_back(text_ + definitions_ + exports_ + ")");
    for (const auto& name : pending_functions_) {
      functions_.push_back(fmt::format("{}.{}", number, name));
    }
  }

  // A constant base, imported where somebody has one.
  void base(uint32_t number) {
    // Imports come before definitions, and the counter is global 0.
    const bool counter_is_defined = definitions_.find("(global") != std::string::npos;
    if (!bases_.empty() && !counter_is_defined && chance(70)) {
      text_ += " (import \"\" \"base\" (global i32))";
      imports_.back().push_back(bases_[below(bases_.size())]);
    } else {
      definitions_ += fmt::format(" (global i32 (i32.const {}))", below(12));
    }
    exports_ += " (export \"base\" (global 1))";
    bases_.push_back(fmt::format("{}.base", number));
  }

  std::mt19937 random_;
  std::vector<std::string> texts_;
  std::vector<std::vector<std::string>> imports_;
  std::vector<std::string> memories_, tables_, globals_, bases_, functions_;
  std::vector<std::string> pending_functions_;
  std::string text_, definitions_, exports_;
  uint32_t callable_ = 1;
  uint32_t leaves_ = 0;
  uint32_t leaves_end_ = 0;
};

TEST(RandomSets, DoTheSameMerged) {
  int trapped = 0;
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    SetMaker maker(seed);
    auto set = maker.make();
    auto calls = maker.calls();
    auto merged = merge_modules(set.instances, testing::exports_of(calls));
    ASSERT_TRUE(merged) << merged.error().to_string() << "\n" << maker.description();
    Journal split = SetRunner(manual_engine()).run_split(set, calls);
    Journal whole = SetRunner(manual_engine()).run_merged(*merged, calls);
    ASSERT_EQ(split, whole) << maker.description();
    trapped += split.back() == "trap" ? 1 : 0;
  }
  // Most sets run to their end.
  EXPECT_LT(trapped, 35);
}

}  // namespace
}  // namespace spindle::wasm
