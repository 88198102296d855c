#include "assemble/componentize/async_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace spindle::assemble {
namespace {

using component::CanonOp;
using component::StringEncoding;

constexpr std::string_view kCancellable = "[cancellable]";
constexpr std::string_view kTaskReturn = "[task-return]";
constexpr std::string_view kExport = "[export]";
constexpr std::string_view kRoot = "$root";

struct Named {
  std::string_view name;
  CanonOp op;
  std::optional<StringEncoding> encoding = {};
};

constexpr Named kOfNobody[] = {
    {"[task-cancel]", CanonOp::TaskCancel},
    {"[subtask-cancel]", CanonOp::SubtaskCancel},
    {"[subtask-drop]", CanonOp::SubtaskDrop},
    {"[thread-yield]", CanonOp::ThreadYield},
    {"[waitable-set-new]", CanonOp::WaitableSetNew},
    {"[waitable-set-wait]", CanonOp::WaitableSetWait},
    {"[waitable-set-poll]", CanonOp::WaitableSetPoll},
    {"[waitable-set-drop]", CanonOp::WaitableSetDrop},
    {"[waitable-join]", CanonOp::WaitableJoin},
    {"[backpressure-inc]", CanonOp::BackpressureInc},
    {"[backpressure-dec]", CanonOp::BackpressureDec},
    {"[error-context-new-utf8]", CanonOp::ErrorContextNew, StringEncoding::Utf8},
    {"[error-context-new-utf16]", CanonOp::ErrorContextNew, StringEncoding::Utf16},
    {"[error-context-new-latin1+utf16]", CanonOp::ErrorContextNew, StringEncoding::Latin1OrUtf16},
    {"[error-context-debug-message-utf8]", CanonOp::ErrorContextDebugMessage, StringEncoding::Utf8},
    {"[error-context-debug-message-utf16]", CanonOp::ErrorContextDebugMessage,
     StringEncoding::Utf16},
    {"[error-context-debug-message-latin1+utf16]", CanonOp::ErrorContextDebugMessage,
     StringEncoding::Latin1OrUtf16},
    {"[error-context-drop]", CanonOp::ErrorContextDrop},
};

// With a number at the end: of the context's slot, or of the stream or future in a function.
constexpr Named kNumbered[] = {
    {"[context-get-", CanonOp::ContextGet},
    {"[context-set-", CanonOp::ContextSet},
    {"[stream-new-", CanonOp::StreamNew},
    {"[stream-read-", CanonOp::StreamRead},
    {"[stream-write-", CanonOp::StreamWrite},
    {"[stream-cancel-read-", CanonOp::StreamCancelRead},
    {"[stream-cancel-write-", CanonOp::StreamCancelWrite},
    {"[stream-drop-readable-", CanonOp::StreamDropReadable},
    {"[stream-drop-writable-", CanonOp::StreamDropWritable},
    {"[future-new-", CanonOp::FutureNew},
    {"[future-read-", CanonOp::FutureRead},
    {"[future-write-", CanonOp::FutureWrite},
    {"[future-cancel-read-", CanonOp::FutureCancelRead},
    {"[future-cancel-write-", CanonOp::FutureCancelWrite},
    {"[future-drop-readable-", CanonOp::FutureDropReadable},
    {"[future-drop-writable-", CanonOp::FutureDropWritable},
};

bool may_be_async(CanonOp op) {
  switch (op) {
    case CanonOp::SubtaskCancel:
    case CanonOp::StreamRead:
    case CanonOp::StreamWrite:
    case CanonOp::StreamCancelRead:
    case CanonOp::StreamCancelWrite:
    case CanonOp::FutureRead:
    case CanonOp::FutureWrite:
    case CanonOp::FutureCancelRead:
    case CanonOp::FutureCancelWrite: return true;
    default: return false;
  }
}

bool may_be_cancellable(CanonOp op) {
  return op == CanonOp::ThreadYield || op == CanonOp::WaitableSetWait ||
         op == CanonOp::WaitableSetPoll;
}

bool strip(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

Error no_such(const component::CoreImportDecl& import, std::string_view what) {
  return Error::invalid_input(
      fmt::format("the module imports `{}` from `{}`, but {}", import.name, import.module, what));
}

// Streams and futures in a type, in the order of their numbers. Types share their parts, so that
// counting them by walking may take exponential time: each type is counted once.
class Endpoints {
 public:
  explicit Endpoints(const wit::Resolve& resolve) : resolve_(resolve) {}

  uint64_t count(const wit::Type& type) {
    const auto* id = std::get_if<wit::TypeId>(&type);
    if (id == nullptr) return 0;
    if (auto known = counts_.find(*id); known != counts_.end()) return known->second;
    const auto& kind = resolve_.type(*id).kind;
    uint64_t sum = is_endpoint(kind) ? 1 : 0;
    wit::for_each_type(kind,
                       [&](const wit::Type& inner) { sum = std::min(sum + count(inner), kMany); });
    counts_.emplace(*id, sum);
    return sum;
  }

  // The one of that number in `type`; `number` is less than count(type).
  const wit::TypeKind& at(wit::Type type, uint64_t number) {
    for (;;) {
      const auto& kind = resolve_.type(std::get<wit::TypeId>(type)).kind;
      std::optional<wit::Type> inside;
      wit::for_each_type(kind, [&](const wit::Type& inner) {
        if (inside) return;
        auto many = count(inner);
        if (number < many) {
          inside = inner;
        } else {
          number -= many;
        }
      });
      if (!inside) return kind;
      type = *inside;
    }
  }

 private:
  static constexpr uint64_t kMany = uint64_t{1} << 32;

  static bool is_endpoint(const wit::TypeKind& kind) {
    return std::holds_alternative<wit::Stream>(kind) || std::holds_alternative<wit::Future>(kind);
  }

  const wit::Resolve& resolve_;
  std::map<wit::TypeId, uint64_t> counts_;
};

struct Owner {
  const wit::Function* function = nullptr;
  PayloadSide side = PayloadSide::Import;
};

const wit::Function* exported_function(std::string_view interface, std::string_view name,
                                       const WorldView& world) {
  const auto* item = world.find_export(interface == kRoot ? name : interface);
  if (item == nullptr) return nullptr;
  if (interface == kRoot) return std::get_if<wit::Function>(&item->item);
  const auto* exported = std::get_if<wit::WorldInterface>(&item->item);
  if (exported == nullptr) return nullptr;
  for (const auto& function : world.resolve().interface(exported->id).functions) {
    if (world.resolve().extern_name(function) == name) return &function;
  }
  return nullptr;
}

Owner owner_of(std::string_view module, std::string_view name, const WorldView& world) {
  if (strip(module, kExport)) {
    return {exported_function(module, name, world), PayloadSide::Export};
  }
  if (module == kRoot) return {world.find_import_function(std::string(name))};
  const auto* interface = world.find_import(module);
  if (interface == nullptr) return {};
  return {WorldView::find_function(*interface, std::string(name))};
}

// The payload of stream or future `number` of the function.
Result<std::optional<wit::Type>> payload_of(const component::CoreImportDecl& import,
                                            const wit::Function& function, uint64_t number,
                                            const wit::Resolve& resolve) {
  Endpoints endpoints(resolve);
  std::vector<wit::Type> types;
  for (const auto& param : function.params) types.push_back(param.type);
  if (function.result) types.push_back(*function.result);
  bool wants_stream = import.name.find("[stream-") != std::string_view::npos;
  for (const auto& type : types) {
    auto many = endpoints.count(type);
    if (number >= many) {
      number -= many;
      continue;
    }
    const auto& kind = endpoints.at(type, number);
    const auto* stream = std::get_if<wit::Stream>(&kind);
    if ((stream != nullptr) != wants_stream) break;
    return stream != nullptr ? stream->element : std::get<wit::Future>(kind).value;
  }
  return no_such(import, fmt::format("the function has no such {} in its type",
                                     wants_stream ? "stream" : "future"));
}

// `rest` is what follows the name's prefix: `1]f`.
Result<AsyncBuiltIn> numbered(const component::CoreImportDecl& import, AsyncBuiltIn found,
                              std::string_view rest, const WorldView& world) {
  uint32_t number = 0;
  const char* end = rest.data() + rest.size();
  auto read = std::from_chars(rest.data(), end, number);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ']') {
    return no_such(import, "a number and `]` were expected in its name");
  }
  rest.remove_prefix(static_cast<size_t>(read.ptr - rest.data()) + 1);
  if (found.op == CanonOp::ContextGet || found.op == CanonOp::ContextSet) {
    if (!rest.empty()) return no_such(import, "there is no such built-in");
    found.slot = number;
    return found;
  }
  auto owner = owner_of(import.module, rest, world);
  if (owner.function == nullptr) return no_such(import, "the world has no such function");
  found.side = owner.side;
  found.payload = TRY(payload_of(import, *owner.function, number, world.resolve()));
  return found;
}

Result<std::optional<AsyncBuiltIn>> find_built_in(const component::CoreImportDecl& import,
                                                  std::string_view name, const WorldView& world) {
  AsyncBuiltIn found;
  if (strip(name, kTaskReturn)) {
    auto owner = owner_of(import.module, name, world);
    if (owner.function == nullptr || owner.side != PayloadSide::Export) {
      return no_such(import, "the world exports no such function");
    }
    found.op = CanonOp::TaskReturn;
    found.side = owner.side;
    found.function = owner.function;
    found.payload = owner.function->result;
    return std::optional(found);
  }
  const auto* plain = std::ranges::find(kOfNobody, name, &Named::name);
  if (plain != std::end(kOfNobody)) {
    found.op = plain->op;
    found.encoding = plain->encoding;
    return std::optional(found);
  }
  const auto* numbers = std::ranges::find_if(
      kNumbered, [&](const Named& each) { return name.starts_with(each.name); });
  if (numbers != std::end(kNumbered)) {
    found.op = numbers->op;
    found = TRY(numbered(import, found, name.substr(numbers->name.size()), world));
    return std::optional(found);
  }
  if (name.starts_with("[thread-")) {
    return Error::not_supported(
        fmt::format("the module imports the built-in `{}`; threads of components are not supported",
                    import.name));
  }
  return std::optional<AsyncBuiltIn>();
}

}  // namespace

Result<std::optional<AsyncBuiltIn>> async_built_in(const component::CoreImportDecl& import,
                                                   const WorldView& world) {
  auto name = import.name;
  bool is_async = strip(name, kAsyncLower);
  bool cancellable = !is_async && strip(name, kCancellable);
  auto found = TRY(find_built_in(import, name, world));
  if (!found) return found;
  if ((is_async && !may_be_async(found->op)) || (cancellable && !may_be_cancellable(found->op))) {
    return no_such(import, "there is no such form of the built-in");
  }
  found->is_async = is_async;
  found->cancellable = cancellable;
  return found;
}

}  // namespace spindle::assemble
