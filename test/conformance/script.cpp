#include "script.h"

#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <boost/json/src.hpp>

#include "wasm/module.h"

namespace spindle::conformance {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

json::array list_of(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found != nullptr && found->is_array() ? found->as_array() : json::array();
}

Result<json::value> parse_json(const std::filesystem::path& path) {
  const std::vector<uint8_t> bytes = TRY(read_binary(path));
  boost::system::error_code failure;
  json::value value =
      json::parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, failure);
  if (failure) return Error::invalid_input(path.string() + ": " + failure.message());
  return value;
}

Command parse_command(const json::object& object) {
  Command command;
  command.type = text_of(object, "type");
  if (const json::value* line = object.if_contains("line"); line != nullptr && line->is_number()) {
    command.line = line->to_number<uint64_t>();
  }
  command.name = text_of(object, "name");
  command.instance = text_of(object, "instance");
  command.module = text_of(object, "module");
  command.filename = text_of(object, "filename");
  command.is_text = text_of(object, "module_type") == "text";
  if (std::string binary = text_of(object, "binary_filename"); !binary.empty()) {
    command.filename = binary;
    command.is_text = false;
  }
  command.text = text_of(object, "text");
  command.expected = list_of(object, "expected");
  if (const json::value* action = object.if_contains("action"); action && action->is_object()) {
    const json::object& invoke = action->as_object();
    command.action = {text_of(invoke, "module"), text_of(invoke, "field"), list_of(invoke, "args")};
  }
  return command;
}

Result<Script> load_script(const std::filesystem::path& folder, std::string name) {
  Script script;
  script.name = std::move(name);
  script.folder = folder / "wast" / script.name;
  const json::value root = TRY(parse_json(script.folder / "test.json"));
  if (!root.is_object()) return Error::invalid_input("a script is not an object");
  for (const json::value& command : list_of(root.as_object(), "commands")) {
    if (command.is_object()) script.commands.push_back(parse_command(command.as_object()));
  }
  return script;
}

}  // namespace

Result<std::vector<uint8_t>> read_binary(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error::not_found(fmt::format("cannot open {}", path.string()));
  return std::vector<uint8_t>(std::istreambuf_iterator<char>(file), {});
}

Result<std::vector<uint8_t>> read_component(const Script& script, const Command& command) {
  if (command.wat.empty()) return read_binary(script.folder / command.filename);
  return wasm::wat2wasm(command.wat);
}

Result<std::vector<Script>> load_scripts(const std::filesystem::path& folder) {
  const json::value index = TRY(parse_json(folder / "index.json"));
  if (!index.is_object()) return Error::invalid_input("index.json is not an object");
  std::vector<Script> scripts;
  for (const auto& [name, entry] : index.as_object()) {
    Script script = TRY(load_script(folder, name));
    if (entry.is_object()) {
      const json::object& fields = entry.as_object();
      if (const json::value* tier = fields.if_contains("tier")) {
        script.tier = tier->is_number() ? tier->to_number<int>() : 0;
      }
      if (const json::value* flags = fields.if_contains("features"); flags && flags->is_object()) {
        for (const auto& [flag, value] : flags->as_object()) {
          if (value.is_string()) script.features[flag] = std::string(value.as_string());
        }
      }
    }
    scripts.push_back(std::move(script));
  }
  return scripts;
}

}  // namespace spindle::conformance
