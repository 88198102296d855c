#include "develop/checkup.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ranges>

#include "app/loader.h"
#include "develop/command.h"
#include "develop/watch_set.h"

namespace spindle::develop {
namespace {

namespace fs = std::filesystem;

// A program of build commands, and how one gets it.
struct Tool {
  std::string_view name;
  std::string_view help;
};

constexpr Tool kTools[] = {
    {"cargo", "install Rust: https://rustup.rs"},
    {"clang", "install clang and lld (Debian: apt install clang lld)"},
    {"clang++", "install clang and lld (Debian: apt install clang lld)"},
    {"cmake", "install CMake (Debian: apt install cmake)"},
    {"componentize-go", "go install go.bytecodealliance.org/cmd/componentize-go@latest"},
    {"componentize-py", "pip install componentize-py"},
    {"go", "install Go: https://go.dev/dl"},
    {"make", "install make (Debian: apt install make)"},
    {"ninja", "install Ninja (Debian: apt install ninja-build)"},
    {"node", "install Node.js: https://nodejs.org"},
    {"npm", "install Node.js: https://nodejs.org"},
    {"npx", "install Node.js: https://nodejs.org"},
    {"pip", "install Python with pip (Debian: apt install python3-pip)"},
    {"pip3", "install Python with pip (Debian: apt install python3-pip)"},
    {"python3", "install Python (Debian: apt install python3 python3-venv)"},
    {"rustc", "install Rust: https://rustup.rs"},
    {"spindle",
     "put the folder of this program into PATH; `spindle build` does so for commands "
     "that say \"$SPINDLE\""},
    {"tinygo", "install TinyGo: https://tinygo.org/getting-started/install"},
    {"wasm-tools", "cargo install wasm-tools"},
    {"zig", "install Zig: https://ziglang.org/download"},
};

// Words that a shell has itself, or that only introduce a command.
constexpr std::string_view kShellWords[] = {
    ":",     ".",    "[",     "alias",  "cd",    "do",    "done",   "echo", "elif", "else",
    "env",   "exec", "exit",  "export", "false", "fi",    "for",    "if",   "popd", "printf",
    "pushd", "pwd",  "read",  "return", "set",   "shift", "source", "test", "then", "time",
    "trap",  "true", "umask", "unset",  "until", "while", "{",      "}",    "!"};

std::string_view help_for(std::string_view program) {
  const auto found = std::ranges::find(kTools, program, &Tool::name);
  return found == std::end(kTools) ? "install it, or put its folder into PATH" : found->help;
}

bool is_program(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

bool can_run(const std::string& program, const fs::path& directory) {
  if (program.contains('/')) return is_program(directory / program);
  const char* path = std::getenv("PATH");
  for (const auto part : std::views::split(std::string_view(path == nullptr ? "" : path), ':')) {
    if (is_program(fs::path(std::string_view(part)) / program)) return true;
  }
  return false;
}

bool is_plain(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-+./").contains(c);
  });
}

// The word after `--target`, or `--target=word`.
std::vector<std::string> targets_of(const std::string& command) {
  std::vector<std::string> targets;
  std::string before;
  for (const auto part : std::views::split(std::string_view(command), ' ')) {
    const std::string word((std::string_view(part)));
    if (before == "--target") targets.push_back(word);
    if (word.starts_with("--target=")) targets.push_back(word.substr(9));
    before = word;
  }
  std::erase_if(targets, [](const auto& target) { return !target.starts_with("wasm32-"); });
  return targets;
}

// In the component's folder, which may choose another toolchain. Whatever cannot be asked holds.
bool has_rust_target(const std::string& target, const fs::path& directory) {
  if (!is_plain(target) || !can_run("rustc", directory)) return true;
  std::string libraries;
  Command asking({.arguments = {"rustc", "--print", "target-libdir", "--target", target},
                  .directory = directory,
                  .group = Command::Group::Own,
                  .on_line = [&](OutputStream stream, std::string_view line) {
                    if (stream == OutputStream::Output) libraries = line;
                  }});
  const auto code = asking.run();
  std::error_code error;
  return !code || code.value() != 0 || libraries.empty() || fs::exists(libraries, error);
}

class ComponentCheck {
 public:
  ComponentCheck(const BuildManifest& manifest, const BuildComponent& component)
      : manifest_(manifest),
        component_(component),
        directory_(manifest.working_directory(component)) {}

  std::vector<Finding> run() {
    std::error_code error;
    if (!fs::is_directory(directory_, error)) {
      add(Finding::Kind::Problem,
          fmt::format("its working directory `{}` does not exist", shown(directory_)),
          "make it, or correct `workdir` in [component." + component_.id + ".build]");
      return std::move(findings_);
    }
    for (const auto& command : component_.commands) check_command(command);
    if (component_.source) check_file(*component_.source);
    return std::move(findings_);
  }

 private:
  void check_command(const std::string& command) {
    bool has_cargo = false;
    for (const auto& program : programs_of(command)) {
      has_cargo = has_cargo || program == "cargo";
      if (can_run(program, directory_)) {
        if (program == "npm" || program == "npx") check_node_modules(command);
        continue;
      }
      add(Finding::Kind::Problem,
          fmt::format("`{}`, which its build command calls, is not installed", program),
          std::string(help_for(program)));
    }
    if (!has_cargo) return;
    for (const auto& target : targets_of(command)) {
      if (has_rust_target(target, directory_)) continue;
      add(Finding::Kind::Problem, fmt::format("Rust lacks the target {}", target),
          fmt::format("rustup target add {}", target));
    }
  }

  void check_node_modules(const std::string& command) {
    std::error_code error;
    const bool installs = command.contains("npm install") || command.contains("npm ci");
    if (installs || !fs::exists(directory_ / "package.json", error) ||
        fs::exists(directory_ / "node_modules", error)) {
      return;
    }
    add(Finding::Kind::Problem, "the packages of its package.json are not installed",
        fmt::format("cd {} && npm install", shown(directory_)));
  }

  void check_file(const std::string& source) {
    const auto file = manifest_.directory() / source;
    std::error_code error;
    const auto written = fs::last_write_time(file, error);
    if (error) {
      add(Finding::Kind::Problem,
          fmt::format("its file `{}` {}", source,
                      component_.commands.empty() ? "does not exist" : "is not built"),
          component_.commands.empty() ? "correct `source`, or give the component a build command"
                                      : fmt::format("spindle build -c {}", component_.id));
      return;
    }
    if (component_.commands.empty() || component_.watch.empty()) return;
    auto set = WatchSet::create(manifest_);
    if (!set) return add(Finding::Kind::Problem, set.error().to_string(), "correct `watch`");
    const auto newest = set->newest_source(component_.id);
    if (!newest) {
      add(Finding::Kind::Warning, "no file fits what its build watches",
          "correct `watch` in [component." + component_.id + ".build]");
    } else if (fs::last_write_time(*newest, error) > written) {
      add(Finding::Kind::Warning,
          fmt::format("`{}` is newer than what was built of it", shown(*newest)),
          fmt::format("spindle build -c {}", component_.id));
    }
  }

  std::string shown(const fs::path& path) const {
    auto text = path.lexically_relative(manifest_.directory()).string();
    while (text.ends_with('/')) text.pop_back();
    return text.empty() ? "." : text;
  }
  void add(Finding::Kind kind, std::string text, std::string help) {
    findings_.push_back({kind, component_.id, std::move(text), std::move(help)});
  }

  const BuildManifest& manifest_;
  const BuildComponent& component_;
  const fs::path directory_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<std::string> programs_of(std::string_view command) {
  std::vector<std::string> programs;
  std::string word;
  bool expects_program = true;
  char quote = 0;
  auto end_word = [&] {
    const bool is_assignment = word.contains('=');
    if (!word.empty() && expects_program && !is_assignment) {
      const bool is_shell = std::ranges::find(kShellWords, word) != std::end(kShellWords);
      if (is_plain(word) && !is_shell && std::ranges::find(programs, word) == programs.end()) {
        programs.push_back(word);
      }
      // Such as `then` and `exec`, which commands follow.
      expects_program =
          is_shell && (word == "then" || word == "do" || word == "else" || word == "exec" ||
                       word == "env" || word == "!" || word == "if" || word == "while");
    }
    word.clear();
  };
  for (const char c : command) {
    if (quote != 0) {
      if (c == quote) quote = 0;
      // No name of a program that is looked for.
      word += '"';
      continue;
    }
    if (c == '\'' || c == '"') {
      quote = c;
      word += c;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (std::string_view(";&|\n()").contains(c)) {
      end_word();
      expects_program = true;
    } else {
      word += c;
    }
  }
  end_word();
  return programs;
}

std::vector<Finding> check_manifest(const fs::path& path) {
  auto manifest = app::load_manifest(path);
  if (!manifest) {
    return {{Finding::Kind::Problem, "", manifest.error().to_string(), "correct the manifest"}};
  }
  const auto name = path.filename().string();
  std::vector<Finding> findings = {
      {Finding::Kind::Good, "", fmt::format("{} is a manifest without mistakes", name), ""}};
  if (manifest->version == 1) {
    findings.push_back({Finding::Kind::Note, "", fmt::format("{} has the old version 1", name),
                        "it works; new features need `spin_manifest_version = 2`"});
  }
  return findings;
}

std::vector<Finding> check_component(const BuildManifest& manifest,
                                     const BuildComponent& component) {
  return ComponentCheck(manifest, component).run();
}

}  // namespace spindle::develop
