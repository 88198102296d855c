#include "assemble/print/component_printer.h"

#include <fmt/format.h>

#include <algorithm>

#include "assemble/print/component_text.h"
#include "assemble/print/core_text.h"
#include "component/binary/core_module.h"

namespace spindle::assemble {

using component::CanonOp;
using component::Sort;

namespace {

// Deeper levels are not indented further, and longer names not used: both would let a small
// component have a huge text.
constexpr size_t kMaxIndent = 20;
constexpr size_t kMaxNameBytes = 100;

bool is_identifier(std::string_view name) {
  constexpr std::string_view kSymbols = "!#$%&'*+-./:<=>?@\\^_`|~";
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  return std::ranges::all_of(name, [&](char c) {
    bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_word || kSymbols.find(c) != std::string_view::npos;
  });
}

// As messages spell it, but for functions.
std::string_view sort_word(Sort sort) {
  if (sort == Sort::CoreFunc) return "core func";
  if (sort == Sort::Func) return "func";
  return component::to_string(sort);
}

// The same without `core`, as core definitions say it.
std::string_view core_word(Sort sort) {
  auto word = sort_word(sort);
  return word.starts_with("core ") ? word.substr(5) : word;
}

std::string_view encoding_word(component::StringEncoding encoding) {
  switch (encoding) {
    case component::StringEncoding::Utf8: return "utf8";
    case component::StringEncoding::Utf16: return "utf16";
    case component::StringEncoding::Latin1OrUtf16: return "latin1+utf16";
  }
  return "";
}

// With the signature in place of the number of a function's type.
std::string interface_text(const component::CoreExternType& type,
                           const std::vector<const component::CoreSubType*>& types) {
  const auto* use = std::get_if<component::CoreFuncUse>(&type);
  if (use == nullptr || use->type >= types.size()) return core_text(type);
  const auto* func = std::get_if<component::CoreFuncType>(&types[use->type]->composite);
  return func == nullptr ? core_text(type) : fmt::format("(func{})", core_signature(*func));
}

}  // namespace

void ComponentPrinter::line(std::string_view text) {
  text_.append(std::min(indent_, kMaxIndent) * 2, ' ');
  text_ += text;
  text_ += '\n';
}

void ComponentPrinter::open(std::string_view head) {
  line(head);
  ++indent_;
}

void ComponentPrinter::close() {
  --indent_;
  line(")");
}

// Where several items have one name, the first keeps it.
void ComponentPrinter::enter(const component::ComponentNames& names) {
  auto& entered = spaces_.emplace_back();
  std::map<std::pair<Sort, std::string_view>, uint32_t> owners;
  for (const auto& [item, name] : names.items) {
    auto [owner, is_new] = owners.try_emplace({item.sort, name}, item.index);
    if (!is_new) owner->second = std::min(owner->second, item.index);
  }
  for (const auto& [key, index] : owners) {
    if (is_identifier(key.second)) entered.names.emplace(std::pair(key.first, index), key.second);
  }
}

std::string ComponentPrinter::ref(Sort sort, uint32_t index) const {
  const auto& names = spaces_.back().names;
  auto found = names.find({sort, index});
  // A name may only be used once its item is there.
  bool is_known = found != names.end() && index < spaces_.back().counts[static_cast<size_t>(sort)];
  return is_known ? fmt::format("${}", found->second) : fmt::format("{}", index);
}

std::string ComponentPrinter::declare(Sort sort) {
  auto index = spaces().counts[static_cast<size_t>(sort)]++;
  auto found = spaces().names.find({sort, index});
  std::string id = fmt::format(" (;{};)", index);
  return found == spaces().names.end() ? id : fmt::format(" ${}{}", found->second, id);
}

void ComponentPrinter::component(const component::Component& component, const std::string& id) {
  open(fmt::format("(component{}", id));
  enter(component.names);
  for (const auto& definition : component.definitions) {
    std::visit([this](const auto& def) { print(def); }, definition.kind);
  }
  spaces_.pop_back();
  close();
}

void ComponentPrinter::print(const component::CoreModuleDef& def) {
  open(fmt::format("(core module{}", declare(Sort::CoreModule)));
  line(fmt::format(";; {} bytes, left out", def.bytes.size()));
  if (auto read = component::read_core_module(def.bytes, 0)) {
    std::vector<const component::CoreSubType*> types;
    for (const auto& group : read->types) {
      for (const auto& type : group.types) types.push_back(&type);
    }
    for (const auto& import : read->imports) {
      line(fmt::format(";; (import {} {} {})", quoted(import.module), quoted(import.name),
                       interface_text(import.type, types)));
    }
    for (const auto& exported : read->exports) {
      line(fmt::format(";; (export {} {})", quoted(exported.name),
                       interface_text(exported.type, types)));
    }
  }
  close();
}

void ComponentPrinter::print(const component::CoreInstantiateDef& def) {
  auto id = declare(Sort::CoreInstance);
  auto head =
      fmt::format("(core instance{} (instantiate {}", id, ref(Sort::CoreModule, def.module.value));
  if (def.args.empty()) return line(head + "))");
  open(head);
  for (const auto& arg : def.args) {
    line(fmt::format("(with {} (instance {}))", quoted(arg.name),
                     ref(Sort::CoreInstance, arg.instance.value)));
  }
  --indent_;
  line("))");
}

void ComponentPrinter::print(const component::CoreInlineExportsDef& def) {
  auto head = fmt::format("(core instance{}", declare(Sort::CoreInstance));
  if (def.exports.empty()) return line(head + ")");
  open(head);
  for (const auto& exported : def.exports) {
    line(fmt::format("(export {} ({} {}))", quoted(exported.name), core_word(exported.item.sort),
                     ref(exported.item.sort, exported.item.index)));
  }
  close();
}

void ComponentPrinter::print(const component::NestedComponentDef& def) {
  component(*def.component, declare(Sort::Component));
}

std::string ComponentPrinter::item(component::SortIndex item) const {
  return fmt::format("({} {})", sort_word(item.sort), ref(item.sort, item.index));
}

void ComponentPrinter::print(const component::InstantiateDef& def) {
  auto head = fmt::format("(instance{} (instantiate {}", declare(Sort::Instance),
                          ref(Sort::Component, def.component.value));
  if (def.args.empty()) return line(head + "))");
  open(head);
  for (const auto& arg : def.args) {
    line(fmt::format("(with {} {})", quoted(arg.name), item(arg.item)));
  }
  --indent_;
  line("))");
}

void ComponentPrinter::print(const component::InlineExportsDef& def) {
  auto head = fmt::format("(instance{}", declare(Sort::Instance));
  if (def.exports.empty()) return line(head + ")");
  open(head);
  for (const auto& exported : def.exports) {
    line(fmt::format("(export {} {})", name(exported.name), item(exported.item)));
  }
  close();
}

void ComponentPrinter::print(const component::AliasDef& def) {
  std::string from;
  if (const auto* exported = std::get_if<component::InstanceExportAlias>(&def.target)) {
    from = fmt::format("export {} {}", ref(Sort::Instance, exported->instance.value),
                       quoted(exported->name));
  } else if (const auto* core = std::get_if<component::CoreExportAlias>(&def.target)) {
    from = fmt::format("core export {} {}", ref(Sort::CoreInstance, core->instance.value),
                       quoted(core->name));
  } else {
    const auto& outer = std::get<component::OuterAlias>(def.target);
    from = fmt::format("outer {} {}", outer.count, outer.index);
  }
  line(fmt::format("(alias {} ({}{}))", from, sort_word(def.sort), declare(def.sort)));
}

std::string ComponentPrinter::canon_options(const component::CanonOptions& options) const {
  std::string text;
  if (options.encoding)
    text += fmt::format(" string-encoding={}", encoding_word(*options.encoding));
  if (options.is_async) text += " async";
  auto add = [&](std::string_view word, Sort sort, const auto& index) {
    if (index) text += fmt::format(" ({} {})", word, ref(sort, index->value));
  };
  add("memory", Sort::CoreMemory, options.memory);
  add("realloc", Sort::CoreFunc, options.realloc);
  add("post-return", Sort::CoreFunc, options.post_return);
  add("callback", Sort::CoreFunc, options.callback);
  add("core-type", Sort::CoreType, options.core_type);
  if (options.gc) text += " gc";
  return text;
}

// What stands between the word of the definition and its options.
std::string ComponentPrinter::canon_immediates(const component::CanonDef& def) const {
  switch (def.op) {
    case CanonOp::Lift:
      return fmt::format(" (core func {})", ref(Sort::CoreFunc, def.core_func.value));
    case CanonOp::Lower: return fmt::format(" (func {})", ref(Sort::Func, def.func.value));
    case CanonOp::TaskReturn:
      return def.result ? fmt::format(" (result {})", value(*def.result)) : std::string();
    case CanonOp::ContextGet:
    case CanonOp::ContextSet: return fmt::format(" {} {}", core_text(def.slot_type), def.slot);
    case CanonOp::ResourceNew:
    case CanonOp::ResourceDrop:
    case CanonOp::ResourceRep:
    case CanonOp::StreamNew:
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite:
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::StreamDropReadable:
    case CanonOp::StreamDropWritable:
    case CanonOp::StreamForward:
    case CanonOp::FutureNew:
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite:
    case CanonOp::FutureDropReadable:
    case CanonOp::FutureDropWritable:
    case CanonOp::FutureForward: return fmt::format(" {}", ref(Sort::Type, def.type.value));
    case CanonOp::ThreadSpawnRef:
      return fmt::format(" {}", ref(Sort::CoreType, def.core_type.value));
    case CanonOp::ThreadNewIndirect:
    case CanonOp::ThreadSpawnIndirect:
      return fmt::format(" {} (core table {})", ref(Sort::CoreType, def.core_type.value),
                         ref(Sort::CoreTable, def.table.value));
    default: return "";
  }
}

void ComponentPrinter::print(const component::CanonDef& def) {
  auto canon = fmt::format("(canon {}{}", to_string(def.op), canon_immediates(def));
  if (def.cancellable) canon += " cancellable";
  if (def.is_async) canon += " async";
  canon += canon_options(def.options) + ")";
  if (def.op == CanonOp::Lift) {
    auto type = ref(Sort::Type, def.type.value);
    return line(fmt::format("(func{} (type {}) {})", declare(Sort::Func), type, canon));
  }
  line(fmt::format("(core func{} {})", declare(Sort::CoreFunc), canon));
}

void ComponentPrinter::print(const component::ExportDef& def) {
  auto exported = item(def.item);
  auto ascribed = def.ascription ? " " + desc(*def.ascription, "") : std::string();
  auto id = declare(def.item.sort);
  line(fmt::format("(export{} {} {}{})", id, name(def.name), exported, ascribed));
}

std::string component_text(const component::Component& component) {
  ComponentPrinter printer;
  auto id = component.names.component;
  printer.component(component, is_identifier(id) ? fmt::format(" ${}", id) : std::string());
  return printer.take();
}

}  // namespace spindle::assemble
