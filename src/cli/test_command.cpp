#include "cli/test_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/loader.h"
#include "cli/build_command.h"
#include "cli/find_application.h"
#include "cli/prepared_app.h"
#include "cli/terminal.h"
#include "cli/test_report.h"
#include "cli/up.h"
#include "trial/runner.h"
#include "trial/stage.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesMax = 1000;

// Below the current directory as users write it.
std::string shown_path(const fs::path& path) {
  std::error_code error;
  const auto near = fs::proximate(path, error);
  const bool is_below = !error && !near.string().starts_with("..");
  return is_below ? near.string() : path.string();
}

Result<std::vector<fs::path>> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector{path};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  if (error)
    return Error::unavailable(fmt::format("reading `{}`: {}", path.string(), error.message()));
  if (files.size() > kFilesMax) {
    return Error::limit_exceeded(
        fmt::format("`{}` has more than {} files", path.string(), kFilesMax));
  }
  std::ranges::sort(files);
  return files;
}

Result<std::vector<trial::Transcript>> read_transcripts(const TestOptions& options,
                                                        const fs::path& manifest) {
  auto paths = options.paths;
  if (paths.empty()) {
    paths.push_back(manifest.parent_path() / "tests");
    std::error_code error;
    if (!fs::exists(paths.front(), error)) {
      return Error::not_found(
          fmt::format("no tests: `{}` does not exist; a test is a [[test]] in a .toml file there",
                      shown_path(paths.front())));
    }
  }
  std::vector<trial::Transcript> transcripts;
  for (const auto& path : paths) {
    for (const auto& file : TRY(files_of(path))) {
      transcripts.push_back(TRY(trial::read_transcript(shown_path(file), app::DiskFiles())));
    }
  }
  return transcripts;
}

// Leaves the tests that are asked for.
void filter(std::vector<trial::Transcript>& transcripts, const std::string& text) {
  for (auto& transcript : transcripts) {
    if (transcript.source->name().contains(text)) continue;
    std::erase_if(transcript.trials,
                  [&text](const auto& trial) { return !trial.name.contains(text); });
  }
  std::erase_if(transcripts, [](const auto& transcript) { return transcript.trials.empty(); });
}

std::unique_ptr<TestReport> make_report(const TestOptions& options) {
  switch (options.format) {
    case TestOptions::Format::Plain:
      return plain_report(options.show_output ? ShowOutput::Always : ShowOutput::OfFailures);
    case TestOptions::Format::Json: return json_report();
    case TestOptions::Format::Junit: return junit_report();
  }
  return nullptr;
}

Result<void> run_tests(const std::vector<trial::Transcript>& transcripts, trial::Play& play,
                       TestReport& report) {
  for (const auto& transcript : transcripts) {
    for (const auto& test : transcript.trials) {
      auto directory = TRY(WorkingDirectory::temporary("test"));
      report.ended(transcript, test, trial::run_trial(play, test, directory.path()));
    }
  }
  report.done();
  return {};
}

void list(const std::vector<trial::Transcript>& transcripts) {
  for (const auto& transcript : transcripts) {
    for (const auto& test : transcript.trials) {
      fmt::print("{}:{}: {}\n", transcript.source->name(), test.at.line, test.name);
    }
  }
}

}  // namespace

CLI::App* add_test_command(CLI::App& app, TestOptions& options) {
  auto* test = app.add_subcommand("test", "run the tests of an application, with fakes around it");
  test->add_option("PATH", options.paths,
                   "files of tests, or directories of them (default: `tests` beside the manifest)");
  test->add_option("-f,--from,--file", options.source,
                   "manifest, or a directory with a spin.toml (default: the one here or above)");
  test->add_option("--profile", options.profile, "build profile of the components");
  test->add_option("--filter", options.filter, "only tests whose name or file has this in it");
  test->add_flag("--build", options.build, "build the components first")
      ->envname("SPIN_ALWAYS_BUILD");
  test->add_flag("--list", options.list, "print the names of the tests, run none");
  test->add_flag("--show-output", options.show_output,
                 "print what components print, also of tests that hold");
  test->add_flag("--disable-cache", options.disable_cache, "compile without the on-disk cache")
      ->envname("DISABLE_WASMTIME_CACHE");
  test->add_option_function<std::string>(
          "--format",
          [&options](const std::string& format) {
            if (format == "json") options.format = TestOptions::Format::Json;
            if (format == "junit") options.format = TestOptions::Format::Junit;
          },
          "how results are printed (default: plain)")
      ->check(CLI::IsMember({"plain", "json", "junit"}));
  test->footer(
      "A test begins with empty stores and sends requests, or messages, to the application; there "
      "is\n"
      "no socket. Stores, SQLite and Redis are in memory, outbound requests get the answers of "
      "the\n"
      "test, time stands still until the test moves it on. docs/testing.md says what may be "
      "written.\n\n"
      "  [[test]]\n"
      "  name = \"greets\"\n\n"
      "  [[test.step]]\n"
      "  request = \"GET /hello\"\n"
      "  expect = { status = 200, body = \"Hello\" }\n\n"
      "Examples:\n  spindle test --build\n  spindle test --filter cart tests/cart.toml\n"
      "  spindle test --format junit > report.xml\n");
  return test;
}

Result<int> run_test_command(const TestOptions& options) {
  prepare_process();
  const auto source = options.source ? *options.source : TRY(discover_manifest());
  const auto manifest = fs::absolute(TRY(app::find_manifest(source)));
  auto transcripts = TRY(read_transcripts(options, manifest));
  if (!options.filter.empty()) filter(transcripts, options.filter);
  if (options.list) {
    list(transcripts);
    return 0;
  }
  if (options.build) TRY(build_application(manifest, options.profile));
  auto working = TRY(WorkingDirectory::temporary("test"));
  UpOptions up;
  up.profile = options.profile;
  auto locked = TRY(load_application(up, manifest, working));
  for (const auto& warning : locked.warnings) print_warning(warning);
  CompileProgress progress;
  trial::Play play{.locked = std::move(locked), .progress = progress};
  if (options.disable_cache) play.caching = runtime::Caching::Off;
  auto report = make_report(options);
  TRY(run_tests(transcripts, play, *report));
  return report->failed() > 0 ? 1 : 0;
}

}  // namespace spindle::cli
