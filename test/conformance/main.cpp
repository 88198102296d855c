// conformance DIR [--filter TEXT] [--json] [--texts]
//
// Runs the component-model scripts of DIR and prints what fails, then one line a tier.

#include <array>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "runner.h"

namespace spindle::conformance {
namespace {

struct Options {
  std::string folder;
  std::string filter;
  bool json = false;
  bool texts = false;
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
  ScriptRun run(std::move(engine), script);
  for (const Command& command : script.commands) {
    const Outcome outcome = run.run(command);
    tier.all.add(!outcome.failure);
    if (is_runtime(command)) tier.runtime.add(!outcome.failure);
    if (!outcome.failure && !command.text.empty()) tier.texts.add(!outcome.other_text);
    if (outcome.failure && !options.json) {
      fmt::print("{}:{}: {}: {}\n", script.name, command.line, command.type, *outcome.failure);
    } else if (outcome.other_text && options.texts) {
      fmt::print("{}:{}: {}\n", script.name, command.line, *outcome.other_text);
    }
  }
}

Result<int> run_all(const Options& options) {
  const std::vector<Script> scripts = TRY(load_scripts(options.folder));
  std::shared_ptr<const wasm::Engine> engine =
      TRY(wasm::Engine::create({.pooling = wasm::Pooling::Off}));
  std::map<int, Tier> tiers;
  for (const Script& script : scripts) {
    if (script.name.find(options.filter) == std::string::npos) continue;
    run_script(script, engine, options, tiers[script.tier]);
  }
  boost::json::object report;
  bool all_passed = true;
  for (const auto& [number, tier] : tiers) {
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
    } else if (arg == "--filter" && i + 1 < argc) {
      options.filter = argv[++i];
    } else {
      options.folder = arg;
    }
  }
  if (options.folder.empty()) {
    fmt::print(stderr, "usage: conformance DIR [--filter TEXT] [--json] [--texts]\n");
    return 2;
  }
  spindle::Result<int> status = run_all(options);
  if (!status) {
    fmt::print(stderr, "Error: {}\n", status.error().to_string());
    return 2;
  }
  return *status;
}
