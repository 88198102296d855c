// `spindle component new`.

#include <fmt/format.h>

#include "assemble/componentize/make_component.h"
#include "cli/component_command.h"
#include "cli/files.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"
#include "wit/load.h"

namespace spindle::cli {
namespace {

// `NAME=FILE`, or a file whose name up to the first dot says what it stands for, as
// `wasi_snapshot_preview1.reactor.wasm` does.
std::pair<std::string, std::string> name_and_file(const std::string& text) {
  auto equals = text.find('=');
  if (equals != std::string::npos) return {text.substr(0, equals), text.substr(equals + 1)};
  auto slash = text.rfind('/');
  auto name = slash == std::string::npos ? text : text.substr(slash + 1);
  return {name.substr(0, name.find('.')), text};
}

// The only world of the packages that were asked for.
Result<wit::WorldId> only_world(const wit::Resolve& resolve, const std::string& path) {
  std::optional<wit::WorldId> found;
  for (auto root : resolve.roots()) {
    for (auto world : resolve.package(root).worlds) {
      if (found) {
        return Error::invalid_input(
            fmt::format("`{}` has several worlds; say which with --world", path));
      }
      found = world;
    }
  }
  if (!found) return Error::invalid_input(fmt::format("`{}` has no world", path));
  return *found;
}

// By full id, or by the name inside a package that was asked for.
Result<wit::WorldId> find_world(const wit::Resolve& resolve, const ComponentNewOptions& options) {
  if (!options.world) return only_world(resolve, *options.wit);
  if (auto world = resolve.find_world(*options.world)) return *world;
  for (auto root : resolve.roots()) {
    if (auto world = resolve.find_world(root, *options.world)) return *world;
  }
  return Error::not_found(fmt::format("`{}` has no world `{}`", *options.wit, *options.world));
}

}  // namespace

Result<int> run_component_verb(const ComponentNewOptions& options) {
  auto module = TRY(read_wasm(options.input));
  auto kind =
      TRY(component::detect_binary_kind(module).context(fmt::format("`{}`", options.input)));
  if (kind == component::BinaryKind::Component) {
    return Error::invalid_input(fmt::format("`{}` is a component already", options.input));
  }
  assemble::ComponentizeOptions how;
  for (const auto& adapter : options.adapters) {
    auto [name, file] = name_and_file(adapter);
    how.adapters[name] = TRY(read_wasm(file));
  }
  std::optional<wit::Resolve> resolve;
  if (options.wit) {
    resolve = TRY(wit::load_paths({*options.wit}));
    auto world = TRY(find_world(*resolve, options));
    how.world.emplace(assemble::GivenWorld{*resolve, world});
  } else if (options.world) {
    return Error::invalid_input("--world says which world of --wit is meant; --wit is missing");
  }
  auto bytes = TRY(assemble::componentize(module, how)
                       .context(fmt::format("making a component of `{}`", options.input)));
  auto made = TRY(component::decode_component(component::SharedBytes::borrow(bytes)));
  TRY(component::validate(made).context(
      fmt::format("`{}` does not fit its world: the component made of it", options.input)));
  TRY(write_wasm(options.output, bytes));
  return 0;
}

}  // namespace spindle::cli
