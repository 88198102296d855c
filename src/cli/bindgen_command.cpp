#include "cli/bindgen_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "assemble/wit_encode/world_type.h"
#include "bindgen/guest_bindings.h"
#include "cli/files.h"
#include "cli/worlds.h"
#include "wit/load.h"

namespace spindle::cli {

CLI::App* add_bindgen_command(CLI::App& app, BindgenOptions& options) {
  auto* command = app.add_subcommand("bindgen", "write C++ for a world of WIT");
  command->add_option("WIT", options.wit, "the world's package: a directory or file of WIT; others")
      ->required();
  command->add_flag("--guest", options.is_guest, "for a component that is written for the world")
      ->required();
  command->add_option("--world", options.world, "which world, if there are several")
      ->type_name("WORLD");
  command->add_option("-o,--out", options.output, "the folder that gets WORLD.h and WORLD.cpp")
      ->type_name("DIR");
  command->add_option("--namespace", options.root, "of what is written")
      ->type_name("NAME")
      ->capture_default_str();
  command->footer(
      "Compile what it writes with the C++ SDK; the module that comes out says its world "
      "itself.\n\n"
      "Examples:\n  spindle bindgen --guest wit --world plugin -o generated\n");
  return command;
}

Result<int> run_bindgen(const BindgenOptions& options) {
  const wit::Resolve resolve = TRY(wit::load_paths(options.wit));
  const wit::WorldId world = TRY(find_world(resolve, options.wit.front(), options.world));
  const std::vector<uint8_t> type = TRY(assemble::encode_world_type(resolve, world));
  const bindgen::GuestOptions guest{world, options.root, type};
  const std::vector<bindgen::GeneratedFile> files =
      TRY(bindgen::generate_guest_bindings(resolve, guest));
  std::error_code failed;
  std::filesystem::create_directories(options.output, failed);
  for (const bindgen::GeneratedFile& file : files) {
    const std::string path = (std::filesystem::path(options.output) / file.path).string();
    // A file whose text is the same keeps its time, so that nothing is compiled again.
    if (auto old = read_bytes(path); old && std::ranges::equal(*old, file.text)) continue;
    TRY(write_text(path, file.text));
  }
  return 0;
}

}  // namespace spindle::cli
