#include "wasm/rewrite/type_table.h"

#include <fmt/format.h>

#include "base/byte_reader.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr uint32_t kTypeLimit = 1'000'000;
constexpr uint32_t kSupertypeLimit = 5;

Error unknown(const ByteReader& reader, uint8_t code, std::string_view what) {
  return Error::invalid_input(fmt::format("unknown code 0x{:02x}, expected {}", code, what))
      .with_offset(reader.offset() - 1);
}

}  // namespace

// Reads recursion groups in a normal form: shorthands written out the same way, numbers short.
class TypeSectionReader {
 public:
  TypeSectionReader(TypeTable& table, ByteReader reader) : table_(table), reader_(reader) {}
  Result<std::vector<TypeId>> read();

 private:
  Result<void> group();
  Result<void> sub_type(uint32_t member);
  Result<void> composite(uint32_t member);
  Result<uint32_t> values();
  Result<void> field();
  Result<void> value_type();
  Result<void> heap_type();
  Result<void> type_index(bool is_signed);
  Result<uint32_t> count();
  uint32_t intern(TypeTable::Group group);

  TypeTable& table_;
  ByteReader reader_;
  std::vector<TypeId> ids_;
  // Of the group being read. References to its own members are relative, kOwn upwards.
  ByteWriter bytes_;
  std::vector<TypeTable::Gap> gaps_;
  std::vector<TypeTable::Type> members_;
  uint32_t group_size_ = 0;

  static constexpr TypeId kOwn = 1U << 31;
};

Result<uint32_t> TypeSectionReader::count() {
  auto value = TRY(reader_.leb_u32());
  if (value > reader_.remaining() || value > kTypeLimit) {
    return reader_.error(fmt::format("{} entries in {} bytes", value, reader_.remaining()));
  }
  return value;
}

Result<void> TypeSectionReader::type_index(bool is_signed) {
  uint64_t index = 0;
  if (is_signed) {
    index = static_cast<uint64_t>(TRY(reader_.leb_s33()));
  } else {
    index = TRY(reader_.leb_u32());
  }
  const uint64_t own = ids_.size();
  if (index >= own + group_size_) {
    return reader_.error(fmt::format("type {} does not exist yet", index));
  }
  TypeId id = index < own ? ids_[index] : kOwn + static_cast<uint32_t>(index - own);
  gaps_.push_back({static_cast<uint32_t>(bytes_.size()), id, is_signed});
  return {};
}

Result<void> TypeSectionReader::heap_type() {
  auto code = TRY(reader_.peek());
  if (code == 0x62 || code == 0x65) {
    bytes_.u8(code);
    TRY(reader_.u8());
    code = TRY(reader_.peek());
  }
  if (code < 0x68 || code > 0x75) return type_index(true);
  bytes_.u8(code);
  TRY(reader_.u8());
  return {};
}

Result<void> TypeSectionReader::value_type() {
  auto code = TRY(reader_.u8());
  if (code == 0x63 || code == 0x64) {
    // The abstract nullable ones have a short form too.
    auto heap = TRY(reader_.peek());
    const bool is_short = code == 0x63 && heap >= 0x68 && heap <= 0x75;
    if (!is_short) bytes_.u8(code);
    return heap_type();
  }
  bytes_.u8(code);
  if (code == 0x65) {
    auto heap = TRY(reader_.u8());
    bytes_.u8(heap);
  } else if (code < 0x68 || code > 0x7f) {
    return unknown(reader_, code, "a value type");
  }
  return {};
}

Result<void> TypeSectionReader::field() {
  TRY(value_type());
  auto mutability = TRY(reader_.u8());
  bytes_.u8(mutability);
  return {};
}

Result<uint32_t> TypeSectionReader::values() {
  auto number = TRY(count());
  bytes_.leb_u32(number);
  for (uint32_t i = 0; i < number; ++i) TRY(value_type());
  return number;
}

Result<void> TypeSectionReader::composite(uint32_t member) {
  auto code = TRY(reader_.u8());
  bytes_.u8(code);
  if (code == 0x65) {
    code = TRY(reader_.u8());
    bytes_.u8(code);
  }
  switch (code) {
    case 0x60: {
      TypeTable::Arity arity;
      arity.params = TRY(values());
      arity.results = TRY(values());
      members_[member].arity = arity;
      return {};
    }
    case 0x5f: {
      auto fields = TRY(count());
      bytes_.leb_u32(fields);
      for (uint32_t i = 0; i < fields; ++i) TRY(field());
      return {};
    }
    case 0x5e: return field();
    case 0x5d: return type_index(true);
    default: return unknown(reader_, code, "a type");
  }
}

Result<void> TypeSectionReader::sub_type(uint32_t member) {
  auto code = TRY(reader_.peek());
  if (code == 0x50 || code == 0x4f) {
    TRY(reader_.u8());
    auto supertypes = TRY(count());
    if (supertypes > kSupertypeLimit) return reader_.error("too many supertypes");
    const bool is_plain = code == 0x4f && supertypes == 0;
    if (!is_plain) {
      bytes_.u8(code);
      bytes_.leb_u32(supertypes);
    }
    for (uint32_t i = 0; i < supertypes; ++i) {
      TRY(type_index(false));
      members_[member].super = gaps_.back().type;
    }
  }
  return composite(member);
}

uint32_t TypeSectionReader::intern(TypeTable::Group group) {
  // References are part of what a group is.
  ByteWriter key;
  key.bytes(group.bytes);
  for (const auto& gap : group.gaps) {
    key.u32_fixed(gap.offset);
    key.u32_fixed(gap.type);
    key.u8(gap.is_signed ? 1 : 0);
  }
  auto view = key.view();
  std::string text(reinterpret_cast<const char*>(view.data()), view.size());
  text += fmt::format("#{}#{}", group.bytes.size(), group.count);
  auto [known, is_new] =
      table_.known_.emplace(std::move(text), static_cast<uint32_t>(table_.groups_.size()));
  if (!is_new) return known->second;

  group.first = table_.size();
  auto absolute = [&](TypeId id) {
    return id != kNoType && id >= kOwn ? group.first + (id - kOwn) : id;
  };
  for (auto& gap : group.gaps) gap.type = absolute(gap.type);
  for (auto& member : members_) {
    member.group = known->second;
    member.super = absolute(member.super);
    table_.types_.push_back(member);
  }
  table_.groups_.push_back(std::move(group));
  return known->second;
}

Result<void> TypeSectionReader::group() {
  auto code = TRY(reader_.peek());
  group_size_ = 1;
  if (code == 0x4e) {
    TRY(reader_.u8());
    group_size_ = TRY(count());
  }
  if (ids_.size() + group_size_ > kTypeLimit || table_.size() + group_size_ > kTypeLimit) {
    return Error::limit_exceeded(fmt::format("more than {} types", kTypeLimit))
        .with_offset(reader_.offset());
  }
  if (group_size_ == 0) return {};
  bytes_ = {};
  gaps_.clear();
  members_.assign(group_size_, {});
  if (group_size_ != 1) {
    bytes_.u8(0x4e);
    bytes_.leb_u32(group_size_);
  }
  for (uint32_t i = 0; i < group_size_; ++i) TRY(sub_type(i));
  uint32_t number = intern({bytes_.take(), std::move(gaps_), 0, group_size_, false});
  gaps_ = {};
  for (uint32_t i = 0; i < group_size_; ++i) ids_.push_back(table_.groups_[number].first + i);
  return {};
}

Result<std::vector<TypeId>> TypeSectionReader::read() {
  auto groups = TRY(count());
  for (uint32_t i = 0; i < groups; ++i) TRY(group());
  if (!reader_.at_end()) return reader_.error("bytes too many in the type section");
  return std::move(ids_);
}

Result<std::vector<TypeId>> TypeTable::add_section(Bytes content, uint64_t base) {
  if (content.empty()) return std::vector<TypeId>();
  return TypeSectionReader(*this, ByteReader(content, base)).read();
}

Result<TypeId> TypeTable::empty_function() {
  static constexpr uint8_t kSection[] = {1, 0x60, 0, 0};
  auto ids = TRY(add_section(kSection, 0));
  return ids[0];
}

bool TypeTable::is_subtype(TypeId type, TypeId super) const {
  // A supertype comes before its subtypes, so this ends, unless a group lies about that.
  for (uint32_t steps = 0; type != kNoType && steps < 64; ++steps) {
    if (type == super) return true;
    type = types_[type].super;
  }
  return false;
}

void TypeTable::use(TypeId type) {
  std::vector<uint32_t> pending{types_[type].group};
  while (!pending.empty()) {
    Group& group = groups_[pending.back()];
    pending.pop_back();
    if (group.is_used) continue;
    group.is_used = true;
    for (const Gap& gap : group.gaps) pending.push_back(types_[gap.type].group);
  }
}

void TypeTable::assign_indices() {
  uint32_t next = 0;
  used_groups_ = 0;
  for (const Group& group : groups_) {
    if (!group.is_used) continue;
    ++used_groups_;
    for (uint32_t i = 0; i < group.count; ++i) types_[group.first + i].index = next++;
  }
}

void TypeTable::write(ByteWriter& out) const {
  for (const Group& group : groups_) {
    if (!group.is_used) continue;
    Bytes bytes(group.bytes);
    uint32_t done = 0;
    for (const Gap& gap : group.gaps) {
      out.bytes(bytes.subspan(done, gap.offset - done));
      done = gap.offset;
      if (gap.is_signed) {
        out.leb_s64(index_of(gap.type));
      } else {
        out.leb_u32(index_of(gap.type));
      }
    }
    out.bytes(bytes.subspan(done));
  }
}

}  // namespace spindle::wasm::rewrite
