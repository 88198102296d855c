#include "assemble/componentize/adapters.h"

#include <fmt/format.h>

#include <array>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "component/binary/limits.h"
#include "wasm/rewrite/module_sections.h"
#include "wasm/rewrite/prune.h"

namespace spindle::assemble {
namespace {

using wasm::rewrite::ItemKind;
using wasm::rewrite::ModuleSections;

constexpr uint32_t kStackBytes = 65'536;
constexpr int32_t kStackAlign = 8;
// The values of the global `allocation_state` that an adapter knows.
constexpr int32_t kStackAllocating = 1;
constexpr int32_t kStackAllocated = 2;

enum Section : uint8_t { kTypes = 1, kFunctions = 3, kExports = 7, kCode = 10 };

// What giving an adapter its stack takes.
struct StackParts {
  uint32_t stack_pointer = 0;
  uint32_t allocation_state = 0;
  uint32_t realloc = 0;
};

// The names of globals: subsection 7 of the section `name`.
Result<std::optional<uint32_t>> find_global(const ModuleSections& module, std::string_view wanted) {
  for (const auto& custom : module.custom) {
    if (custom.name != "name") continue;
    ByteReader reader(custom.content);
    while (!reader.at_end()) {
      auto id = TRY(reader.u8());
      auto size = TRY(reader.leb_u32());
      auto part = TRY(reader.take(size));
      if (id != 7) continue;
      auto count = TRY(part.leb_u32());
      for (uint32_t i = 0; i < count; ++i) {
        auto index = TRY(part.leb_u32());
        auto name = TRY(part.name(component::kMaxNameBytes));
        if (name == wanted && index < module.globals.size()) return std::optional(index);
      }
    }
  }
  return std::optional<uint32_t>();
}

Result<std::optional<StackParts>> find_stack(const ModuleSections& module) {
  auto pointer = TRY(find_global(module, "__stack_pointer"));
  if (!pointer) return std::optional<StackParts>();
  auto state = TRY(find_global(module, "allocation_state"));
  for (const auto& import : module.imports) {
    bool is_realloc = import.kind == ItemKind::Func && import.module == "__main_module__" &&
                      import.name == "cabi_realloc";
    if (is_realloc && state) return std::optional(StackParts{*pointer, *state, import.index});
  }
  return Error::not_supported(
      "the adapter has a stack, but neither an `allocation_state` nor an import of `cabi_realloc` "
      "to allocate it with");
}

// if (allocation_state == 0) {
//   allocation_state = 1; __stack_pointer = cabi_realloc(0, 0, 8, size) + size; allocation_state =
//   2
// }
ByteWriter allocate_stack(const StackParts& parts) {
  ByteWriter body;
  auto constant = [&](int32_t value) {
    body.u8(0x41);
    body.leb_s32(value);
  };
  auto global = [&](uint8_t opcode, uint32_t index) {
    body.u8(opcode);
    body.leb_u32(index);
  };
  body.leb_u32(0);
  global(0x23, parts.allocation_state);
  body.u8(0x45);
  body.u8(0x04);
  body.u8(0x40);
  constant(kStackAllocating);
  global(0x24, parts.allocation_state);
  for (int32_t argument : {0, 0, kStackAlign, int32_t{kStackBytes}}) constant(argument);
  body.u8(0x10);
  body.leb_u32(parts.realloc);
  constant(kStackBytes);
  body.u8(0x6a);
  global(0x24, parts.stack_pointer);
  constant(kStackAllocated);
  global(0x24, parts.allocation_state);
  body.u8(0x0b);
  body.u8(0x0b);
  return body;
}

// Calls `first`, then `function` with its parameters.
ByteWriter call_after(uint32_t first, uint32_t function, uint32_t params) {
  ByteWriter body;
  body.leb_u32(0);
  body.u8(0x10);
  body.leb_u32(first);
  for (uint32_t i = 0; i < params; ++i) {
    body.u8(0x20);
    body.leb_u32(i);
  }
  body.u8(0x10);
  body.leb_u32(function);
  body.u8(0x0b);
  return body;
}

// How many parameters each type has. Adapters have function types of numbers only.
Result<std::vector<uint32_t>> parameter_counts(const ModuleSections& module) {
  ByteReader reader(module.types);
  std::vector<uint32_t> counts;
  auto count = TRY(reader.leb_u32());
  for (uint32_t i = 0; i < count; ++i) {
    auto code = TRY(reader.u8());
    if (code != 0x60) return reader.error("expected a function type in an adapter");
    auto params = TRY(reader.leb_u32());
    TRY(reader.bytes(params));
    auto results = TRY(reader.leb_u32());
    TRY(reader.bytes(results));
    counts.push_back(params);
  }
  return counts;
}

bool is_allocator(std::string_view name) {
  return name == "cabi_realloc" || name == "cabi_import_realloc" || name == "cabi_export_realloc";
}

// The sections of an adapter that change, taken apart.
class AdapterWriter {
 public:
  AdapterWriter(std::span<const uint8_t> bytes, const ModuleSections& module,
                const std::set<std::string_view>& keep)
      : bytes_(bytes), module_(module), keep_(keep) {}

  Result<std::vector<uint8_t>> write();
  std::vector<std::string_view> export_names() const {
    std::vector<std::string_view> names;
    for (const auto& item : exports_) names.push_back(item.name);
    return names;
  }

 private:
  // Of a module with a stack: a function that allocates it, and one for each export.
  Result<void> add_stack(const StackParts& parts);
  Result<void> write_section(uint8_t id, std::span<const uint8_t> content);
  // A vector with more entries at its end.
  Result<void> extend(uint8_t id, std::span<const uint8_t> content, uint32_t more,
                      const ByteWriter& entries);
  void write_exports();

  std::span<const uint8_t> bytes_;
  const ModuleSections& module_;
  const std::set<std::string_view>& keep_;
  std::vector<wasm::rewrite::ModuleExport> exports_;
  uint32_t added_types_ = 0;
  uint32_t added_functions_ = 0;
  ByteWriter types_;
  ByteWriter functions_;
  ByteWriter code_;
  ByteWriter out_;
};

Result<void> AdapterWriter::add_stack(const StackParts& parts) {
  auto params = TRY(parameter_counts(module_));
  types_.bytes(std::array<uint8_t, 3>{0x60, 0x00, 0x00});
  added_types_ = 1;
  auto first = module_.count(ItemKind::Func);
  functions_.leb_u64(params.size());
  code_.sized(allocate_stack(parts));
  added_functions_ = 1;
  for (auto& item : exports_) {
    if (item.kind != ItemKind::Func) continue;
    auto type = module_.functions.at(item.index);
    if (type >= params.size()) return Error::invalid_input("an adapter has an unknown type");
    functions_.leb_u32(type);
    code_.sized(call_after(first, item.index, params[type]));
    item.index = first + added_functions_++;
  }
  return {};
}

Result<void> AdapterWriter::extend(uint8_t id, std::span<const uint8_t> content, uint32_t more,
                                   const ByteWriter& entries) {
  ByteReader reader(content);
  auto count = TRY(reader.leb_u32());
  ByteWriter extended;
  extended.leb_u32(count + more);
  extended.bytes(reader.rest());
  extended.bytes(entries);
  out_.section(id, extended);
  return {};
}

void AdapterWriter::write_exports() {
  ByteWriter content;
  content.leb_u64(exports_.size());
  for (const auto& item : exports_) {
    content.name(item.name);
    content.u8(static_cast<uint8_t>(item.kind));
    content.leb_u32(item.index);
  }
  out_.section(kExports, content);
}

Result<void> AdapterWriter::write_section(uint8_t id, std::span<const uint8_t> content) {
  switch (id) {
    case kTypes: return extend(id, content, added_types_, types_);
    case kFunctions: return extend(id, content, added_functions_, functions_);
    case kCode: return extend(id, content, added_functions_, code_);
    case kExports: write_exports(); return {};
    default: break;
  }
  out_.u8(id);
  out_.sized(content);
  return {};
}

Result<std::vector<uint8_t>> AdapterWriter::write() {
  for (const auto& item : module_.exports) {
    if (keep_.contains(item.name) || is_allocator(item.name)) exports_.push_back(item);
  }
  auto stack = TRY(find_stack(module_));
  if (stack) TRY(add_stack(*stack));
  ByteReader reader(bytes_);
  auto preamble = TRY(reader.bytes(8));
  out_.bytes(preamble);
  while (!reader.at_end()) {
    auto id = TRY(reader.u8());
    auto size = TRY(reader.leb_u32());
    auto content = TRY(reader.bytes(size));
    // Names and producers are of no use any more.
    if (id != 0) TRY(write_section(id, content));
  }
  return out_.take();
}

}  // namespace

Result<std::vector<uint8_t>> prepare_adapter(std::span<const uint8_t> adapter,
                                             const std::set<std::string_view>& keep) {
  auto module = TRY(wasm::rewrite::read_module_sections(adapter).context("adapter"));
  AdapterWriter writer(adapter, module, keep);
  auto written = TRY(writer.write());
  return wasm::prune_module(written, writer.export_names());
}

}  // namespace spindle::assemble
