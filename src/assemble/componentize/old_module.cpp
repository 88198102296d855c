#include "assemble/componentize/old_module.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "assemble/componentize/spin_wit.h"
#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "component/binary/limits.h"
#include "wit/load.h"

namespace spindle::assemble {
namespace {

struct Renamed {
  std::string_view from;
  std::string_view to;
};

// Interfaces whose functions keep their names, but for kRequest.
constexpr std::array<Renamed, 8> kImports = {{
    {"wasi-outbound-http", "fermyon:spin/http"},
    {"spin-config", "fermyon:spin/config"},
    {"outbound-redis", "fermyon:spin/redis"},
    {"outbound-pg", "fermyon:spin/postgres"},
    {"outbound-mysql", "fermyon:spin/mysql"},
    {"key-value", "fermyon:spin/key-value"},
    {"sqlite", "fermyon:spin/sqlite"},
    {"llm", "fermyon:spin/llm"},
}};
constexpr Renamed kRequest = {"request", "send-request"};

struct Handler {
  std::string_view old_name;
  std::string_view core_name;
  std::string_view interface;
};
constexpr std::array<Handler, 2> kHandlers = {{
    {"handle-http-request", "fermyon:spin/inbound-http#handle-request", "inbound-http"},
    {"handle-redis-message", "fermyon:spin/inbound-redis#handle-message", "inbound-redis"},
}};

constexpr uint8_t kImportSection = 2;
constexpr uint8_t kExportSection = 7;
constexpr size_t kPreambleBytes = 8;

// Reads what an import is; its bytes are copied by the caller.
Result<void> skip_limits(ByteReader& reader) {
  const uint8_t flags = TRY(reader.u8());
  TRY(reader.leb_u64());
  if ((flags & 1) != 0) TRY(reader.leb_u64());
  return {};
}

Result<void> skip_description(ByteReader& reader) {
  const uint8_t kind = TRY(reader.u8());
  switch (kind) {
    case 0: TRY(reader.leb_u32()); return {};
    case 1: TRY(reader.u8()); return skip_limits(reader);
    case 2: return skip_limits(reader);
    case 3: TRY(reader.bytes(2)); return {};
    default: return reader.error(fmt::format("an import of kind {}, expected 0 to 3", kind));
  }
}

Result<ByteWriter> rename_imports(ByteReader reader) {
  ByteWriter out;
  const uint32_t count = TRY(reader.leb_u32());
  out.leb_u32(count);
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view module = TRY(reader.name(component::kMaxNameBytes));
    std::string_view name = TRY(reader.name(component::kMaxNameBytes));
    const auto rest = reader.rest();
    TRY(skip_description(reader));
    const auto* renamed = std::ranges::find(kImports, module, &Renamed::from);
    if (renamed != kImports.end()) {
      module = renamed->to;
      if (renamed == kImports.begin() && name == kRequest.from) name = kRequest.to;
    }
    out.name(module);
    out.name(name);
    out.bytes(rest.first(rest.size() - reader.remaining()));
  }
  return out;
}

Result<ByteWriter> rename_exports(ByteReader reader) {
  ByteWriter out;
  const uint32_t count = TRY(reader.leb_u32());
  out.leb_u32(count);
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view name = TRY(reader.name(component::kMaxNameBytes));
    const auto* handler = std::ranges::find(kHandlers, name, &Handler::old_name);
    out.name(handler == kHandlers.end() ? name : handler->core_name);
    const uint8_t kind = TRY(reader.u8());
    const uint32_t index = TRY(reader.leb_u32());
    out.u8(kind);
    out.leb_u32(index);
  }
  return out;
}

Result<std::vector<uint8_t>> rename(std::span<const uint8_t> module) {
  ByteReader reader(module);
  ByteWriter out;
  out.reserve(module.size());
  const auto preamble = TRY(reader.bytes(kPreambleBytes));
  out.bytes(preamble);
  while (!reader.at_end()) {
    const uint8_t id = TRY(reader.u8());
    const uint32_t size = TRY(reader.leb_u32());
    auto content = TRY(reader.take(size));
    if (id == kImportSection) {
      const auto imports = TRY(rename_imports(content));
      out.section(id, imports);
    } else if (id == kExportSection) {
      const auto exports = TRY(rename_exports(content));
      out.section(id, exports);
    } else {
      out.u8(id);
      out.sized(content.rest());
    }
  }
  return out.take();
}

// All interfaces of Spin 1 and the handlers that the module has.
std::string world_text(const CorePart& part) {
  std::string text = "package fermyon:spin;\n\nworld old-module {\n";
  for (const Renamed& import : kImports) {
    text += fmt::format("  import {};\n", import.to.substr(import.to.find('/') + 1));
  }
  for (const Handler& handler : kHandlers) {
    if (part.exports_function(handler.old_name)) {
      text += fmt::format("  export {};\n", handler.interface);
    }
  }
  return text + "}\n";
}

}  // namespace

bool is_old_module(const CorePart& part) {
  return std::ranges::any_of(
      kHandlers, [&](const Handler& handler) { return part.exports_function(handler.old_name); });
}

Result<OldModule> modernize(const CorePart& part) {
  std::vector<wit::SourceText> texts;
  for (const SpinWit& file : spin_wit()) {
    texts.push_back({std::string(file.name), std::string(file.text)});
  }
  texts.push_back({"old-module.wit", world_text(part)});
  auto bytes = TRY(rename(part.bytes));
  auto resolve = TRY(wit::load_texts(texts));
  const wit::WorldId world = resolve.package(resolve.roots().at(0)).worlds.at(0);
  return OldModule{std::move(bytes), std::move(resolve), world};
}

}  // namespace spindle::assemble
