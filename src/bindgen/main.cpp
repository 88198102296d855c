// spindle-bindgen: C++ bindings from WIT, run by the build (cmake/Bindings.cmake).

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "bindgen/host_bindings.h"
#include "wit/load.h"

namespace spindle::bindgen {
namespace {

constexpr std::string_view kUsage =
    "usage: spindle-bindgen --wit PATH... [--interface ID...] [--export ID...] [--world ID...]\n"
    "                       --out DIR [--map FILE] [--namespace NAME]\n"
    "                       [--deps FILE --target FILE]\n";

struct Arguments {
  std::vector<std::string> wit;
  HostOptions host;
  std::string out;
  std::string map;
  std::string deps;
  std::string target;
};

Result<Arguments> parse_arguments(std::span<char* const> words) {
  Arguments arguments;
  std::string option;
  for (std::string word : words) {
    if (word.starts_with("--")) {
      option = word;
    } else if (option == "--wit") {
      arguments.wit.push_back(word);
    } else if (option == "--interface") {
      arguments.host.interfaces.push_back(word);
    } else if (option == "--export") {
      arguments.host.exports.push_back(word);
    } else if (option == "--world") {
      arguments.host.worlds.push_back(word);
    } else if (option == "--out") {
      arguments.out = word;
    } else if (option == "--map") {
      arguments.map = word;
    } else if (option == "--namespace") {
      arguments.host.root = word;
    } else if (option == "--deps") {
      arguments.deps = word;
    } else if (option == "--target") {
      arguments.target = word;
    } else {
      return Error::invalid_input(fmt::format("unexpected `{}`", word));
    }
  }
  const HostOptions& wanted = arguments.host;
  const bool has_items =
      !wanted.interfaces.empty() || !wanted.exports.empty() || !wanted.worlds.empty();
  if (arguments.wit.empty() || !has_items || arguments.out.empty()) {
    return Error::invalid_input("--wit, --out, and an --interface, --export or --world are needed");
  }
  return arguments;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error::from_errno(errno, "opening " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Files whose text is the same keep their time, so that nothing is compiled again.
Result<void> write_file(const std::filesystem::path& path, const std::string& text) {
  if (Result<std::string> old = read_file(path.string()); old.has_value() && *old == text) {
    return {};
  }
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return Error::from_errno(errno, "writing " + path.string());
  return {};
}

std::set<std::string> inputs(const Arguments& arguments) {
  std::set<std::string> found;
  if (!arguments.map.empty()) found.insert(arguments.map);
  for (const std::string& root : arguments.wit) {
    std::error_code failed;
    if (!std::filesystem::is_directory(root, failed)) found.insert(root);
    for (auto at = std::filesystem::recursive_directory_iterator(root, failed);
         !failed && at != std::filesystem::recursive_directory_iterator(); at.increment(failed)) {
      if (at->path().extension() == ".wit") found.insert(at->path().string());
    }
  }
  return found;
}

Result<void> run(std::span<char* const> words) {
  const Arguments arguments = TRY(parse_arguments(words));
  Mapping mapping;
  if (!arguments.map.empty()) {
    const std::string text = TRY(read_file(arguments.map));
    mapping = TRY(parse_mapping(text).context(arguments.map));
  }
  const wit::Resolve resolve = TRY(wit::load_paths(arguments.wit));
  const std::vector<GeneratedFile> files =
      TRY(generate_host_bindings(resolve, mapping, arguments.host));
  for (const GeneratedFile& file : files) {
    TRY(write_file(std::filesystem::path(arguments.out) / file.path, file.text));
  }
  if (!arguments.deps.empty()) {
    std::string rule = arguments.target + ":";
    for (const std::string& input : inputs(arguments)) rule += " \\\n  " + input;
    TRY(write_file(arguments.deps, rule + "\n"));
  }
  return {};
}

}  // namespace
}  // namespace spindle::bindgen

int main(int argc, char** argv) {
  const spindle::Result<void> done =
      spindle::bindgen::run({argv + 1, static_cast<size_t>(argc > 0 ? argc - 1 : 0)});
  if (done.has_value()) return 0;
  fmt::print(stderr, "spindle-bindgen: {}\n{}", done.error().to_string(), spindle::bindgen::kUsage);
  return 1;
}
