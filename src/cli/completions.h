#pragma once

// Scripts by which shells complete command lines of this program. They are made of the commands
// and flags as the parser knows them, so that nothing is listed twice: hidden flags are left out,
// values with a choice are completed with it, other values and arguments with files.
//
//   eval "$(spindle completions bash)"
//   spindle completions fish | source

#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace spindle::cli {

enum class Shell : uint8_t { Bash, Zsh, Fish };

// `shell` outlives the parsing.
CLI::App* add_completions_command(CLI::App& app, std::string& shell);
Shell shell_from_string(std::string_view name);

std::string completion_script(const CLI::App& app, Shell shell);

}  // namespace spindle::cli
