#pragma once

// Templates of elsewhere, brought into a directory: a git repository with the program `git`, an
// archive with `tar`, and with `curl` where it has a URL. What those print goes to standard error.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace spindle::scaffold {

// The branch or tag that is asked for; else Spin's tag of templates for the version that this
// program is like; else the default branch.
Result<void> fetch_git(const std::string& url, const std::optional<std::string>& branch,
                       const std::filesystem::path& into);
// `location` is a URL or a path. The directory that has `templates`: `into`, or the one folder that
// archives of repositories have.
Result<std::filesystem::path> fetch_archive(const std::string& location,
                                            const std::filesystem::path& into);

// What a short command prints, without the end of its last line; nothing if it fails.
std::optional<std::string> output_of(std::vector<std::string> arguments);

}  // namespace spindle::scaffold
