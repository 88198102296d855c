#include "assemble/componentize/core_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace spindle::assemble {
namespace {

using component::CanonOp;

constexpr std::string_view kRoot = "$root";
constexpr std::string_view kExport = "[export]";
constexpr std::string_view kDrop = "[resource-drop]";
constexpr std::string_view kNew = "[resource-new]";
constexpr std::string_view kRep = "[resource-rep]";

// Prefixes in brackets that are part of a function's own name.
bool is_function_name(std::string_view name) {
  return !name.starts_with('[') || name.starts_with("[method]") || name.starts_with("[static]") ||
         name.starts_with("[constructor]");
}

Error built_in_not_supported(const component::CoreImportDecl& import) {
  return Error::not_supported(
      fmt::format("the module imports the built-in `{}` from `{}`, which is not known", import.name,
                  import.module));
}

// The name of a function that is called, without the mark of how.
struct Called {
  std::string name;
  bool is_async = false;
};

Called called(std::string_view name) {
  bool is_async = name.starts_with(kAsyncLower);
  if (is_async) name.remove_prefix(kAsyncLower.size());
  return {std::string(name), is_async};
}

Result<ImportMeaning> own_resource_call(const component::CoreImportDecl& import,
                                        std::string_view interface, const WorldView& world) {
  OwnResourceCall call;
  std::string_view resource;
  if (import.name.starts_with(kDrop)) {
    call.op = CanonOp::ResourceDrop;
    resource = import.name.substr(kDrop.size());
  } else if (import.name.starts_with(kNew)) {
    call.op = CanonOp::ResourceNew;
    resource = import.name.substr(kNew.size());
  } else if (import.name.starts_with(kRep)) {
    call.op = CanonOp::ResourceRep;
    resource = import.name.substr(kRep.size());
  } else {
    return built_in_not_supported(import);
  }
  const auto* item = world.find_export(interface);
  const auto* exported = item == nullptr ? nullptr : std::get_if<wit::WorldInterface>(&item->item);
  auto type =
      exported == nullptr ? std::nullopt : world.resolve().find_type(exported->id, resource);
  if (!type || !std::holds_alternative<wit::Resource>(world.resolve().type(*type).kind)) {
    return Error::invalid_input(
        fmt::format("the module imports `{}` from `{}`, but the world exports no such resource",
                    import.name, import.module));
  }
  call.resource = *type;
  return ImportMeaning(call);
}

Result<ImportMeaning> world_call(const component::CoreImportDecl& import, const WorldView& world) {
  auto [name, is_async] = called(import.name);
  if (!is_function_name(name)) return built_in_not_supported(import);
  const auto* function = world.find_import_function(name);
  if (function != nullptr) return ImportMeaning(ImportedCall{nullptr, function, is_async});
  return Error::invalid_input(fmt::format(
      "the module imports the function `{}`, which the world does not import", import.name));
}

Result<ImportMeaning> interface_call(const component::CoreImportDecl& import,
                                     const ImportedInterface& interface) {
  auto [name, is_async] = called(import.name);
  if (import.name.starts_with(kDrop)) {
    auto type = WorldView::find_type(interface, import.name.substr(kDrop.size()));
    if (type) return ImportMeaning(ImportedDrop{*type});
  } else if (!is_function_name(name)) {
    return built_in_not_supported(import);
  } else if (const auto* function = WorldView::find_function(interface, name)) {
    return ImportMeaning(ImportedCall{&interface, function, is_async});
  }
  return Error::invalid_input(
      fmt::format("the module imports `{}` from `{}`, which has no such item in the world",
                  import.name, import.module));
}

}  // namespace

Result<ImportMeaning> meaning_of(const component::CoreImportDecl& import,
                                 const NameContext& context) {
  if (context.in_adapter && (import.module == "__main_module__" || import.module == "env")) {
    return ImportMeaning(MainItem{import.name});
  }
  auto adapter = std::ranges::find(context.adapters, import.module, &CorePart::name);
  if (!context.in_adapter && adapter != context.adapters.end()) {
    return ImportMeaning(AdapterCall{&*adapter});
  }
  if (import.module.starts_with("cm32p2")) {
    return Error::not_supported(fmt::format(
        "the module imports from `{}`; the names `cm32p2` are not supported", import.module));
  }
  auto built_in = TRY(async_built_in(import, context.world));
  if (built_in) return ImportMeaning(*built_in);
  if (import.module == kRoot) return world_call(import, context.world);
  if (import.module.starts_with(kExport)) {
    return own_resource_call(import, import.module.substr(kExport.size()), context.world);
  }
  if (const auto* interface = context.world.find_import(import.module)) {
    return interface_call(import, *interface);
  }
  return Error::invalid_input(
      fmt::format("the module imports `{}` from `{}`, which neither the world nor an adapter has",
                  import.name, import.module));
}

}  // namespace spindle::assemble
