#include "scaffold/fetch.h"

#include <fmt/format.h>

#include "develop/command.h"

namespace spindle::scaffold {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSpinTag = "spin/templates/v4.1";

Result<void> run(std::vector<std::string> arguments, std::string_view what) {
  const auto program = arguments.front();
  develop::Command command(
      {.arguments = std::move(arguments), .directory = fs::current_path(), .on_line = {}});
  const int code = TRY(command.run());
  if (code == 0) return {};
  return Error::unavailable(fmt::format("{}: `{}` ended with exit code {}", what, program, code));
}

// What begins with a dash would be taken for an option.
Result<void> check_argument(std::string_view text) {
  if (!text.empty() && !text.starts_with('-')) return {};
  return Error::invalid_input(fmt::format("invalid location or branch \"{}\"", text));
}

bool has_tag(const std::string& url, std::string_view tag) {
  return output_of({"git", "ls-remote", "--exit-code", "--tags", "--", url,
                    fmt::format("refs/tags/{}", tag)})
      .has_value();
}

}  // namespace

std::optional<std::string> output_of(std::vector<std::string> arguments) {
  std::string output;
  develop::Command command({.arguments = std::move(arguments),
                            .directory = fs::current_path(),
                            .on_line = [&](develop::OutputStream stream, std::string_view line) {
                              if (stream == develop::OutputStream::Error) return;
                              if (!output.empty()) output += '\n';
                              output += line;
                            }});
  auto code = command.run();
  if (!code || code.value() != 0) return std::nullopt;
  return output;
}

Result<void> fetch_git(const std::string& url, const std::optional<std::string>& branch,
                       const fs::path& into) {
  TRY(check_argument(url));
  if (branch) TRY(check_argument(*branch));
  std::vector<std::string> arguments = {"git", "clone", "--quiet", "--depth", "1"};
  if (branch) {
    arguments.insert(arguments.end(), {"--branch", *branch});
  } else if (has_tag(url, kSpinTag)) {
    arguments.insert(arguments.end(),
                     {"-c", "advice.detachedHead=false", "--branch", std::string(kSpinTag)});
  }
  arguments.insert(arguments.end(), {"--", url, into.string()});
  return run(std::move(arguments), fmt::format("cloning {}", url));
}

Result<fs::path> fetch_archive(const std::string& location, const fs::path& into) {
  TRY(check_argument(location));
  auto archive = fs::path(location);
  if (location.contains("://")) {
    archive = into / "archive";
    TRY(run({"curl", "--fail", "--silent", "--show-error", "--location", "--output",
             archive.string(), "--", location},
            fmt::format("downloading {}", location)));
  }
  const auto tree = into / "tree";
  std::error_code error;
  fs::create_directories(tree, error);
  TRY(run({"tar", "-xf", archive.string(), "-C", tree.string()},
          fmt::format("unpacking {}", location)));
  if (fs::exists(tree / "templates", error)) return tree;
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(tree, error)) entries.push_back(entry.path());
  return entries.size() == 1 ? entries.front() : tree;
}

}  // namespace spindle::scaffold
