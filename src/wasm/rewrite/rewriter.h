#pragma once

// Rewriter: code and initializers of an instance, with the indices of the resulting module.

#include <array>
#include <vector>

#include "base/byte_writer.h"
#include "wasm/rewrite/constants.h"
#include "wasm/rewrite/direct_calls.h"
#include "wasm/rewrite/program.h"
#include "wasm/rewrite/reach.h"

namespace spindle::wasm::rewrite {

// What was found out about a program, for those who write the result.
struct Findings {
  const Constants& constants;
  const Segments& segments;
  const Reach& reach;
  const DirectCalls& direct_calls;
};

class Rewriter {
 public:
  // Numbers everything that is reached: imports first, then in the order of instances. Types are
  // numbered too.
  Rewriter(Program& program, const Findings& findings);

  // Imports that stay, in order.
  const std::vector<Node>& imports() const { return imports_; }
  // The reached items of a kind that the result defines, or its segments, in order.
  const std::vector<ItemId>& definitions(NodeKind kind) const {
    return definitions_[static_cast<size_t>(kind)];
  }
  uint32_t imported_functions() const { return imported_functions_; }
  // Of a reached item, resolved or not.
  uint32_t index(Node node) const { return indices_[static_cast<size_t>(node.kind)][node.id]; }
  uint32_t direct_calls() const { return direct_calls_made_; }
  uint32_t folded_globals() const { return folded_; }

  Result<void> body(ByteWriter& out, ItemId function);
  void value_type(ByteWriter& out, uint32_t instance, Bytes type) const;
  // As a constant where it is one. Ends with `end`.
  void initializer(ByteWriter& out, uint32_t instance, Bytes initializer);
  void constant(ByteWriter& out, const Constant& value) const;

 private:
  void number_imports();
  void number_definitions();
  void copy(ByteWriter& out, uint32_t instance, Bytes bytes,
            std::span<const Reference> references) const;
  static void write(ByteWriter& out, Bytes old, ReferenceKind kind, uint32_t index);
  uint32_t new_index(uint32_t instance, const Reference& reference) const;
  void constant_call(ByteWriter& out, uint32_t instance, Bytes bytes,
                     const Reference& reference) const;

  Program& program_;
  const Findings& findings_;
  std::vector<Node> imports_;
  std::array<std::vector<ItemId>, kNodeKinds> definitions_;
  std::array<std::vector<uint32_t>, kNodeKinds> indices_;
  uint32_t imported_functions_ = 0;
  mutable uint32_t direct_calls_made_ = 0;
  uint32_t folded_ = 0;
  References scratch_;
};

}  // namespace spindle::wasm::rewrite
