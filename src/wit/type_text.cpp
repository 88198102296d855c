#include "wit/type_text.h"

#include <fmt/format.h>

#include "wit/limits.h"

namespace spindle::wit {
namespace {

// Appends to one string and stops once it is too long. Recursion is as deep as the type, which the
// resolver limits (kMaxTypeDepth).
class Writer {
 public:
  explicit Writer(const Resolve& resolve) : resolve_(resolve) {}

  void write(Type type);
  void write(const Function& function);
  Result<std::string> take() {
    if (!too_long()) return std::move(text_);
    return Error::limit_exceeded(
        fmt::format("the type has more than {} bytes when written out", kMaxTypeText));
  }

  void operator()(const Record& record) {
    list("record{", record.fields, "}", [this](const Field& field) {
      text_ += field.name + ":";
      write(field.type);
    });
  }
  void operator()(const Variant& variant) {
    list("variant{", variant.cases, "}", [this](const Case& c) {
      text_ += c.name;
      if (!c.payload) return;
      text_ += '(';
      write(*c.payload);
      text_ += ')';
    });
  }
  void operator()(const Enum& e) { labels("enum{", e.cases); }
  void operator()(const Flags& flags) { labels("flags{", flags.flags); }
  void operator()(const Tuple& tuple) {
    list("tuple<", tuple.types, ">", [this](Type type) { write(type); });
  }
  void operator()(const Option& option) { wrap("option<", option.some); }
  void operator()(const ResultType& result) {
    text_ += "result<";
    write_or_absent(result.ok);
    text_ += ',';
    write_or_absent(result.error);
    text_ += '>';
  }
  void operator()(const List& list) { wrap("list<", list.element); }
  void operator()(const FixedList& list) {
    text_ += "list<";
    write(list.element);
    text_ += fmt::format(",{}>", list.length);
  }
  void operator()(const Map& map) {
    text_ += "map<";
    write(map.key);
    text_ += ',';
    write(map.value);
    text_ += '>';
  }
  void operator()(const Stream& stream) { maybe("stream", stream.element); }
  void operator()(const Future& future) { maybe("future", future.value); }
  void operator()(const Resource&) {}
  void operator()(const Handle& handle) {
    text_ += handle.ownership == Ownership::Own ? "own<" : "borrow<";
    text_ += resource_text(resolve_, handle.resource) + ">";
  }
  void operator()(const Alias& alias) { write(alias.target); }

 private:
  bool too_long() const { return text_.size() > kMaxTypeText; }

  template <typename Items, typename F>
  void list(std::string_view open, const Items& items, std::string_view close, F&& write_one) {
    text_ += open;
    bool first = true;
    for (const auto& item : items) {
      if (too_long()) return;
      if (!first) text_ += ',';
      first = false;
      write_one(item);
    }
    text_ += close;
  }
  void labels(std::string_view open, const std::vector<Label>& items) {
    list(open, items, "}", [this](const Label& label) { text_ += label.name; });
  }
  void wrap(std::string_view open, Type type) {
    text_ += open;
    write(type);
    text_ += '>';
  }
  void maybe(std::string_view word, const std::optional<Type>& type) {
    text_ += word;
    if (type) wrap("<", *type);
  }
  void write_or_absent(const std::optional<Type>& type) {
    if (type) {
      write(*type);
    } else {
      text_ += '_';
    }
  }

  const Resolve& resolve_;
  std::string text_;
};

void Writer::write(Type type) {
  if (too_long()) return;
  Type found = resolve_.definition(type);
  if (const auto* primitive = std::get_if<Primitive>(&found)) {
    text_ += to_string(*primitive);
    return;
  }
  const TypeDef& definition = resolve_.type(std::get<TypeId>(found));
  if (std::holds_alternative<Resource>(definition.kind)) {
    // A resource as such, not a handle: what `type_text` of its own id asks for.
    text_ += resource_text(resolve_, std::get<TypeId>(found));
    return;
  }
  std::visit(*this, definition.kind);
}

void Writer::write(const Function& function) {
  if (function.asyncness == Asyncness::Async) text_ += "async ";
  list("func(", function.params, ")", [this](const Parameter& param) {
    text_ += param.name + ":";
    write(param.type);
  });
  if (!function.result) return;
  text_ += "->";
  write(*function.result);
}

}  // namespace

std::string resource_text(const Resolve& resolve, TypeId resource) {
  const TypeDef& type = resolve.type(resolve.definition(resource));
  const auto* owner = std::get_if<InterfaceId>(&type.owner);
  std::string interface = owner != nullptr ? resolve.interface_track_id(*owner) : std::string();
  return interface.empty() ? type.name : interface + "." + type.name;
}

Result<std::string> type_text(const Resolve& resolve, Type type) {
  Writer writer(resolve);
  writer.write(type);
  return writer.take();
}

Result<std::string> function_text(const Resolve& resolve, const Function& function) {
  Writer writer(resolve);
  writer.write(function);
  return writer.take();
}

}  // namespace spindle::wit
