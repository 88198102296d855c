#include "bindgen/function_writer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "wit/type_text.h"

namespace spindle::bindgen {

std::string comment(std::string_view docs, std::string_view indent) {
  std::string out;
  while (!docs.empty()) {
    const size_t end = std::min(docs.find('\n'), docs.size());
    std::string_view line = docs.substr(0, end);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\\' || line.back() == '\r')) {
      line.remove_suffix(1);
    }
    out += fmt::format("{}//{}{}\n", indent, line.empty() ? "" : " ", line);
    docs.remove_prefix(std::min(end + 1, docs.size()));
  }
  return out;
}

std::string FunctionWriter::local(std::string text) const {
  const std::string prefix = ns_ + "::";
  for (size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) {
    text.erase(at, prefix.size());
  }
  return text;
}

Result<void> FunctionWriter::check() const {
  const wit::Resolve& resolve = types_->resolve();
  std::map<std::string, std::string> methods;
  for (const wit::Function* function : functions_) {
    const std::string name = resolve.extern_name(*function);
    TRY(wit::function_text(resolve, *function));
    const auto [found, is_new] = methods.try_emplace(method_name(resolve, *function), name);
    if (is_new) continue;
    return Error::not_supported(fmt::format("functions `{}` and `{}` would both be `{}` in C++",
                                            found->second, name, found->first));
  }
  return {};
}

bool FunctionWriter::use_endpoints() const {
  return std::ranges::any_of(functions_, [this](const wit::Function* function) {
    return (function->result && types_->holds_endpoint(*function->result)) ||
           std::ranges::any_of(function->params, [this](const wit::Parameter& param) {
             return types_->holds_endpoint(param.type);
           });
  });
}

std::string FunctionWriter::signature(const wit::Function& function) {
  std::string params;
  for (const wit::Parameter& param : function.params) {
    if (!params.empty()) params += ", ";
    params += types_->parameter(param.type) + " " + parameter_name(param.name);
  }
  const wit::Resolve& resolve = types_->resolve();
  const bool waits = function.asyncness == wit::Asyncness::Async ||
                     types_->mapping().may_wait(identity_, resolve.extern_name(function));
  return local(fmt::format("{}<{}> {}({})", waits ? "::spindle::io::Eventual" : "::spindle::Result",
                           types_->result(function.result), method_name(resolve, function),
                           params));
}

std::string FunctionWriter::host_class() {
  if (empty()) return "";
  std::string out =
      "// What implements the functions. An Error traps the guest; failures that it is to see are\n"
      "// the std::expected inside.\nclass Host {\n public:\n  virtual ~Host() = default;\n";
  for (const wit::Function* function : functions_) {
    out += "\n" + comment(function->docs, "  ");
    out += fmt::format("  virtual {} = 0;\n", signature(*function));
  }
  return out +
         "};\n\n// `host` outlives the instances that use it.\n"
         "::spindle::component::HostBinding implement(Host& host);\n";
}

std::string FunctionWriter::type_literal(const wit::Function& function) {
  Result<std::string> type = wit::function_text(types_->resolve(), function);
  if (!type.has_value()) types_->set_error(type.error());
  return quoted(std::move(type).value_or(""));
}

std::string FunctionWriter::function_table() {
  if (empty()) return "";
  const wit::Resolve& resolve = types_->resolve();
  std::string out = "constexpr ::spindle::component::HostFunction kFunctions[] = {\n";
  for (const wit::Function* function : functions_) {
    out += fmt::format(
        "    ::spindle::component::host_function<&Host::{}>(\n        {},\n        {}),\n",
        method_name(resolve, *function), quoted(resolve.extern_name(*function)),
        type_literal(*function));
  }
  return out + "};\n";
}

FunctionWriter::Call FunctionWriter::call(const wit::Function& function) {
  const wit::Resolve& resolve = types_->resolve();
  Call made;
  const std::string method = method_name(resolve, function);
  if (function.asyncness == wit::Asyncness::Async) {
    made.async_name = method;
  } else {
    made.name = method;
    made.async_name = method + "_async";
    const bool is_taken = std::ranges::any_of(functions_, [&](const wit::Function* other) {
      return method_name(resolve, *other) == made.async_name;
    });
    if (is_taken) made.async_name += "_";
  }
  made.result = local(types_->result(function.result));
  for (const wit::Parameter& param : function.params) {
    const std::string type = local(types_->parameter(param.type));
    const std::string name = parameter_name(param.name);
    const std::string_view separator = made.types.empty() ? "" : ", ";
    made.types += fmt::format("{}{}", separator, type);
    made.params += fmt::format("{}{} {}", separator, type, name);
    made.arguments += types_->holds_own(param.type)
                          ? fmt::format("{}std::move({})", separator, name)
                          : fmt::format("{}{}", separator, name);
  }
  return made;
}

std::string FunctionWriter::guest_class() {
  if (empty()) return "";
  std::string out =
      "// Calls a component that exports the functions. An Error is a trap, a limit or a refusal:\n"
      "// the instance is not entered again. Views are read during the call. `x_async` runs on "
      "the\n"
      "// instance's event loop, for guests that wait; so do functions that are async in WIT, "
      "which\n"
      "// have no other form. What a task is given outlives it.\n"
      "class Guest {\n public:\n"
      "  // Compares the types. `instance` outlives this.\n"
      "  static ::spindle::Result<Guest> find(::spindle::component::ComponentInstance& "
      "instance);\n";
  for (const wit::Function* function : functions_) {
    const Call made = call(*function);
    out += "\n" + comment(function->docs, "  ");
    if (!made.name.empty()) {
      out += fmt::format("  ::spindle::Result<{}> {}({});\n", made.result, made.name, made.params);
    }
    out += fmt::format("  ::spindle::io::Task<::spindle::Result<{}>> {}({});\n", made.result,
                       made.async_name, made.params);
  }
  return out + fmt::format(
                   "\n private:\n  Guest() = default;\n"
                   "  ::spindle::component::ComponentInstance* instance_ = nullptr;\n"
                   "  std::array<::spindle::component::LiftIndex, {}> functions_;\n}};\n",
                   functions_.size());
}

std::string FunctionWriter::guest_source() {
  if (empty()) return "";
  const wit::Resolve& resolve = types_->resolve();
  std::string found;
  std::string members;
  size_t index = 0;
  for (const wit::Function* function : functions_) {
    const Call made = call(*function);
    const std::string exported =
        fmt::format("::spindle::component::ExportFunction<{}({})>", made.result, made.types);
    found += fmt::format(
        "  guest.functions_[{}] = TRY(::spindle::component::find_export(\n"
        "      instance.prepared(), {{{}, {},\n        {},\n        {}::core_signature()}}));\n",
        index, quoted(identity_.id), quoted(resolve.extern_name(*function)),
        type_literal(*function), exported);
    const std::string body =
        fmt::format("  return {}(*instance_, functions_[{}])", exported, index);
    if (!made.name.empty()) {
      members += fmt::format("\n::spindle::Result<{}> Guest::{}({}) {{\n{}({});\n}}\n", made.result,
                             made.name, made.params, body, made.arguments);
    }
    members += fmt::format(
        "\n::spindle::io::Task<::spindle::Result<{}>> Guest::{}({}) {{\n{}.async({});\n}}\n",
        made.result, made.async_name, made.params, body, made.arguments);
    ++index;
  }
  return fmt::format(
      "\n::spindle::Result<Guest> Guest::find(::spindle::component::ComponentInstance& instance) "
      "{{\n  Guest guest;\n  guest.instance_ = &instance;\n{}  return guest;\n}}\n{}",
      found, members);
}

}  // namespace spindle::bindgen
