#pragma once

// Building the components of an application with the commands of its manifest.
//
//   auto plan = TRY(plan_build(manifest, ids));
//   auto failures = Builder(std::move(plan), options, report).run();
//
// Components build side by side, but one that another depends on builds before it. The commands of
// one component run in order. After a failure nothing new is begun; what runs is let finish.

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "develop/build_manifest.h"
#include "develop/command.h"

namespace spindle::develop {

struct BuildJob {
  std::string component;
  std::vector<std::string> commands;
  std::filesystem::path directory;
  // Indices of the jobs that this one waits for.
  std::vector<size_t> after;
};

// Jobs in an order in which they could be done one by one. `ids` empty: all components.
Result<std::vector<BuildJob>> plan_build(const BuildManifest& manifest,
                                         std::span<const std::string> ids);

// Told what happens, from several threads, but never two at a time.
class BuildReport {
 public:
  virtual ~BuildReport() = default;
  virtual void starting(const BuildJob& job, const std::string& command) = 0;
  virtual void line(const BuildJob& job, OutputStream stream, std::string_view text) = 0;
  virtual void built(const BuildJob& job) = 0;
};

class Builder {
 public:
  // Lines: the report gets the output. Inherited: it goes where that of this process goes, which is
  // for a single job.
  enum class Output : uint8_t { Inherited, Lines };
  struct Options {
    unsigned threads = 1;
    Output output = Output::Inherited;
    Command::Group group = Command::Group::OfTheTerminal;
  };

  Builder(std::vector<BuildJob> jobs, Options options, BuildReport& report)
      : jobs_(std::move(jobs)),
        options_(options),
        report_(report),
        states_(jobs_.size(), State::Waiting) {}

  // Blocks. What failed; empty if all was built.
  std::vector<Error> run();
  // From any thread; needs Group::Own.
  void stop();

 private:
  enum class State : uint8_t { Waiting, Running, Done };

  void work();
  // The index of a job that may begin; the number of jobs if there will be none.
  size_t take(std::unique_lock<std::mutex>& lock);
  Result<void> build(const BuildJob& job);
  Result<int> run_command(const BuildJob& job, const std::string& text);

  const std::vector<BuildJob> jobs_;
  const Options options_;
  BuildReport& report_;
  std::mutex report_mutex_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> states_;
  std::list<Command*> running_;
  std::vector<Error> failures_;
  bool stopping_ = false;
};

}  // namespace spindle::develop
