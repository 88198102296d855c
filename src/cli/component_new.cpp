// `spindle component new`.

#include <fmt/format.h>

#include "assemble/componentize/make_component.h"
#include "cli/component_command.h"
#include "cli/files.h"
#include "cli/worlds.h"
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
    auto world = TRY(find_world(*resolve, *options.wit, options.world));
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
