// The header of an interface: its types and class Host.

#include "bindgen/interface_writer.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bindgen/declarations.h"
#include "wit/type_text.h"

namespace spindle::bindgen {

namespace {

std::vector<const wit::Function*> functions_of(const wit::Interface& interface) {
  std::vector<const wit::Function*> functions;
  for (const wit::Function& function : interface.functions) functions.push_back(&function);
  return functions;
}

// Types that share parts may be exponentially larger when written out, and all that is done with
// types here writes them out.
Result<void> check_size(const wit::Resolve& resolve, wit::Type type) {
  const wit::Type definition = resolve.definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  if (id != nullptr && std::holds_alternative<wit::Resource>(resolve.type(*id).kind)) return {};
  TRY(wit::type_text(resolve, definition));
  return {};
}

}  // namespace

InterfaceWriter::InterfaceWriter(CppTypes& types, wit::InterfaceId id, Role role)
    : types_(&types),
      resolve_(&types.resolve()),
      id_(id),
      interface_(&resolve_->interface(id)),
      names_(interface_names(*resolve_, id)),
      identity_(types.identity(id)),
      unsupported_(types.mapping().find_unsupported(identity_)),
      role_(role),
      functions_(types, functions_of(*interface_), identity_, types.namespace_of(id)) {}

Result<void> InterfaceWriter::check() const {
  TRY(functions_.check());
  std::map<std::string, std::string> names;
  for (wit::TypeId id : interface_->types) {
    const wit::TypeDef& type = resolve_->type(id);
    const auto* alias = std::get_if<wit::Alias>(&type.kind);
    if (alias != nullptr && alias->origin == wit::AliasOrigin::Use) continue;
    TRY(check_size(*resolve_, wit::Type(id)));
    if (role_ != Role::Host && std::holds_alternative<wit::Resource>(type.kind)) {
      return Error::not_supported(fmt::format(
          "bindings for calling an exported interface that defines a resource, `{}`, are not "
          "supported",
          type.name));
    }
    for (const std::string& name : {camel_case(type.name), camel_case(type.name) + "View"}) {
      if (name.ends_with("View") && !types_->forms_differ(id) && name != camel_case(type.name)) {
        continue;
      }
      const auto [found, is_new] = names.try_emplace(name, type.name);
      if (is_new) continue;
      return Error::not_supported(fmt::format("types `{}` and `{}` would both be `{}` in C++",
                                              found->second, type.name, name));
    }
  }
  return {};
}

namespace {

bool is_declared_here(const wit::TypeKind& kind) {
  return std::holds_alternative<wit::Record>(kind) || std::holds_alternative<wit::Variant>(kind) ||
         std::holds_alternative<wit::Enum>(kind) || std::holds_alternative<wit::Flags>(kind);
}

void collect_resources(const wit::Resolve& resolve, wit::Type type, std::set<uint32_t>& seen,
                       std::vector<wit::TypeId>& out) {
  const wit::Type definition = resolve.definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  if (id == nullptr || !seen.insert(id->value).second) return;
  const wit::TypeKind& kind = resolve.type(*id).kind;
  if (std::holds_alternative<wit::Resource>(kind)) out.push_back(*id);
  if (const auto* handle = std::get_if<wit::Handle>(&kind)) {
    collect_resources(resolve, handle->resource, seen, out);
  }
  wit::for_each_type(kind, [&](wit::Type inner) { collect_resources(resolve, inner, seen, out); });
}

}  // namespace

namespace {

// Types that `type` is made of come first: C++ needs them complete, WIT allows any order.
void collect_declared(const wit::Resolve& resolve, wit::Type type, wit::InterfaceId owner,
                      std::set<uint32_t>& seen, std::vector<wit::TypeId>& out) {
  const auto* id = std::get_if<wit::TypeId>(&type);
  if (id == nullptr || !seen.insert(id->value).second) return;
  const wit::TypeDef& definition = resolve.type(*id);
  wit::for_each_type(definition.kind,
                     [&](wit::Type inner) { collect_declared(resolve, inner, owner, seen, out); });
  const auto* found = std::get_if<wit::InterfaceId>(&definition.owner);
  if (found != nullptr && *found == owner && is_declared_here(definition.kind)) out.push_back(*id);
}

}  // namespace

std::vector<wit::TypeId> InterfaceWriter::declared_types() const {
  std::vector<wit::TypeId> declared;
  std::set<uint32_t> seen;
  for (wit::TypeId id : interface_->types) {
    collect_declared(*resolve_, wit::Type(id), id_, seen, declared);
  }
  return declared;
}

std::vector<wit::TypeId> InterfaceWriter::resources() const {
  std::set<uint32_t> seen;
  std::vector<wit::TypeId> found;
  for (wit::TypeId id : interface_->types) collect_resources(*resolve_, id, seen, found);
  for (const wit::Function& function : interface_->functions) {
    for (const wit::Parameter& param : function.params) {
      collect_resources(*resolve_, param.type, seen, found);
    }
    if (function.result) collect_resources(*resolve_, *function.result, seen, found);
  }
  return found;
}

std::vector<Form> InterfaceWriter::forms_of(wit::TypeId id) const {
  if (types_->forms_differ(id)) return {Form::Owned, Form::View};
  return {Form::Owned};
}

// Views may hold spans, which do not compare.
bool InterfaceWriter::compares(wit::Type type, Form form) const {
  return form == Form::Owned && !types_->holds_endpoint(type);
}

std::string InterfaceWriter::record(wit::TypeId id, const wit::Record& record, Form form) {
  const wit::TypeDef& type = resolve_->type(id);
  const std::string name = camel_case(type.name) + (form == Form::View ? "View" : "");
  std::string out = comment(type.docs, "") + fmt::format("struct {} {{\n", name);
  for (const wit::Field& field : record.fields) {
    out += comment(form == Form::Owned ? field.docs : "", "  ");
    out += fmt::format("  {} {}{};\n", local(types_->value(field.type, form)),
                       snake_case(field.name), types_->initializer(field.type));
  }
  return out + (compares(id, form) ? equality(name, "  ") : "") + "};\n\n";
}

std::string InterfaceWriter::variant(wit::TypeId id, const wit::Variant& variant, Form form) {
  const wit::TypeDef& type = resolve_->type(id);
  const std::string name = camel_case(type.name) + (form == Form::View ? "View" : "");
  std::string cases;
  std::string out = comment(type.docs, "") + fmt::format("struct {} {{\n", name);
  for (const wit::Case& item : variant.cases) {
    const std::string case_name = case_struct(item.name, type.name);
    cases += (cases.empty() ? "" : ", ") + case_name;
    out += comment(form == Form::Owned ? item.docs : "", "  ");
    out += fmt::format("  struct {} {{\n", case_name);
    if (item.payload) out += fmt::format("    {} value;\n", types_->value(*item.payload, form));
    const bool case_compares = item.payload ? compares(*item.payload, form) : form == Form::Owned;
    out += (case_compares ? equality(case_name, "    ") : "") + "  };\n";
  }
  return out + fmt::format("\n  std::variant<{}> value;\n{}}};\n\n", cases,
                           compares(id, form) ? equality(name, "  ") : "");
}

std::string InterfaceWriter::type_text(wit::TypeId id, Form form) {
  const wit::TypeDef& type = resolve_->type(id);
  if (const auto* found = std::get_if<wit::Record>(&type.kind)) return record(id, *found, form);
  if (const auto* found = std::get_if<wit::Variant>(&type.kind)) return variant(id, *found, form);
  if (const auto* found = std::get_if<wit::Enum>(&type.kind)) return enum_declaration(type, *found);
  return flags_declaration(type, std::get<wit::Flags>(type.kind));
}

std::string InterfaceWriter::forward_declarations() {
  std::string out;
  for (wit::TypeId id : resources()) {
    const MappedResource* mapped = types_->mapped(id);
    if (mapped == nullptr) {
      // Asks for it, so that a missing line in the mapping is noticed.
      types_->resource_class(id);
      continue;
    }
    const size_t at = mapped->class_name.rfind("::");
    if (at == std::string::npos) {
      out += fmt::format("class {};\n", mapped->class_name);
    } else {
      out += fmt::format("namespace {} {{\nclass {};\n}}\n", mapped->class_name.substr(0, at),
                         mapped->class_name.substr(at + 2));
    }
  }
  return out.empty() ? out : out + "\n";
}

std::string InterfaceWriter::aliases() {
  std::string out;
  for (wit::TypeId id : interface_->types) {
    const wit::TypeDef& type = resolve_->type(id);
    const auto* alias = std::get_if<wit::Alias>(&type.kind);
    const bool is_type_item = alias != nullptr && alias->origin == wit::AliasOrigin::TypeItem;
    const bool is_plain = alias == nullptr && !is_declared_here(type.kind) &&
                          !std::holds_alternative<wit::Resource>(type.kind);
    if (!is_type_item && !is_plain) continue;
    const wit::Type target = resolve_->definition(wit::Type(id));
    const std::string name = camel_case(type.name);
    out += comment(type.docs, "");
    out += fmt::format("using {} = {};\n", name, local(types_->value(target, Form::Owned)));
    if (types_->forms_differ(target)) {
      out += fmt::format("using {}View = {};\n", name, local(types_->value(target, Form::View)));
    }
  }
  return out.empty() ? out : out + "\n";
}

bool InterfaceWriter::uses_endpoints() const {
  return functions_.use_endpoints() ||
         std::ranges::any_of(interface_->types,
                             [this](wit::TypeId id) { return types_->holds_endpoint(id); });
}

std::string InterfaceWriter::includes() const {
  std::string out =
      "#include <array>\n#include <cstdint>\n#include <expected>\n#include <memory>\n#include "
      "<optional>\n"
      "#include <span>\n#include <string>\n#include <string_view>\n#include <tuple>\n"
      "#include <variant>\n#include <vector>\n\n#include \"base/result.h\"\n"
      "#include \"component/host/host_interface.h\"\n";
  if (uses_endpoints()) out += "#include \"component/host/stream.h\"\n";
  out += "#include \"io/eventual.h\"\n";
  if (has_guest()) out += "#include \"component/embed/export_function.h\"\n";
  for (wit::InterfaceId id : resolve_->direct_dependencies(id_)) {
    out += fmt::format("#include \"bindings/{}.h\"\n", interface_names(*resolve_, id).path());
  }
  return out;
}

std::string InterfaceWriter::header() {
  std::string body;
  for (wit::TypeId id : declared_types()) {
    for (Form form : forms_of(id)) body += type_text(id, form);
  }
  std::string classes;
  for (wit::TypeId id : resources()) {
    const bool is_ours = std::get<wit::InterfaceId>(resolve_->type(id).owner) == id_;
    if (unsupported_ == nullptr || !is_ours || types_->mapped(id) != nullptr) continue;
    classes += fmt::format("class {} final : public ::spindle::component::HostResource {{}};\n\n",
                           camel_case(resolve_->type(id).name));
  }
  std::string out = fmt::format(
      "#pragma once\n\n// Bindings of {}, generated by spindle-bindgen.\n\n", identity_.id);
  out += includes() + "\n" + forward_declarations();
  out += fmt::format("namespace {}::{} {{\n\n", types_->root(), names_.qualified());
  out += classes + body + aliases();
  out += comment(interface_->docs, "");
  if (!is_host() && has_guest() && !interface_->docs.empty()) out += "//\n";
  if (is_host()) {
    out += "const ::spindle::component::HostInterface& interface();\n\n" + functions_.host_class();
  }
  if (has_guest()) out += (is_host() ? "\n" : "") + functions_.guest_class();
  if (unsupported_ != nullptr && has_host()) {
    out +=
        "\n// Answers every call with the interface's own error, or a trap.\n"
        "std::unique_ptr<Host> make_unsupported();\n";
  }
  return out + fmt::format("\n}}  // namespace {}::{}\n", types_->root(), names_.qualified());
}

}  // namespace spindle::bindgen
