#pragma once

// A component-model script as data: commands in order, as the JSON beside its binaries gives them,
// and the index that lists scripts with their tiers. Values stay JSON until a function's type says
// how to read them (json_value.h).

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace spindle::conformance {

struct Action {
  std::string module;  // empty: the latest instance
  std::string field;
  boost::json::array args;
};

struct Command {
  std::string type;
  uint64_t line = 0;
  std::string name;      // of a module, a definition
  std::string instance;  // module_instance: the name given to the instance
  std::string module;    // module_instance: the definition
  std::string filename;
  std::string wat;  // instead of a file
  bool is_text = false;
  std::string text;  // what the failure should say
  Action action;
  boost::json::array expected;
};

struct Script {
  std::string name;
  int tier = 0;
  std::map<std::string, std::string> features;
  std::filesystem::path folder;
  std::vector<Command> commands;
};

// The scripts of `folder`/index.json, each read from `folder`/wast/NAME/test.json.
Result<std::vector<Script>> load_scripts(const std::filesystem::path& folder);
Result<std::vector<uint8_t>> read_binary(const std::filesystem::path& path);
// The component that a command names: its file, or what its text says.
Result<std::vector<uint8_t>> read_component(const Script& script, const Command& command);

}  // namespace spindle::conformance
