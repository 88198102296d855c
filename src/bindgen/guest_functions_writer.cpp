#include "bindgen/guest_functions_writer.h"

#include <fmt/format.h>

#include "bindgen/function_writer.h"
#include "bindgen/names.h"

namespace spindle::bindgen {
namespace {

constexpr size_t kMaxFlatParams = 16;
constexpr size_t kMaxFlatAsyncParams = 4;

std::string_view core_type(char flat) {
  switch (flat) {
    case 'l': return "int64_t";
    case 'f': return "float";
    case 'd': return "double";
    default: return "int32_t";
  }
}

// A declaration of an import, or the head of an export.
std::string import_head(const std::string& module, const std::string& name) {
  return fmt::format("__attribute__((import_module({}), import_name({})))\n", quoted(module),
                     quoted(name));
}
std::string export_head(const std::string& name) {
  return fmt::format("__attribute__((export_name({})))\n", quoted(name));
}

std::string in_core(const std::string& text) {
  return fmt::format("namespace core_ {{\n{}}}  // namespace core_\n", text);
}

bool is_async(const wit::Function& function) {
  return function.asyncness == wit::Asyncness::Async;
}

}  // namespace

std::string core_types(std::string_view flat) {
  std::string out;
  for (char c : flat) out += fmt::format("{}{}", out.empty() ? "" : ", ", core_type(c));
  return out;
}

std::string core_parameters(std::string_view flat) {
  std::string out;
  for (size_t i = 0; i < flat.size(); ++i) {
    out += fmt::format("{}{} a{}", out.empty() ? "" : ", ", core_type(flat[i]), i);
  }
  return out;
}

bool GuestFunctionsWriter::is_fallible_constructor(const wit::Function& function) const {
  if (function.kind != wit::FunctionKind::Constructor) return false;
  const auto id = std::get<wit::TypeId>(types_.resolve().definition(*function.result));
  return std::holds_alternative<wit::ResultType>(types_.resolve().type(id).kind);
}

std::string GuestFunctionsWriter::result(const wit::Function& function) {
  const std::string plain = types_.value(function.result, scope_.side);
  return is_async(function) ? fmt::format("::spindle::Task<{}>", plain) : plain;
}

// What an export or an async import gets stays with it; what an import gets may be a view.
std::string GuestFunctionsWriter::parameter_type(const wit::Function& function, wit::Type type) {
  if (is_async(function)) return types_.value(type, scope_.side);
  if (!is_export()) return types_.parameter(type);
  const std::string owned = types_.value(type, Side::Export);
  const wit::Type definition = types_.resolve().definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  const auto* handle =
      id == nullptr ? nullptr : std::get_if<wit::Handle>(&types_.resolve().type(*id).kind);
  if (handle == nullptr || handle->ownership == wit::Ownership::Own) return owned;
  const wit::TypeId resource = types_.resolve().definition(handle->resource);
  const bool is_ours = types_.side_of(resource, Side::Export) == Side::Export;
  return (is_ours ? "" : "const ") + types_.named(resource, Side::Export) + "&";
}

std::string GuestFunctionsWriter::parameters(const wit::Function& function) {
  std::string out;
  const size_t first = function.kind == wit::FunctionKind::Method ? 1 : 0;
  for (size_t i = first; i < function.params.size(); ++i) {
    const wit::Parameter& param = function.params[i];
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", parameter_type(function, param.type),
                       snake_case(param.name));
  }
  return out;
}

// As template arguments: each follows a comma.
std::string GuestFunctionsWriter::travelling(const wit::Function& function) {
  std::string out;
  for (const wit::Parameter& param : function.params) {
    const bool is_view = !is_export() && !is_async(function);
    out += ", " + (is_view ? types_.lowered(param.type) : types_.value(param.type, scope_.side));
  }
  return out;
}

std::string GuestFunctionsWriter::signature(const wit::Function& function,
                                            const std::string& qualifier) {
  const std::string name = function.kind == wit::FunctionKind::Constructor
                               ? is_export() ? "make" : "create"
                               : snake_case(function.name);
  std::string returned = result(function);
  if (is_export() && function.kind == wit::FunctionKind::Constructor &&
      !is_fallible_constructor(function)) {
    returned = fmt::format("std::unique_ptr<{}>", types_.named(*function.resource, Side::Export));
  }
  return fmt::format("{} {}{}({})", returned, qualifier, name, parameters(function));
}

std::string GuestFunctionsWriter::member(const wit::Function& function,
                                         const std::string& class_name) {
  std::string out = comment(function.docs, "  ");
  const bool is_method = function.kind == wit::FunctionKind::Method;
  if (!is_export() && function.kind == wit::FunctionKind::Constructor &&
      !is_fallible_constructor(function)) {
    const char* is_explicit = function.params.size() == 1 ? "explicit " : "";
    return out + fmt::format("  {}{}({});\n", is_explicit, class_name, parameters(function));
  }
  out += fmt::format("  {}{}", is_method ? is_export() ? "virtual " : "" : "static ",
                     signature(function, ""));
  return out + (is_method ? is_export() ? " = 0" : " const" : "") + ";\n";
}

std::string GuestFunctionsWriter::import_class(wit::TypeId id) {
  const wit::TypeDef& type = types_.resolve().type(id);
  const std::string name = camel_case(type.name);
  std::string out = comment(type.docs, "");
  out += fmt::format(
      "class {0} : public ::spindle::abi::Resource<{0}> {{\n public:\n"
      "  explicit {0}(::spindle::abi::Adopt adopt) : Resource(adopt) {{}}\n"
      "  static void drop_handle(int32_t handle);\n",
      name);
  for (const wit::Function* function : scope_.functions_of(id)) out += member(*function, name);
  return out + "};\n\n";
}

std::string GuestFunctionsWriter::export_class(wit::TypeId id) {
  const wit::TypeDef& type = types_.resolve().type(id);
  const std::string name = camel_case(type.name);
  std::string out = comment(type.docs, "");
  out += fmt::format(
      "// To derive from; what is static is to define.\n"
      "class {0} {{\n public:\n  virtual ~{0}() = default;\n",
      name);
  for (const wit::Function* function : scope_.functions_of(id)) out += member(*function, name);
  return out + fmt::format(
                   "\n  // For ::spindle::abi::Own.\n  static int32_t new_handle({0}* object);\n"
                   "  static {0}* object_of(int32_t handle);\n"
                   "  static void drop_handle(int32_t handle);\n}};\n\n",
                   name);
}

std::string GuestFunctionsWriter::classes() {
  std::string out;
  for (wit::TypeId id : scope_.types) {
    if (!std::holds_alternative<wit::Resource>(types_.resolve().type(id).kind)) continue;
    out += is_export() ? export_class(id) : import_class(id);
  }
  return out;
}

std::string GuestFunctionsWriter::declarations() {
  std::string out;
  for (const wit::Function* function : scope_.functions_of(std::nullopt)) {
    out += comment(function->docs, "") + signature(*function, "") + ";\n";
  }
  return out;
}

std::string GuestFunctionsWriter::import_definition(const wit::Function& function) {
  std::string flat;
  std::string arguments;
  for (const wit::Parameter& param : function.params) {
    const bool is_self = function.kind == wit::FunctionKind::Method && arguments.empty();
    const std::string name = is_self ? "*this" : snake_case(param.name);
    const bool is_given = is_async(function) && !is_self;
    arguments += is_given ? fmt::format(", std::move({})", name) : ", " + name;
    flat += types_.flat(param.type);
  }
  const std::string flat_result = types_.flat(function.result);
  if (flat.size() > (is_async(function) ? kMaxFlatAsyncParams : kMaxFlatParams)) flat = "i";
  const bool by_pointer = is_async(function) ? !flat_result.empty() : flat_result.size() > 1;
  std::string core_result = flat_result.empty() || by_pointer ? "void" : core_types(flat_result);
  if (is_async(function)) core_result = "int32_t";
  const std::string core = core_name(types_.resolve(), function);
  const std::string name = types_.resolve().extern_name(function);
  std::string out = in_core(
      import_head(scope_.module(), (is_async(function) ? "[async-lower]" : "") + name) +
      fmt::format("{} {}({});\n", core_result, core, core_types(flat + (by_pointer ? "i" : ""))));
  const std::string call = fmt::format(
      "::spindle::abi::{}<{}{}>(core_::{}{})", is_async(function) ? "call_async" : "call",
      types_.value(function.result, scope_.side), travelling(function), core, arguments);
  if (!function.resource) return out + signature(function, "") + " {\n  return " + call + ";\n}\n";
  const std::string class_name = camel_case(types_.resolve().type(*function.resource).name);
  if (function.kind == wit::FunctionKind::Constructor && !is_fallible_constructor(function)) {
    return out + fmt::format("{0}::{0}({1})\n    : Resource({2}) {{}}\n", class_name,
                             parameters(function), call);
  }
  const char* is_const = function.kind == wit::FunctionKind::Method ? " const" : "";
  return out + fmt::format("{}{} {{\n  return {};\n}}\n", signature(function, class_name + "::"),
                           is_const, call);
}

std::string GuestFunctionsWriter::export_definition(const wit::Function& function) {
  std::string flat;
  for (const wit::Parameter& param : function.params) flat += types_.flat(param.type);
  if (flat.size() > kMaxFlatParams) flat = "i";
  const std::string flat_result = types_.flat(function.result);
  const bool by_pointer = flat_result.size() > 1;
  const std::string core_result = by_pointer            ? "int32_t"
                                  : flat_result.empty() ? "void"
                                                        : core_types(flat_result);
  const std::string core = core_name(types_.resolve(), function);
  const std::string name = types_.resolve().extern_name(function);
  std::string user = types_.namespace_of(scope_.owner, Side::Export) + "::";
  if (function.resource) user += camel_case(types_.resolve().type(*function.resource).name) + "::";
  user += function.kind == wit::FunctionKind::Constructor ? "make" : snake_case(function.name);
  std::string arguments;
  for (size_t i = 0; i < flat.size(); ++i) arguments += fmt::format("{}a{}", i ? ", " : "", i);
  const std::string value = types_.value(function.result, Side::Export);
  const std::string slots =
      fmt::format("  const auto slots = ::spindle::abi::slots_of({});\n", arguments);
  if (!is_async(function)) {
    std::string out =
        export_head(scope_.export_name(name)) +
        fmt::format(
            "{0} {1}({2}) {{\n{3}"
            "  return ::spindle::abi::serve<{4}, {0}{5}>(&::{6}, slots.data());\n}}\n",
            core_result, core, core_parameters(flat), slots, value, travelling(function), user);
    if (by_pointer) {
      out +=
          export_head("cabi_post_" + scope_.export_name(name)) +
          fmt::format("void {}_post(int32_t area) {{ ::spindle::abi::free_result<{}>(area); }}\n",
                      core, value);
    }
    return in_core(out);
  }
  const std::string returned = flat_result.size() > kMaxFlatParams ? "i" : flat_result;
  const std::string lifted = "[async-lift]" + scope_.export_name(name);
  return in_core(
      import_head("[export]" + (scope_.name.empty() ? "$root" : scope_.name),
                  "[task-return]" + name) +
      fmt::format("void {}_return({});\n", core, core_types(returned)) + export_head(lifted) +
      fmt::format("int32_t {}({}) {{\n{}"
                  "  return ::spindle::abi::serve_async<{}{}>(&::{}, {}_return, slots.data());\n"
                  "}}\n",
                  core, core_parameters(flat), slots, value, travelling(function), user, core) +
      export_head("[callback]" + lifted) +
      fmt::format("int32_t {}_event(int32_t event, int32_t waitable, int32_t code) {{\n"
                  "  return ::spindle::abi::resume(event, waitable, code);\n}}\n",
                  core));
}

std::string GuestFunctionsWriter::resource_imports(wit::TypeId id) {
  const wit::TypeDef& type = types_.resolve().type(id);
  const std::string name = camel_case(type.name);
  const std::string core = snake_case(type.name) + "_drop";
  return in_core(import_head(scope_.module(), "[resource-drop]" + type.name) +
                 fmt::format("void {}(int32_t);\n", core)) +
         fmt::format("void {}::drop_handle(int32_t handle) {{ core_::{}(handle); }}\n", name, core);
}

std::string GuestFunctionsWriter::resource_exports(wit::TypeId id) {
  const wit::TypeDef& type = types_.resolve().type(id);
  const std::string name = camel_case(type.name);
  const std::string core = snake_case(type.name);
  std::string out = in_core(
      import_head(scope_.module(), "[resource-new]" + type.name) +
      fmt::format("int32_t {}_make(int32_t);\n", core) +
      import_head(scope_.module(), "[resource-rep]" + type.name) +
      fmt::format("int32_t {}_rep(int32_t);\n", core) +
      import_head(scope_.module(), "[resource-drop]" + type.name) +
      fmt::format("void {}_drop(int32_t);\n", core) +
      export_head(scope_.export_name("[dtor]" + type.name)) +
      fmt::format("void {}_dtor(int32_t object) {{\n"
                  "  delete ::spindle::abi::pointer_to<{}>(static_cast<uint32_t>(object));\n}}\n",
                  core, name));
  return out +
         fmt::format(
             "int32_t {0}::new_handle({0}* object) {{\n"
             "  return core_::{1}_make(static_cast<int32_t>(::spindle::abi::address_of(object)));\n"
             "}}\n"
             "{0}* {0}::object_of(int32_t handle) {{\n"
             "  return "
             "::spindle::abi::pointer_to<{0}>(static_cast<uint32_t>(core_::{1}_rep(handle)));\n"
             "}}\n"
             "void {0}::drop_handle(int32_t handle) {{ core_::{1}_drop(handle); }}\n",
             name, core);
}

std::string GuestFunctionsWriter::definitions() {
  std::string out;
  for (wit::TypeId id : scope_.types) {
    if (!std::holds_alternative<wit::Resource>(types_.resolve().type(id).kind)) continue;
    out += is_export() ? resource_exports(id) : resource_imports(id);
  }
  for (const wit::Function* function : scope_.functions) {
    out += is_export() ? export_definition(*function) : import_definition(*function);
  }
  return out;
}

}  // namespace spindle::bindgen
