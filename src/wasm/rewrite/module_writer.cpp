#include "wasm/rewrite/module_writer.h"

#include <algorithm>

#include <fmt/format.h>

#include "wasm/rewrite/cursor.h"
#include "wasm/rewrite/function_names.h"

namespace spindle::wasm::rewrite {

namespace {

constexpr uint8_t kHeader[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
constexpr uint8_t kFuncRefType = 0x70;
constexpr uint8_t kEnd = 0x0b;

enum SectionId : uint8_t {
  kCustomSection = 0,
  kTypeSection = 1,
  kImportSection = 2,
  kFunctionSection = 3,
  kTableSection = 4,
  kMemorySection = 5,
  kGlobalSection = 6,
  kExportSection = 7,
  kStartSection = 8,
  kElementSection = 9,
  kCodeSection = 10,
  kDataSection = 11,
  kDataCountSection = 12,
  kTagSection = 13,
};

class ModuleWriter {
 public:
  ModuleWriter(Program& program, const Findings& findings, const StartOrder& order,
               const WriterOptions& options)
      : program_(program),
        findings_(findings),
        order_(order),
        options_(options),
        rewriter_(program, findings) {}

  Result<WrittenModule> write();

 private:
  void plan_start();
  Result<void> check_size();
  void type_section();
  Result<void> import_section();
  Result<void> import_type(ByteWriter& section, Node node);
  Result<void> function_section();
  Result<void> check_reads(uint32_t instance, Bytes initializer, uint32_t limit) const;
  Result<void> table_section();
  void memory_section();
  Result<void> tag_section();
  Result<void> global_section();
  void export_section();
  void start_section();
  Result<void> element_section();
  Result<void> element(ByteWriter& section, ItemId id);
  std::optional<std::vector<uint32_t>> element_functions(ItemId id) const;
  bool declare_functions(ByteWriter& section) const;
  void data_count_section();
  Result<void> code_section();
  void start_body(ByteWriter& body);
  void late_segment(ByteWriter& body, Node segment);
  void data_section();
  void name_section();
  uint32_t type_index(uint32_t instance, uint32_t type) const {
    return program_.types().index_of(program_.module_of(instance).types[type]);
  }
  void section(SectionId id, size_t count, const ByteWriter& entries);

  Program& program_;
  const Findings& findings_;
  const StartOrder& order_;
  const WriterOptions& options_;
  Rewriter rewriter_;
  ByteWriter out_;
  // What remains to be done after instantiation, and the function that does it.
  std::vector<Node> steps_;
  bool has_start_body_ = false;
  std::optional<uint32_t> start_;
  uint32_t start_type_ = 0;
};

void ModuleWriter::section(SectionId id, size_t count, const ByteWriter& entries) {
  if (count == 0) return;
  ByteWriter length;
  length.leb_u64(count);
  out_.u8(id);
  out_.leb_u64(length.size() + entries.size());
  out_.bytes(length);
  out_.bytes(entries);
}

// Late segments that nothing reaches are gone, and with them the need to apply them.
void ModuleWriter::plan_start() {
  bool has_function = false;
  for (Node step : order_.steps) {
    if (!findings_.reach.contains(step)) continue;
    steps_.push_back(step);
    has_function |= step.kind == NodeKind::Func;
  }
  VERIFY(has_function || steps_.empty());
  if (steps_.empty()) return;
  if (steps_.size() == 1) {
    start_ = rewriter_.index(steps_[0]);
    return;
  }
  has_start_body_ = true;
  start_ = static_cast<uint32_t>(rewriter_.imported_functions() +
                                 rewriter_.definitions(NodeKind::Func).size());
}

// Before anything is written: what is copied, without the growth of indices.
Result<void> ModuleWriter::check_size() {
  uint64_t bytes = 0;
  for (ItemId id : rewriter_.definitions(NodeKind::Func)) bytes += program_.body(id).size();
  for (ItemId id : rewriter_.definitions(NodeKind::Data)) bytes += program_.data(id).content.size();
  for (ItemId id : rewriter_.definitions(NodeKind::Element)) {
    bytes += program_.element(id).items.size();
  }
  TRY(program_.check_output(bytes));
  // Enough for what is not counted, as a rule.
  out_.reserve(bytes + bytes / 8 + 4096);
  return {};
}

void ModuleWriter::type_section() {
  ByteWriter entries;
  program_.types().write(entries);
  section(kTypeSection, program_.types().used_groups(), entries);
}

Result<void> ModuleWriter::import_type(ByteWriter& section, Node node) {
  uint32_t instance = program_.owner(node);
  const ModuleSections& sections = program_.sections_of(instance);
  uint32_t local = program_.local_index(node);
  section.u8(static_cast<uint8_t>(node.kind));
  switch (node.kind) {
    case NodeKind::Func: section.leb_u32(type_index(instance, sections.functions[local])); break;
    case NodeKind::Table:
      rewriter_.value_type(section, instance, sections.tables[local].element_type);
      section.bytes(sections.tables[local].limits);
      break;
    case NodeKind::Memory: section.bytes(sections.memories[local].type); break;
    case NodeKind::Global:
      rewriter_.value_type(section, instance, sections.globals[local].value_type);
      section.u8(sections.globals[local].flags);
      break;
    case NodeKind::Tag:
      section.u8(0);
      section.leb_u32(type_index(instance, sections.tags[local]));
      break;
    default: return Error::internal("a segment among imports");
  }
  return {};
}

Result<void> ModuleWriter::import_section() {
  ByteWriter entries;
  for (Node node : rewriter_.imports()) {
    if (options_.imports == Imports::HostNumbers) {
      entries.name(kMergedHostModule);
      entries.name(fmt::format("{}", program_.import_number(node)));
    } else {
      entries.name(program_.import_of(node).module);
      entries.name(program_.import_of(node).name);
    }
    TRY(import_type(entries, node));
  }
  section(kImportSection, rewriter_.imports().size(), entries);
  return {};
}

Result<void> ModuleWriter::function_section() {
  ByteWriter entries;
  const auto& functions = rewriter_.definitions(NodeKind::Func);
  for (ItemId id : functions) {
    auto type = TRY(program_.function_type(id));
    entries.leb_u32(program_.types().index_of(type));
  }
  if (has_start_body_) entries.leb_u32(start_type_);
  section(kFunctionSection, functions.size() + (has_start_body_ ? 1 : 0), entries);
  return {};
}

// An initializer reads globals that come before it; `limit` is the index of the first that does
// not.
Result<void> ModuleWriter::check_reads(uint32_t instance, Bytes initializer, uint32_t limit) const {
  if (findings_.constants.evaluate(instance, initializer)) return {};
  References found;
  TRY(decode_initializer(initializer, 0, found));
  for (const Reference& reference : found.list) {
    if (reference.kind != ReferenceKind::Global) continue;
    ItemId id = program_.find_resolved(instance, NodeKind::Global, reference.index);
    if (rewriter_.index({NodeKind::Global, id}) >= limit) {
      return Error::not_supported("an initializer reads a global that comes later");
    }
  }
  return {};
}

Result<void> ModuleWriter::table_section() {
  ByteWriter entries;
  const auto& tables = rewriter_.definitions(NodeKind::Table);
  for (ItemId id : tables) {
    const ModuleTable& table = program_.table(id);
    uint32_t instance = program_.owner({NodeKind::Table, id});
    if (!table.initializer.empty()) {
      const auto imports = std::ranges::count(rewriter_.imports(), NodeKind::Global,
                                              [](Node node) { return node.kind; });
      TRY(check_reads(instance, table.initializer, static_cast<uint32_t>(imports)));
      entries.u8(0x40);
      entries.u8(0);
    }
    rewriter_.value_type(entries, instance, table.element_type);
    entries.bytes(table.limits);
    if (!table.initializer.empty()) rewriter_.initializer(entries, instance, table.initializer);
  }
  section(kTableSection, tables.size(), entries);
  return {};
}

void ModuleWriter::memory_section() {
  ByteWriter entries;
  const auto& memories = rewriter_.definitions(NodeKind::Memory);
  for (ItemId id : memories) entries.bytes(program_.memory(id).type);
  section(kMemorySection, memories.size(), entries);
}

Result<void> ModuleWriter::tag_section() {
  ByteWriter entries;
  const auto& tags = rewriter_.definitions(NodeKind::Tag);
  for (ItemId id : tags) {
    Node node{NodeKind::Tag, id};
    uint32_t instance = program_.owner(node);
    entries.u8(0);
    entries.leb_u32(
        type_index(instance, program_.sections_of(instance).tags[program_.local_index(node)]));
  }
  section(kTagSection, tags.size(), entries);
  return {};
}

Result<void> ModuleWriter::global_section() {
  ByteWriter entries;
  const auto& globals = rewriter_.definitions(NodeKind::Global);
  for (ItemId id : globals) {
    const ModuleGlobal& global = program_.global(id);
    uint32_t instance = program_.owner({NodeKind::Global, id});
    TRY(check_reads(instance, global.initializer, rewriter_.index({NodeKind::Global, id})));
    rewriter_.value_type(entries, instance, global.value_type);
    entries.u8(global.flags);
    rewriter_.initializer(entries, instance, global.initializer);
  }
  section(kGlobalSection, globals.size(), entries);
  return {};
}

void ModuleWriter::export_section() {
  ByteWriter entries;
  size_t count = options_.exports.size();
  for (const ExportedItem& item : options_.exports) {
    entries.name(item.name);
    entries.u8(static_cast<uint8_t>(item.node.kind));
    entries.leb_u32(rewriter_.index(item.node));
  }
  if (start_ && !options_.start_name.empty()) {
    ++count;
    entries.name(options_.start_name);
    entries.u8(static_cast<uint8_t>(NodeKind::Func));
    entries.leb_u32(*start_);
  }
  section(kExportSection, count, entries);
}

void ModuleWriter::start_section() {
  if (!start_ || !options_.start_name.empty()) return;
  ByteWriter content;
  content.leb_u32(*start_);
  out_.section(kStartSection, content);
}

// The elements by index, where that says the same.
std::optional<std::vector<uint32_t>> ModuleWriter::element_functions(ItemId id) const {
  const ElementSegment& segment = program_.element(id);
  uint32_t instance = program_.owner({NodeKind::Element, id});
  std::vector<uint32_t> functions;
  functions.reserve(segment.count);
  if (segment.element_type.empty()) {
    Cursor items(segment.items);
    ItemId base = program_.base(instance, NodeKind::Func);
    for (uint32_t i = 0; i < segment.count; ++i) {
      functions.push_back(rewriter_.index({NodeKind::Func, base + items.leb_u32()}));
    }
    return functions;
  }
  if (segment.element_type.size() != 1 || segment.element_type[0] != kFuncRefType) {
    return std::nullopt;
  }
  Bytes rest = segment.items;
  References scratch;
  for (uint32_t i = 0; i < segment.count; ++i) {
    auto length = decode_initializer(rest, 0, scratch);
    if (!length) return std::nullopt;
    auto value = findings_.constants.evaluate(instance, rest.first(*length));
    if (!value || value->kind != Constant::Kind::Func) return std::nullopt;
    functions.push_back(rewriter_.index({NodeKind::Func, static_cast<ItemId>(value->bits)}));
    rest = rest.subspan(*length);
  }
  return functions;
}

Result<void> ModuleWriter::element(ByteWriter& section, ItemId id) {
  Node node{NodeKind::Element, id};
  const ElementSegment& segment = program_.element(id);
  uint32_t instance = program_.owner(node);
  auto functions = element_functions(id);
  const bool is_active = segment.mode == SegmentMode::Active && !order_.is_late(node);
  uint8_t form = functions ? 0 : 4;
  uint32_t table = 0;
  if (is_active) {
    table = rewriter_.index(findings_.segments.target(node));
    const bool is_func_ref =
        functions || (segment.element_type.size() == 1 && segment.element_type[0] == kFuncRefType);
    if (table != 0 || !is_func_ref) form |= 2;
  } else {
    form |= segment.mode == SegmentMode::Declared ? 3 : 1;
  }
  section.u8(form);
  if (is_active) {
    if ((form & 2) != 0) section.leb_u32(table);
    rewriter_.initializer(section, instance, segment.offset);
  }
  if ((form & 3) != 0) {
    if (functions) {
      section.u8(0);
    } else {
      rewriter_.value_type(section, instance, segment.element_type);
    }
  }
  section.leb_u32(segment.count);
  if (functions) {
    for (uint32_t function : *functions) section.leb_u32(function);
    return {};
  }
  Bytes rest = segment.items;
  References scratch;
  for (uint32_t i = 0; i < segment.count; ++i) {
    auto length = TRY(decode_initializer(rest, 0, scratch));
    rewriter_.initializer(section, instance, rest.first(length));
    rest = rest.subspan(length);
  }
  return {};
}

// Functions whose references code makes have to be mentioned outside of code.
bool ModuleWriter::declare_functions(ByteWriter& section) const {
  std::vector<uint32_t> functions;
  for (ItemId id = 0; id < program_.count(NodeKind::Func); ++id) {
    if (findings_.reach.is_referenced(id)) {
      functions.push_back(rewriter_.index({NodeKind::Func, id}));
    }
  }
  if (functions.empty()) return false;
  section.u8(3);
  section.u8(0);
  section.leb_u64(functions.size());
  for (uint32_t function : functions) section.leb_u32(function);
  return true;
}

Result<void> ModuleWriter::element_section() {
  ByteWriter entries;
  const auto& elements = rewriter_.definitions(NodeKind::Element);
  for (ItemId id : elements) TRY(element(entries, id));
  const bool declares = declare_functions(entries);
  section(kElementSection, elements.size() + (declares ? 1 : 0), entries);
  return {};
}

void ModuleWriter::data_count_section() {
  size_t count = rewriter_.definitions(NodeKind::Data).size();
  if (count == 0) return;
  ByteWriter content;
  content.leb_u64(count);
  out_.section(kDataCountSection, content);
}

void ModuleWriter::late_segment(ByteWriter& body, Node segment) {
  uint32_t instance = program_.owner(segment);
  const bool is_data = segment.kind == NodeKind::Data;
  Bytes offset = is_data ? program_.data(segment.id).offset : program_.element(segment.id).offset;
  uint64_t length =
      is_data ? program_.data(segment.id).content.size() : program_.element(segment.id).count;
  ByteWriter address;
  rewriter_.initializer(address, instance, offset);
  body.bytes(address.view().first(address.size() - 1));  // without `end`
  body.u8(0x41);
  body.leb_s32(0);
  body.u8(0x41);
  body.leb_s32(static_cast<int32_t>(static_cast<uint32_t>(length)));
  body.u8(0xfc);  // memory.init or table.init
  body.u8(is_data ? 8 : 12);
  body.leb_u32(rewriter_.index(segment));
  body.leb_u32(rewriter_.index(findings_.segments.target(segment)));
  body.u8(0xfc);  // data.drop or elem.drop
  body.u8(is_data ? 9 : 13);
  body.leb_u32(rewriter_.index(segment));
}

void ModuleWriter::start_body(ByteWriter& body) {
  body.u8(0);  // locals
  for (Node step : steps_) {
    if (step.kind == NodeKind::Func) {
      body.u8(0x10);
      body.leb_u32(rewriter_.index(step));
    } else {
      late_segment(body, step);
    }
  }
  body.u8(kEnd);
}

// Written in place: it is most of the module.
Result<void> ModuleWriter::code_section() {
  const auto& functions = rewriter_.definitions(NodeKind::Func);
  const size_t count = functions.size() + (has_start_body_ ? 1 : 0);
  if (count == 0) return {};
  out_.u8(kCodeSection);
  const size_t length_at = out_.size();
  out_.leb_u32_padded(0);
  const size_t begin = out_.size();
  out_.leb_u64(count);
  ByteWriter body;
  for (ItemId id : functions) {
    body.clear();
    TRY(rewriter_.body(body, id));
    out_.sized(body);
    TRY(program_.check_output(out_.size()));
  }
  if (has_start_body_) {
    body.clear();
    start_body(body);
    out_.sized(body);
  }
  out_.patch_leb_u32(length_at, static_cast<uint32_t>(out_.size() - begin));
  return {};
}

void ModuleWriter::data_section() {
  ByteWriter entries;
  const auto& segments = rewriter_.definitions(NodeKind::Data);
  for (ItemId id : segments) {
    Node node{NodeKind::Data, id};
    const DataSegment& segment = program_.data(id);
    if (segment.mode != SegmentMode::Active || order_.is_late(node)) {
      entries.u8(1);
    } else {
      uint32_t memory = rewriter_.index(findings_.segments.target(node));
      entries.u8(memory == 0 ? 0 : 2);
      if (memory != 0) entries.leb_u32(memory);
      rewriter_.initializer(entries, program_.owner(node), segment.offset);
    }
    entries.sized(segment.content);
  }
  section(kDataSection, segments.size(), entries);
}

void ModuleWriter::name_section() {
  FunctionNames names;
  ByteWriter entries;
  uint32_t count = 0;
  auto add = [&](ItemId id, uint32_t index) {
    Node node{NodeKind::Func, id};
    auto name = names.find(program_.sections_of(program_.owner(node)), program_.local_index(node));
    if (name.empty()) return;
    entries.leb_u32(index);
    entries.name(name);
    ++count;
  };
  for (Node node : rewriter_.imports()) {
    if (node.kind == NodeKind::Func) add(node.id, rewriter_.index(node));
  }
  for (ItemId id : rewriter_.definitions(NodeKind::Func)) {
    add(id, rewriter_.index({NodeKind::Func, id}));
  }
  if (count == 0) return;
  ByteWriter map;
  map.leb_u32(count);
  map.bytes(entries);
  ByteWriter content;
  content.name("name");
  content.section(1, map);
  out_.section(kCustomSection, content);
}

Result<WrittenModule> ModuleWriter::write() {
  plan_start();
  if (has_start_body_) {
    auto type = TRY(program_.types().empty_function());
    start_type_ = program_.types().index_of(type);
  }
  TRY(check_size());
  out_.bytes(Bytes(kHeader));
  type_section();
  TRY(import_section());
  TRY(function_section());
  TRY(table_section());
  memory_section();
  TRY(tag_section());
  TRY(global_section());
  export_section();
  start_section();
  TRY(element_section());
  data_count_section();
  TRY(code_section());
  data_section();
  name_section();
  TRY(program_.check_output(out_.size()));
  WrittenModule written;
  written.bytes = out_.take();
  written.statistics.functions_in = program_.count(NodeKind::Func);
  written.statistics.functions_out = static_cast<uint32_t>(
      rewriter_.imported_functions() + rewriter_.definitions(NodeKind::Func).size() +
      (has_start_body_ ? 1 : 0));
  written.statistics.direct_calls = rewriter_.direct_calls() + findings_.direct_calls.forwarders();
  written.statistics.folded_globals = rewriter_.folded_globals();
  return written;
}

}  // namespace

Result<WrittenModule> write_module(Program& program, const Findings& findings,
                                   const StartOrder& order, const WriterOptions& options) {
  return ModuleWriter(program, findings, order, options).write();
}

}  // namespace spindle::wasm::rewrite
