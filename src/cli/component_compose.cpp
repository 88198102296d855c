// `spindle component compose`: `-d FILE` plugs what the file exports into what the component
// imports, `-d NAME=FILE` only into the imports that NAME means, as in a manifest.

#include "assemble/compose/compose.h"
#include "cli/component_command.h"
#include "cli/files.h"
#include "component/binary/encode.h"

namespace spindle::cli {
namespace {

Result<assemble::Plug> load_plug(const std::string& argument) {
  const size_t equals = argument.find('=');
  assemble::Plug plug;
  if (equals != std::string::npos) plug.name = argument.substr(0, equals);
  std::string path = equals == std::string::npos ? argument : argument.substr(equals + 1);
  auto bytes = TRY(read_wasm(path));
  plug.part = TRY(assemble::load_part(std::move(path), std::move(bytes)));
  return plug;
}

}  // namespace

Result<int> run_component_verb(const ComponentComposeOptions& options) {
  auto bytes = TRY(read_wasm(options.input));
  auto root = TRY(assemble::load_part(options.input, std::move(bytes)));
  std::vector<assemble::Plug> plugs;
  for (const auto& dependency : options.dependencies) {
    auto plug = TRY(load_plug(dependency));
    plugs.push_back(std::move(plug));
  }
  auto composed = TRY(assemble::compose(std::move(root), std::move(plugs)));
  TRY(write_wasm(options.output, component::encode_component(*composed)));
  return 0;
}

}  // namespace spindle::cli
