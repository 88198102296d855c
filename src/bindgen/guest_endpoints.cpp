#include "bindgen/guest_endpoints.h"

#include <algorithm>

#include <fmt/format.h>

#include "bindgen/names.h"

namespace spindle::bindgen {
namespace {

struct Operation {
  const char* name;  // of the member of StreamOps
  const char* core;  // with {0} for stream or future, {1} for the index
  const char* result;
  const char* parameters;  // {0}: what only streams have
  const char* core_types;
  const char* arguments;
};

constexpr const char* kCount = ", uint32_t count";

constexpr Operation kOperations[] = {
    {"make", "[{0}-new-{1}]", "uint64_t", "", "", ""},
    {"read", "[async-lower][{0}-read-{1}]", "uint32_t", "uint32_t end, void* to{0}",
     "uint32_t, void*{0}", "end, to{0}"},
    {"write", "[async-lower][{0}-write-{1}]", "uint32_t", "uint32_t end, const void* from{0}",
     "uint32_t, const void*{0}", "end, from{0}"},
    {"cancel_read", "[{0}-cancel-read-{1}]", "uint32_t", "uint32_t end", "uint32_t", "end"},
    {"cancel_write", "[{0}-cancel-write-{1}]", "uint32_t", "uint32_t end", "uint32_t", "end"},
    {"drop_readable", "[{0}-drop-readable-{1}]", "void", "uint32_t end", "uint32_t", "end"},
    {"drop_writable", "[{0}-drop-writable-{1}]", "void", "uint32_t end", "uint32_t", "end"},
};

std::string identifier(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out.push_back(plain ? c : '_');
  }
  return out;
}

}  // namespace

void GuestEndpoints::collect(wit::Type type, std::vector<Endpoint>& out) const {
  const wit::Type definition = types_.resolve().definition(type);
  const auto* id = std::get_if<wit::TypeId>(&definition);
  if (id == nullptr) return;
  const wit::TypeKind& kind = types_.resolve().type(*id).kind;
  wit::for_each_type(kind, [&](wit::Type inner) { collect(inner, out); });
  if (const auto* stream = std::get_if<wit::Stream>(&kind)) out.push_back({true, stream->element});
  if (const auto* future = std::get_if<wit::Future>(&kind)) out.push_back({false, future->value});
}

void GuestEndpoints::define(const GuestScope& scope, const std::string& function,
                            const std::string& ops, const std::string& kind, size_t index) {
  const bool is_stream = kind == "stream";
  const std::string prefix = fmt::format("{}_{}", kind, seen_.size());
  std::string imports;
  std::string members;
  for (const Operation& each : kOperations) {
    imports += fmt::format(
        "__attribute__((import_module({}), import_name({})))\n{} {}_{}({});\n",
        quoted(scope.module()),
        quoted(fmt::format(fmt::runtime(each.core), kind, index) + function), each.result, prefix,
        each.name, fmt::format(fmt::runtime(each.core_types), is_stream ? ", uint32_t" : ""));
    members += fmt::format(
        "__attribute__((weak)) {} {}::{}({}) {{\n  return ::{}::endpoints_::{}_{}({});\n}}\n",
        each.result, ops, each.name,
        fmt::format(fmt::runtime(each.parameters), is_stream ? kCount : ""), types_.root(), prefix,
        each.name, fmt::format(fmt::runtime(each.arguments), is_stream ? ", count" : ""));
  }
  definitions_ +=
      fmt::format("namespace {0}::endpoints_ {{\n{1}}}  // namespace {0}::endpoints_\n{2}\n",
                  types_.root(), imports, members);
}

std::string GuestEndpoints::declare(const GuestScope& scope, const wit::Function& function,
                                    const Endpoint& endpoint, size_t index) {
  const std::string kind = endpoint.is_stream ? "stream" : "future";
  const std::string ops =
      fmt::format("spindle::abi::{}Ops<{}>", endpoint.is_stream ? "Stream" : "Future",
                  types_.value(endpoint.payload, scope.side));
  if (!seen_.insert(ops).second) return "";
  define(scope, types_.resolve().extern_name(function), ops, kind, index);
  const std::string guard = "SPINDLE_HAS_" + identifier(ops);
  std::string out =
      fmt::format("#ifndef {0}\n#define {0}\ntemplate <>\nstruct {1} {{\n", guard, ops);
  for (const Operation& each : kOperations) {
    out +=
        fmt::format("  static {} {}({});\n", each.result, each.name,
                    fmt::format(fmt::runtime(each.parameters), endpoint.is_stream ? kCount : ""));
  }
  return out + "};\n#endif\n\n";
}

std::string GuestEndpoints::declarations(const GuestScope& scope) {
  std::string out;
  for (const wit::Function* function : scope.functions) {
    std::vector<Endpoint> found;
    for (const wit::Parameter& param : function->params) collect(param.type, found);
    if (function->result) collect(*function->result, found);
    for (size_t i = 0; i < found.size(); ++i) out += declare(scope, *function, found[i], i);
  }
  return out;
}

bool is_asynchronous(const GuestTypes& types, const GuestScope& scope) {
  const auto has_endpoint = [&](wit::Type type) { return types.holds_endpoint(type); };
  return std::ranges::any_of(scope.functions, [&](const wit::Function* function) {
    return function->asyncness == wit::Asyncness::Async ||
           std::ranges::any_of(function->params, has_endpoint, &wit::Parameter::type) ||
           (function->result && has_endpoint(*function->result));
  });
}

}  // namespace spindle::bindgen
