// conformance DIR [--no-fuse] [--filter TEXT] [--json] [--texts] [--strict] [--floor N]
//     [--write FOLDER]
//
// Runs the component-model scripts of DIR and prints what fails, then one line a tier. DIR holds
// index.json and wast/, or scripts as text, *.wast. --texts also prints messages that differ, with
// --strict they are failures. With a floor, fewer passes than N are a failure. --write keeps each
// component as a file, as seeds for fuzzing.

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "runner.h"
#include "wast_text.h"

namespace spindle::conformance {
namespace {

struct Options {
  std::string folder;
  std::string filter;
  std::string write;
  int floor = 0;
  bool json = false;
  bool texts = false;
  bool strict = false;
  component::Fusing fusing = component::Fusing::On;
};

struct Count {
  int passed = 0;
  int total = 0;
  void add(bool pass) {
    ++total;
    passed += pass ? 1 : 0;
  }
  boost::json::object json() const { return {{"passed", passed}, {"total", total}}; }
};

struct Tier {
  Count all;
  Count runtime;  // assert_return, assert_trap
  Count texts;
};

bool is_runtime(const Command& command) {
  return command.type == "assert_return" || command.type == "assert_trap";
}

void run_script(const Script& script, std::shared_ptr<const wasm::Engine> engine,
                const Options& options, Tier& tier) {
  ScriptRun run(std::move(engine), script, options.fusing);
  for (const Command& command : script.commands) {
    const Outcome outcome = run.run(command);
    const bool is_accepted = !outcome.failure && !(options.strict && outcome.other_text);
    tier.all.add(is_accepted);
    if (is_runtime(command)) tier.runtime.add(!outcome.failure);
    if (!outcome.failure && !command.text.empty()) tier.texts.add(!outcome.other_text);
    if (outcome.failure && !options.json) {
      fmt::print("{}:{}: {}: {}\n", script.name, command.line, command.type, *outcome.failure);
    } else if (outcome.other_text && (options.texts || options.strict)) {
      fmt::print("{}:{}: {}\n", script.name, command.line, *outcome.other_text);
    }
  }
}

Result<void> write_components(const Script& script, const std::string& folder) {
  std::filesystem::create_directories(folder);
  for (const Command& command : script.commands) {
    if (command.wat.empty()) continue;
    Result<std::vector<uint8_t>> binary = read_component(script, command);
    if (!binary) continue;
    std::string name = fmt::format("{}.{}.wasm", script.name, command.line);
    std::ranges::replace(name, '/', '.');
    std::ofstream file(std::filesystem::path(folder) / name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(binary->data()),
               static_cast<std::streamsize>(binary->size()));
    if (!file) return Error::unavailable("cannot write to " + folder);
  }
  return {};
}

Result<std::vector<Script>> load(const std::string& folder) {
  if (std::filesystem::exists(std::filesystem::path(folder) / "index.json")) {
    return load_scripts(folder);
  }
  return load_wast_folder(folder);
}

Result<int> run_all(const Options& options) {
  const std::vector<Script> scripts = TRY(load(options.folder));
  std::shared_ptr<const wasm::Engine> engine =
      TRY(wasm::Engine::create({.pooling = wasm::Pooling::Off}));
  std::map<int, Tier> tiers;
  for (const Script& script : scripts) {
    if (script.name.find(options.filter) == std::string::npos) continue;
    if (options.write.empty()) {
      run_script(script, engine, options, tiers[script.tier]);
    } else {
      TRY(write_components(script, options.write));
    }
  }
  boost::json::object report;
  bool all_passed = true;
  int passed = 0;
  for (const auto& [number, tier] : tiers) {
    passed += tier.all.passed;
    all_passed &= tier.all.passed == tier.all.total;
    if (options.json) {
      report[fmt::format("tier {}", number)] = boost::json::object{
          {"all", tier.all.json()}, {"runtime", tier.runtime.json()}, {"texts", tier.texts.json()}};
      continue;
    }
    fmt::print("tier {} at run time: {}/{}, messages as expected: {}/{}\n", number,
               tier.runtime.passed, tier.runtime.total, tier.texts.passed, tier.texts.total);
  }
  if (options.json) {
    fmt::print("{}\n", boost::json::serialize(report));
  } else {
    for (const auto& [number, tier] : tiers) {
      fmt::print("tier {}: {}/{}\n", number, tier.all.passed, tier.all.total);
    }
  }
  if (passed < options.floor) {
    fmt::print("{} directives passed, at least {} are expected\n", passed, options.floor);
    return 1;
  }
  return all_passed ? 0 : 1;
}

}  // namespace
}  // namespace spindle::conformance

int main(int argc, char** argv) {
  using namespace spindle::conformance;
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--json") {
      options.json = true;
    } else if (arg == "--texts") {
      options.texts = true;
    } else if (arg == "--strict") {
      options.strict = true;
    } else if (arg == "--no-fuse" || arg == "--fuse") {
      options.fusing =
          arg == "--fuse" ? spindle::component::Fusing::On : spindle::component::Fusing::Off;
    } else if (arg == "--filter" && i + 1 < argc) {
      options.filter = argv[++i];
    } else if (arg == "--write" && i + 1 < argc) {
      options.write = argv[++i];
    } else if (arg == "--floor" && i + 1 < argc) {
      const std::string_view number = argv[++i];
      std::from_chars(number.data(), number.data() + number.size(), options.floor);
    } else {
      options.folder = arg;
    }
  }
  if (options.folder.empty()) {
    fmt::print(stderr,
               "usage: conformance DIR [--no-fuse] [--filter TEXT] [--json] [--texts] [--strict] "
               "[--floor N] "
               "[--write FOLDER]\n");
    return 2;
  }
  spindle::Result<int> status = run_all(options);
  if (!status) {
    fmt::print(stderr, "Error: {}\n", status.error().to_string());
    return 2;
  }
  return *status;
}
