#include "component/plan/import_check.h"

#include <map>

#include <fmt/format.h>

namespace spindle::component {
namespace {

constexpr size_t kTypeTextMax = 100'000;

// Appends to one string and stops once it is too long; recursion is as deep as the type, which the
// table of types limits.
class Writer {
 public:
  Writer(const InstantiationPlan& plan, ParamNames names) : plan_(plan), names_(names) {}

  void write(const FunctionType& type) {
    if (type.is_async) text_ += "async ";
    list("func(", type.params, ")", [this](const FunctionParam& param) {
      if (names_ == ParamNames::Written) text_ += param.name + ":";
      write(param.type);
    });
    if (type.result == nullptr) return;
    text_ += "->";
    write(type.result);
  }

  Result<std::string> take() {
    if (!is_too_long()) return std::move(text_);
    return Error::limit_exceeded(
        fmt::format("a type has more than {} bytes when written out", kTypeTextMax));
  }

 private:
  bool is_too_long() const { return text_.size() > kTypeTextMax; }

  template <typename Items, typename F>
  void list(std::string_view open, const Items& items, std::string_view close, F&& write_one) {
    text_ += open;
    bool is_first = true;
    for (const auto& item : items) {
      if (is_too_long()) return;
      if (!is_first) text_ += ',';
      is_first = false;
      write_one(item);
    }
    text_ += close;
  }

  void wrap(std::string_view word, TypeRef type) {
    text_ += word;
    text_ += '<';
    write(type);
    text_ += '>';
  }

  void write(TypeRef type) {
    if (is_too_long()) return;
    if (type == nullptr) {
      text_ += '_';
      return;
    }
    auto label = [this](const TypeMember& member) { text_ += member.label; };
    switch (type->kind) {
      case TypeKind::Record:
        return list("record{", type->members, "}", [this](const TypeMember& field) {
          text_ += field.label + ":";
          write(field.type);
        });
      case TypeKind::Tuple:
        return list("tuple<", type->members, ">",
                    [this](const TypeMember& field) { write(field.type); });
      case TypeKind::Variant:
        return list("variant{", type->members, "}", [this](const TypeMember& option) {
          text_ += option.label;
          if (option.type == nullptr) return;
          text_ += '(';
          write(option.type);
          text_ += ')';
        });
      case TypeKind::Enum: return list("enum{", type->members, "}", label);
      case TypeKind::Flags: return list("flags{", type->members, "}", label);
      case TypeKind::Option: return wrap("option", type->members[1].type);
      case TypeKind::Result:
        return list("result<", type->members, ">",
                    [this](const TypeMember& side) { write(side.type); });
      case TypeKind::List: return wrap("list", type->element);
      case TypeKind::FixedList:
        text_ += "list<";
        write(type->element);
        text_ += fmt::format(",{}>", type->count);
        return;
      case TypeKind::Map:
        return list("map<", type->element->members, ">",
                    [this](const TypeMember& side) { write(side.type); });
      case TypeKind::Own: return resource("own<", type->resource);
      case TypeKind::Borrow: return resource("borrow<", type->resource);
      case TypeKind::Stream:
      case TypeKind::Future: {
        const std::string_view word = type->kind == TypeKind::Stream ? "stream" : "future";
        if (type->element != nullptr) return wrap(word, type->element);
        text_ += word;
        return;
      }
      default: text_ += primitive(type->kind);
    }
  }

  static std::string_view primitive(TypeKind kind) {
    constexpr std::array<std::string_view, 14> kNames{
        "bool", "s8",  "u8",  "s16", "u16",  "s32",    "u32",
        "s64",  "u64", "f32", "f64", "char", "string", "error-context"};
    const auto index = static_cast<size_t>(kind);
    return index < kNames.size() ? kNames[index] : "?";
  }

  void resource(std::string_view open, ResourceIndex index) {
    const PlannedResource& resource = plan_.resources[index.value];
    text_ += open;
    // Resources of inline interfaces and worlds have their bare name.
    if (resource.interface_name.find(':') != std::string::npos) {
      text_ += track_name(resource.interface_name) + ".";
    }
    text_ += resource.name + ">";
  }

  const InstantiationPlan& plan_;
  ParamNames names_;
  std::string text_;
};

class ImportResolver {
 public:
  ImportResolver(InstantiationPlan& plan, const HostRegistry& registry)
      : plan_(plan), registry_(registry) {}

  Result<void> run() {
    for (HostImport& import : plan_.host_imports) TRY(resolve(import));
    for (const std::string& name : plan_.instance_imports) check_is_instance(name);
    for (const PlannedResource& resource : plan_.resources) check_resource(resource);
    for (const ResourceUse& use : plan_.resource_uses) check_use(use);
    if (missing_.empty() || registry_.missing() == HostRegistry::Missing::TrapWhenCalled) return {};
    std::string message = "the component imports what this host does not offer:";
    for (const auto& [interface, problems] : missing_) {
      message += "\n  " + interface;
      for (const std::string& problem : problems) message += "\n    " + problem;
    }
    return Error::not_found(std::move(message));
  }

 private:
  static constexpr size_t kProblemsMax = 100;

  Result<void> resolve(HostImport& import) {
    const std::optional<uint32_t> interface = registry_.find_interface(import.interface_name);
    if (!interface) {
      const auto nearest = registry_.nearest(import.interface_name);
      const std::string heading =
          nearest ? fmt::format("{} (offered: {})", import.interface_name, *nearest)
                  : display_name(import);
      problem(heading, {});
      return {};
    }
    const HostFunction* offered = registry_.find_function(*interface, import.function_name);
    if (offered == nullptr) {
      problem(display_name(import), fmt::format("no function `{}` in {}", import.function_name,
                                                registry_.interface(*interface).name));
      return {};
    }
    if (offered == registry_.interface(*interface).any_function) {
      import.binding = interface;
      return {};
    }
    const std::string asked = TRY(type_text(plan_, import.type));
    const std::string unnamed = TRY(type_text(plan_, import.type, ParamNames::LeftOut));
    if (asked != offered->type && unnamed != offered->type) {
      problem(display_name(import), fmt::format("function `{}` is {}, the component expects {}",
                                                import.function_name, offered->type, asked));
      return {};
    }
    import.binding = interface;
    return {};
  }

  void check_is_instance(const std::string& name) {
    const std::optional<uint32_t> root = registry_.find_interface("");
    if (root && registry_.find_function(*root, name) != nullptr) {
      problem(name, "expected an instance, it is a function");
    }
  }

  const ResourceType* offered_resource(std::string_view interface, std::string_view name) const {
    const std::optional<uint32_t> found = registry_.find_interface(interface);
    return found ? registry_.find_resource(*found, name) : nullptr;
  }

  void check_resource(const PlannedResource& resource) {
    if (resource.owner || offered_resource(resource.interface_name, resource.name)) return;
    const std::optional<uint32_t> interface = registry_.find_interface(resource.interface_name);
    if (interface && registry_.interface(*interface).any_function != nullptr) return;
    problem(resource.interface_name, fmt::format("no resource `{}`", resource.name));
  }

  void check_use(const ResourceUse& use) {
    const PlannedResource& resource = plan_.resources[use.resource.value];
    const ResourceType* used = offered_resource(use.interface_name, use.name);
    if (used == nullptr || resource.owner) return;
    if (used != offered_resource(resource.interface_name, resource.name)) {
      problem(use.interface_name, fmt::format("mismatched resource types: `{}` is not `{}` of {}",
                                              use.name, resource.name, resource.interface_name));
    }
  }

  static std::string display_name(const HostImport& import) {
    if (import.interface_name.empty()) return fmt::format("function `{}`", import.function_name);
    return import.interface_name;
  }

  void problem(const std::string& heading, std::string text) {
    if (missing_.size() >= kProblemsMax && !missing_.contains(heading)) return;
    std::vector<std::string>& problems = missing_[heading];
    if (!text.empty() && problems.size() < kProblemsMax) problems.push_back(std::move(text));
  }

  InstantiationPlan& plan_;
  const HostRegistry& registry_;
  std::map<std::string, std::vector<std::string>> missing_;
};

}  // namespace

Result<void> resolve_imports(InstantiationPlan& plan, const HostRegistry& registry) {
  return ImportResolver(plan, registry).run();
}

Result<std::string> type_text(const InstantiationPlan& plan, const FunctionType& type,
                              ParamNames names) {
  Writer writer(plan, names);
  writer.write(type);
  return writer.take();
}

}  // namespace spindle::component
