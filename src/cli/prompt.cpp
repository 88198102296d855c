#include "cli/prompt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace spindle::cli {

bool is_interactive() {
  return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}

Result<std::string> ask_line(std::string_view question) {
  fmt::print(stderr, "{} ", question);
  std::fflush(stderr);
  char* buffer = nullptr;
  size_t capacity = 0;
  const auto length = getline(&buffer, &capacity, stdin);
  const std::unique_ptr<char, decltype(&std::free)> owner(buffer, std::free);
  if (length >= 0) {
    std::string_view line(buffer, static_cast<size_t>(length));
    if (line.ends_with('\n')) line.remove_suffix(1);
    return std::string(line);
  }
  fmt::print(stderr, "\n");
  return Error::canceled("canceled");
}

Result<bool> ask_yes(std::string_view question) {
  const auto answer = TRY(ask_line(fmt::format("{} [y/N]", question)));
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace spindle::cli
