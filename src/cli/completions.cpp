#include "cli/completions.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace spindle::cli {
namespace {

// clang-format off
constexpr std::string_view kBash = R"sh(# Completions of spindle for bash:
#   eval "$(spindle completions bash)"
_spindle() {
  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" path='' all='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$path ${COMP_WORDS[at]}" in
@PATHS@    esac
  done
  COMPREPLY=()
  case "$path:$before" in
@VALUES@  esac
  case "$path" in
@WORDS@  esac
  COMPREPLY=($(compgen -W "$all" -- "$word"))
  if [[ "$word" != -* && -n "$path" ]]; then COMPREPLY+=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _spindle spindle
)sh";

constexpr std::string_view kZsh = R"sh(#compdef spindle
# Completions of spindle for zsh:  source <(spindle completions zsh)
_spindle() {
  local word="$words[CURRENT]" before="$words[CURRENT-1]" path='' at
  local -a all
  for ((at = 2; at < CURRENT; at++)); do
    case "$path $words[at]" in
@PATHS@    esac
  done
  case "$path:$before" in
@VALUES@  esac
  case "$path" in
@WORDS@  esac
  _describe -o 'spindle' all
  if [[ "$word" != -* && -n "$path" ]]; then _files; fi
}
if (( $+functions[compdef] )); then compdef _spindle spindle; fi
)sh";
// clang-format on

std::string fill(std::string_view script, std::string_view paths, std::string_view values,
                 std::string_view words) {
  std::string text(script);
  const std::pair<std::string_view, std::string_view> places[] = {
      {"@PATHS@", paths}, {"@VALUES@", values}, {"@WORDS@", words}};
  for (const auto& [place, content] : places) {
    text.replace(text.find(place), place.size(), content);
  }
  return text;
}

struct Flag {
  std::vector<std::string> names;  // with their dashes
  std::string about;
  bool takes_value = false;
  // What the value may be; empty: a file, or anything.
  std::vector<std::string> choices;
};

// A command with its words: of `templates list` two, each with its other names.
struct Command {
  std::vector<std::vector<std::string>> words;
  std::string about;
  std::vector<Flag> flags;
  std::vector<std::string> choices;  // of its argument

  // `templates list`; empty for the program.
  std::string path() const {
    std::vector<std::string> first;
    for (const auto& word : words) first.push_back(word.front());
    return fmt::format("{}", fmt::join(first, " "));
  }
};

// What `{plain,json}` in the help of an option lists.
std::vector<std::string> choices_of(const CLI::Option& option) {
  const auto type = option.get_type_name();
  const auto open = type.find('{');
  const auto close = type.find('}', open);
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::string word;
  for (const char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',') {
      word += c;
    } else if (!word.empty()) {
      choices.push_back(std::exchange(word, {}));
    }
  }
  return choices;
}

Flag flag_of(const CLI::Option& option) {
  Flag flag{.names = {},
            .about = option.get_description(),
            .takes_value = option.get_items_expected_max() > 0,
            .choices = choices_of(option)};
  for (const auto& name : option.get_snames()) flag.names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) flag.names.push_back("--" + name);
  return flag;
}

void collect(const CLI::App& app, std::vector<std::vector<std::string>> words,
             std::vector<Command>& commands) {
  Command command{.words = words, .about = app.get_description(), .flags = {}, .choices = {}};
  for (const auto* option : app.get_options()) {
    if (option->get_group().empty()) continue;
    auto flag = flag_of(*option);
    if (flag.names.empty()) {
      command.choices.insert(command.choices.end(), flag.choices.begin(), flag.choices.end());
    } else {
      command.flags.push_back(std::move(flag));
    }
  }
  commands.push_back(std::move(command));
  for (const auto* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_group().empty()) continue;
    std::vector<std::string> names = {sub->get_name()};
    names.insert(names.end(), sub->get_aliases().begin(), sub->get_aliases().end());
    words.push_back(std::move(names));
    collect(*sub, words, commands);
    words.pop_back();
  }
}

// Those directly below.
std::vector<const Command*> below(const std::vector<Command>& commands, const Command& above) {
  std::vector<const Command*> found;
  for (const auto& command : commands) {
    if (command.words.size() != above.words.size() + 1) continue;
    if (std::ranges::equal(above.words, std::span(command.words).first(above.words.size()))) {
      found.push_back(&command);
    }
  }
  return found;
}

std::string before(const Command& command) {
  auto path = command.path();
  return path.substr(0, path.rfind(' ') == std::string::npos ? 0 : path.rfind(' '));
}

std::string join(const std::vector<std::string>& words, std::string_view between) {
  return fmt::format("{}", fmt::join(words, between));
}

// In single quotes for a shell.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c == '\n' ? ' ' : c;
    }
  }
  return out + "'";
}

// `"up u") path='up';;` for each command: which of them the words so far name.
std::string path_cases(const std::vector<Command>& commands) {
  std::string cases;
  for (const auto& command : commands) {
    if (command.words.empty()) continue;
    std::vector<std::string> patterns;
    for (const auto& name : command.words.back()) {
      patterns.push_back(fmt::format("\"{} {}\"", before(command), name));
    }
    cases += fmt::format("      {}) path={};;\n", join(patterns, "|"), in_quotes(command.path()));
  }
  return cases;
}

// Values of flags, where the word before is one.
template <typename Values>
std::string value_cases(const std::vector<Command>& commands, const Values& values) {
  std::string cases;
  for (const auto& command : commands) {
    for (const auto& flag : command.flags) {
      if (!flag.takes_value) continue;
      std::vector<std::string> patterns;
      for (const auto& name : flag.names) {
        patterns.push_back(fmt::format("\"{}:{}\"", command.path(), name));
      }
      cases += fmt::format("    {}) {}; return;;\n", join(patterns, "|"), values(flag));
    }
  }
  return cases;
}

std::string bash_script(const std::vector<Command>& commands) {
  std::string words;
  for (const auto& command : commands) {
    std::vector<std::string> all = command.choices;
    for (const auto* sub : below(commands, command)) all.push_back(sub->words.back().front());
    for (const auto& flag : command.flags) {
      all.insert(all.end(), flag.names.begin(), flag.names.end());
    }
    words +=
        fmt::format("    {}) all={};;\n", in_quotes(command.path()), in_quotes(join(all, " ")));
  }
  const auto values = value_cases(commands, [](const Flag& flag) {
    return flag.choices.empty() ? std::string(R"(COMPREPLY=($(compgen -f -- "$word")))")
                                : fmt::format(R"(COMPREPLY=($(compgen -W {} -- "$word")))",
                                              in_quotes(join(flag.choices, " ")));
  });
  return fill(kBash, path_cases(commands), values, words);
}

// `name:about` of a list that zsh describes.
std::string described(std::string_view name, std::string_view about) {
  std::string escaped;
  for (const char c : name) {
    if (c == ':') escaped += '\\';
    escaped += c;
  }
  return in_quotes(fmt::format("{}:{}", escaped, about));
}

std::string zsh_script(const std::vector<Command>& commands) {
  std::string words;
  for (const auto& command : commands) {
    std::vector<std::string> all;
    for (const auto& choice : command.choices) all.push_back(described(choice, ""));
    for (const auto* sub : below(commands, command)) {
      all.push_back(described(sub->words.back().front(), sub->about));
    }
    for (const auto& flag : command.flags) {
      for (const auto& name : flag.names) all.push_back(described(name, flag.about));
    }
    words += fmt::format("    {}) all=({});;\n", in_quotes(command.path()), join(all, " "));
  }
  const auto values = value_cases(commands, [](const Flag& flag) {
    return flag.choices.empty() ? std::string("_files")
                                : fmt::format("compadd -- {}", join(flag.choices, " "));
  });
  return fill(kZsh, path_cases(commands), values, words);
}

// When a line of fish holds: all words of the command are there, none of those below it.
std::string fish_condition(const std::vector<Command>& commands, const Command& command) {
  std::vector<std::string> parts;
  for (const auto& names : command.words) {
    parts.push_back(fmt::format("__fish_seen_subcommand_from {}", join(names, " ")));
  }
  std::vector<std::string> inner;
  for (const auto* sub : below(commands, command)) {
    inner.insert(inner.end(), sub->words.back().begin(), sub->words.back().end());
  }
  if (!inner.empty()) {
    parts.push_back(fmt::format("not __fish_seen_subcommand_from {}", join(inner, " ")));
  }
  return in_quotes(join(parts, "; and "));
}

std::string fish_flag(const Flag& flag) {
  std::string text;
  for (const auto& name : flag.names) {
    text += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                   : fmt::format(" -s {}", name.substr(1));
  }
  if (flag.takes_value) text += " -r";
  if (!flag.choices.empty()) text += fmt::format(" -f -a {}", in_quotes(join(flag.choices, " ")));
  return text + " -d " + in_quotes(flag.about);
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string script =
      "# Completions of spindle for fish:  spindle completions fish | source\n"
      "complete -c spindle -e\ncomplete -c spindle -n __fish_use_subcommand -f\n";
  for (const auto& command : commands) {
    const auto condition = fish_condition(commands, command);
    for (const auto* sub : below(commands, command)) {
      script += fmt::format("complete -c spindle -n {} -f -a {} -d {}\n", condition,
                            sub->words.back().front(), in_quotes(sub->about));
    }
    if (!command.choices.empty()) {
      script += fmt::format("complete -c spindle -n {} -f -a {}\n", condition,
                            in_quotes(join(command.choices, " ")));
    }
    for (const auto& flag : command.flags) {
      script += fmt::format("complete -c spindle -n {}{}\n", condition, fish_flag(flag));
    }
  }
  return script;
}

}  // namespace

CLI::App* add_completions_command(CLI::App& app, std::string& shell) {
  auto* completions = app.add_subcommand("completions", "print what lets a shell complete");
  completions->add_option("SHELL", shell, "which shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completions->footer(
      "Examples:\n  eval \"$(spindle completions bash)\"        # in ~/.bashrc\n"
      "  source <(spindle completions zsh)         # in ~/.zshrc, after compinit\n"
      "  spindle completions fish > ~/.config/fish/completions/spindle.fish\n");
  return completions;
}

Shell shell_from_string(std::string_view name) {
  if (name == "zsh") return Shell::Zsh;
  return name == "fish" ? Shell::Fish : Shell::Bash;
}

std::string completion_script(const CLI::App& app, Shell shell) {
  std::vector<Command> commands;
  collect(app, {}, commands);
  switch (shell) {
    case Shell::Bash: return bash_script(commands);
    case Shell::Zsh: return zsh_script(commands);
    case Shell::Fish: return fish_script(commands);
  }
  return {};
}

}  // namespace spindle::cli
