#include "bindgen/host_bindings.h"

#include <fmt/format.h>

#include "bindgen/interface_writer.h"

namespace spindle::bindgen {
namespace {

Result<void> check_functions(const wit::Resolve& resolve, wit::InterfaceId id) {
  for (const wit::Function& function : resolve.interface(id).functions) {
    if (function.asyncness == wit::Asyncness::Async) {
      return Error::not_supported(fmt::format(
          "bindings of the async function `{}` are not supported", resolve.extern_name(function)));
    }
  }
  return {};
}

Result<void> generate(CppTypes& types, wit::InterfaceId id, std::vector<GeneratedFile>& files) {
  TRY(check_functions(types.resolve(), id));
  InterfaceWriter writer(types, id);
  const std::string path = "bindings/" + interface_names(types.resolve(), id).path();
  files.push_back({path + ".h", writer.header()});
  files.push_back({path + "_abi.h", writer.abi_header()});
  files.push_back({path + ".cpp", writer.source()});
  if (types.error()) return *types.error();
  return {};
}

// A `wait` entry of a generated interface must name one of its functions.
Result<void> check_waits(const CppTypes& types, const std::vector<wit::InterfaceId>& ids) {
  const wit::Resolve& resolve = types.resolve();
  for (const MappedWait& entry : types.mapping().waits()) {
    bool is_ours = false;
    bool found = false;
    for (wit::InterfaceId id : ids) {
      const InterfaceIdentity identity = types.identity(id);
      if (!means_interface(entry.interface, identity)) continue;
      is_ours = true;
      for (const wit::Function& function : resolve.interface(id).functions) {
        found = found || resolve.extern_name(function) == entry.item;
      }
    }
    if (is_ours && !found) {
      return Error::invalid_input(fmt::format("the mapping says `wait` for `{}`, which {} lacks",
                                              entry.item, entry.interface));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<GeneratedFile>> generate_host_bindings(const wit::Resolve& resolve,
                                                          const Mapping& mapping,
                                                          const HostOptions& options) {
  CppTypes types(resolve, mapping, options.root);
  std::vector<wit::InterfaceId> ids;
  for (const std::string& name : options.interfaces) {
    const auto id = resolve.find_interface(name);
    if (!id) return Error::not_found(fmt::format("no interface `{}` in the WIT given", name));
    ids.push_back(*id);
  }
  TRY(check_waits(types, ids));
  std::vector<GeneratedFile> files;
  for (wit::InterfaceId id : ids) {
    TRY(generate(types, id, files).context([&] { return resolve.interface_id(id); }));
  }
  return files;
}

}  // namespace spindle::bindgen
