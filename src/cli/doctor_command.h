#pragma once

// `spindle doctor`: everything that keeps an application from building or running, with what to do
// about each: mistakes of the manifest, missing programs and targets of compilers, files that are
// not built or old, imports that nobody offers, a port in use.
//
// Differs from Spin: it never changes anything; what helps is a command to be copied.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace CLI {
class App;
}

namespace spindle::cli {

struct DoctorOptions {
  std::optional<std::filesystem::path> source;
  std::optional<std::string> profile;
  std::string listen = "127.0.0.1:3000";
  bool json = false;
  // A problem is an exit code of 1; Spin's is 0.
  bool strict = false;
};

CLI::App* add_doctor_command(CLI::App& app, DoctorOptions& options);

// The exit code. An error: nothing could be looked at.
Result<int> run_doctor_command(const DoctorOptions& options);

}  // namespace spindle::cli
