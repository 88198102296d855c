#include "cli/build_command.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <thread>

#include "cli/find_application.h"
#include "cli/terminal.h"
#include "cli/up.h"
#include "develop/build.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

// Commands that run side by side have their lines marked with their component.
class PrintedBuild final : public develop::BuildReport {
 public:
  explicit PrintedBuild(const std::vector<develop::BuildJob>& jobs) : is_single_(jobs.size() == 1) {
    for (const auto& job : jobs) width_ = std::max(width_, job.component.size());
  }
  void starting(const develop::BuildJob& job, const std::string& command) override {
    fmt::print("{} component {} with `{}`\n", emphasize("Building", Emphasis::Good, STDOUT_FILENO),
               job.component, command);
    // The command writes to the same place.
    std::fflush(stdout);
  }
  void line(const develop::BuildJob& job, develop::OutputStream stream,
            std::string_view text) override {
    auto* file = stream == develop::OutputStream::Output ? stdout : stderr;
    fmt::print(file, "{:<{}} | {}\n", job.component, width_, text);
    std::fflush(file);
  }
  void built(const develop::BuildJob& job) override {
    if (is_single_) return;
    fmt::print("{} component {}\n", emphasize("Built", Emphasis::Good, STDOUT_FILENO),
               job.component);
    std::fflush(stdout);
  }

 private:
  const bool is_single_;
  size_t width_ = 0;
};

void warn_of_what_is_not_done(const develop::BuildManifest& manifest, const BuildOptions& options) {
  if (manifest.has_targets && !options.skip_target_checks) {
    print_warning(
        "the components are not checked against the manifest's `targets`, which is not "
        "supported yet");
  }
  if (options.skip_generate_wits) return;
  for (const auto& component : manifest.components) {
    if (component.dependency_sources.empty() || component.commands.empty()) continue;
    const auto wit = manifest.working_directory(component) / "spin-dependencies.wit";
    std::error_code error;
    if (fs::exists(wit, error)) continue;
    print_warning(fmt::format(
        "component `{}` has dependencies, but `spin-dependencies.wit` is not generated yet; "
        "`spindle component wit FILE` prints the WIT of one",
        component.id));
  }
}

// Build commands find this program and its SDK by these: installed, or as they are built.
void set_own_places() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (error) return;
  setenv("SPINDLE", program.c_str(), 1);
  const auto prefix = program.parent_path().parent_path();
  for (const auto& sdk : {prefix / "share" / "spindle" / "cpp", prefix / "sdk" / "cpp"}) {
    if (!fs::exists(sdk / "toolchain.cmake", error)) continue;
    setenv("SPINDLE_SDK_CPP", sdk.c_str(), 0);
    return;
  }
}

// False: nothing has a build command.
Result<bool> build(const develop::BuildManifest& manifest, const std::vector<std::string>& ids) {
  auto jobs = TRY(develop::plan_build(manifest, ids));
  if (jobs.empty()) return false;
  set_own_places();
  PrintedBuild report(jobs);
  develop::Builder::Options options;
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  if (jobs.size() > 1) options.output = develop::Builder::Output::Lines;
  auto failures = develop::Builder(std::move(jobs), options, report).run();
  if (failures.empty()) return true;
  for (size_t index = 1; index < failures.size(); ++index) print_error(failures[index]);
  return std::move(failures.front());
}

Result<void> build_and_report(const develop::BuildManifest& manifest, const BuildOptions& options) {
  warn_of_what_is_not_done(manifest, options);
  if (TRY(build(manifest, options.component_ids))) {
    TRY(develop::record_last_build(manifest, options.profile.value_or("")));
    fmt::print("Finished building all Spin components\n");
  } else {
    fmt::print(
        "None of the components have a build command; it is `command` of "
        "[component.NAME.build]\n");
  }
  std::fflush(stdout);
  if (manifest.problem) {
    print_warning(fmt::format("the manifest has errors that did not hinder the build:\n{}",
                              manifest.problem->to_string()));
  }
  return {};
}

}  // namespace

Result<void> build_application(const fs::path& source, const std::optional<std::string>& profile) {
  auto manifest = TRY(develop::read_build_manifest(source, profile.value_or("")));
  return build_and_report(manifest, {.source = source, .profile = profile});
}

Result<void> build_watched(const develop::BuildManifest& manifest,
                           const std::vector<std::string>& ids,
                           const std::function<void(std::function<void()> stop)>& running) {
  auto jobs = TRY(develop::plan_build(manifest, ids));
  if (jobs.empty()) return {};
  // Once: the environment is not to change while threads read it.
  static const bool is_set = (set_own_places(), true);
  (void)is_set;
  PrintedBuild report(jobs);
  const develop::Builder::Options options{
      .threads = std::max(1u, std::thread::hardware_concurrency()),
      .output = develop::Builder::Output::Lines,
      .group = develop::Command::Group::Own};
  develop::Builder builder(std::move(jobs), options, report);
  running([&builder] { builder.stop(); });
  auto failures = builder.run();
  running({});
  if (failures.empty()) return {};
  for (size_t index = 1; index < failures.size(); ++index) print_error(failures[index]);
  return std::move(failures.front());
}

Result<void> run_build_command(const BuildOptions& options) {
  const auto source = options.source ? *options.source : TRY(discover_manifest());
  auto manifest = TRY(develop::read_build_manifest(source, options.profile.value_or("")));
  TRY(build_and_report(manifest, options));
  if (options.up == nullptr) return {};
  auto up = *options.up;
  up.source = manifest.path;
  up.profile = options.profile;
  up.build = false;
  return run_up(up);
}

}  // namespace spindle::cli
