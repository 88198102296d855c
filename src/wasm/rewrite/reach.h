#pragma once

// Reach: what can be used, starting from some items and following references.
//
// Code reaches what it mentions; a table reaches the functions in its active segments, a memory its
// data. A table or memory that only its own segments write is thus not reached, nor are they.
// Functions that are compared or stored (`ref.func`) and tables that code may change are noted on
// the way.

#include <array>
#include <optional>
#include <vector>

#include "wasm/rewrite/constants.h"
#include "wasm/rewrite/program.h"

namespace spindle::wasm::rewrite {

// Active segments by what they initialize, and what is known of them.
class Segments {
 public:
  static Result<Segments> find(const Program& program, const Constants& constants);

  const std::vector<ItemId>& of_table(ItemId table) const { return by_table_[table]; }
  const std::vector<ItemId>& of_memory(ItemId memory) const { return by_memory_[memory]; }
  // The table or memory that an active segment initializes, resolved.
  Node target(Node segment) const;
  // It cannot trap: its offset is known, and it fits the least size of its target.
  bool is_safe(Node segment) const;
  // Its offset, where known.
  std::optional<uint64_t> offset(Node segment) const;

 private:
  struct Placement {
    ItemId target = 0;
    std::optional<uint64_t> offset;
    bool is_safe = false;
  };
  const Placement& placement(Node segment) const {
    return (segment.kind == NodeKind::Element ? elements_ : data_)[segment.id];
  }
  std::vector<std::vector<ItemId>> by_table_;
  std::vector<std::vector<ItemId>> by_memory_;
  std::vector<Placement> elements_;
  std::vector<Placement> data_;
};

// Calls through a table whose target is known.
class DirectCalls;

class Reach {
 public:
  Reach(Program& program, const Constants& constants, const Segments& segments,
        const DirectCalls* direct_calls = nullptr);

  // `node` is resolved. Takes effect with the next run().
  void add(Node node);
  Result<void> run();

  bool contains(Node node) const { return is_reached_[static_cast<size_t>(node.kind)][node.id]; }
  bool is_referenced(ItemId function) const { return is_referenced_[function]; }
  bool is_written(ItemId table) const { return is_written_[table]; }
  bool reaches_host() const { return reaches_host_; }
  const std::vector<bool>& types() const { return is_type_used_; }

 private:
  Result<void> visit(Node node);
  Result<void> visit_function(Node node);
  Result<void> visit_element(Node node);
  Result<void> follow(uint32_t instance, std::span<const Reference> references);
  Result<void> follow_one(uint32_t instance, const Reference& reference);
  Result<void> follow_constant_call(uint32_t instance, const ConstantCall& call);
  Result<void> follow_type(uint32_t instance, uint32_t index);
  Result<void> follow_index(uint32_t instance, NodeKind kind, uint32_t index);
  Result<void> follow_value_type(uint32_t instance, Bytes type);
  Result<void> follow_initializer(uint32_t instance, Bytes initializer);

  Program& program_;
  const Constants& constants_;
  const Segments& segments_;
  const DirectCalls* direct_calls_;
  std::array<std::vector<bool>, kNodeKinds> is_reached_;
  std::vector<bool> is_referenced_;
  std::vector<bool> is_written_;
  std::vector<bool> is_type_used_;
  bool reaches_host_ = false;
  uint64_t code_bytes_ = 0;
  std::vector<Node> pending_;
};

}  // namespace spindle::wasm::rewrite
