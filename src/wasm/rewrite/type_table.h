#pragma once

// TypeTable: the types of several modules, each recursion group once.
//
// Types are structural: two groups that look the same, with references to same types, are the same
// type at run time, so equal groups of different modules become one. Equality of two TypeIds is
// then equality of types. A group is kept as bytes with gaps where type indices stand; the writer
// fills in final indices for the groups that are used.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "wasm/rewrite/references.h"

namespace spindle::wasm::rewrite {

using TypeId = uint32_t;
inline constexpr TypeId kNoType = UINT32_MAX;

class TypeTable {
 public:
  // Adds the types of a module's type section; the result is indexed by the module's type indices.
  Result<std::vector<TypeId>> add_section(Bytes content, uint64_t base);
  // The type () -> ().
  Result<TypeId> empty_function();

  uint32_t size() const { return static_cast<uint32_t>(types_.size()); }
  // Of a function type; nothing for others.
  struct Arity {
    uint32_t params = 0;
    uint32_t results = 0;
    friend bool operator==(const Arity&, const Arity&) = default;
  };
  std::optional<Arity> arity(TypeId type) const { return types_[type].arity; }
  // `type` is `super`, or declares it as a supertype, directly or not.
  bool is_subtype(TypeId type, TypeId super) const;

  // Marks the group of a type, and the groups it mentions, as used.
  void use(TypeId type);
  // Numbers the used types; nothing is marked after this.
  void assign_indices();
  uint32_t index_of(TypeId type) const { return types_[type].index; }
  uint32_t used_groups() const { return used_groups_; }
  // The used groups, in order.
  void write(ByteWriter& out) const;

 private:
  friend class TypeSectionReader;
  struct Gap {
    uint32_t offset = 0;  // in Group::bytes
    TypeId type = 0;
    bool is_signed = false;
  };
  struct Group {
    std::vector<uint8_t> bytes;
    std::vector<Gap> gaps;
    TypeId first = 0;
    uint32_t count = 0;
    bool is_used = false;
  };
  struct Type {
    uint32_t group = 0;
    std::optional<Arity> arity;
    TypeId super = kNoType;
    uint32_t index = 0;
  };

  std::vector<Group> groups_;
  std::vector<Type> types_;
  std::unordered_map<std::string, uint32_t> known_;
  uint32_t used_groups_ = 0;
};

}  // namespace spindle::wasm::rewrite
