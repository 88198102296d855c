#include "develop/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace spindle::develop {
namespace {

namespace fs = std::filesystem;

Result<fs::path> directory_of(const BuildManifest& manifest, const BuildComponent& component) {
  if (component.workdir && fs::path(*component.workdir).has_root_path()) {
    return Error::invalid_input(
        fmt::format("component `{}`: the workdir `{}` of its build must be relative", component.id,
                    *component.workdir));
  }
  return manifest.working_directory(component);
}

// Orders components so that each comes after those whose files it depends on.
class Sorter {
 public:
  Sorter(const BuildManifest& manifest, std::span<const std::string> ids)
      : manifest_(manifest), ids_(ids), states_(manifest.components.size(), State::New) {}

  Result<std::vector<BuildJob>> run() {
    for (size_t index = 0; index < manifest_.components.size(); ++index) {
      if (is_wanted(manifest_.components[index])) TRY(add(index));
    }
    return std::move(jobs_);
  }

 private:
  enum class State : uint8_t { New, Entered, Added };

  bool is_wanted(const BuildComponent& component) const {
    if (component.commands.empty()) return false;
    return ids_.empty() || std::ranges::find(ids_, component.id) != ids_.end();
  }
  bool makes(const BuildComponent& component, const std::string& path) const {
    return component.source &&
           fs::path(*component.source).lexically_normal() == fs::path(path).lexically_normal();
  }

  // The recursion is as deep as there are components at most, since none is entered twice. In a
  // circle somebody is first.
  Result<void> add(size_t index) {
    if (states_[index] != State::New) return {};
    states_[index] = State::Entered;
    const auto& component = manifest_.components[index];
    BuildJob job{
        .component = component.id, .commands = component.commands, .directory = {}, .after = {}};
    job.directory = TRY(directory_of(manifest_, component));
    for (const auto& path : component.dependency_sources) {
      for (size_t other = 0; other < manifest_.components.size(); ++other) {
        const auto& maker = manifest_.components[other];
        if (other == index || !is_wanted(maker) || !makes(maker, path)) continue;
        TRY(add(other));
        auto made = std::ranges::find(jobs_, maker.id, &BuildJob::component);
        if (made != jobs_.end()) job.after.push_back(static_cast<size_t>(made - jobs_.begin()));
      }
    }
    jobs_.push_back(std::move(job));
    states_[index] = State::Added;
    return {};
  }

  const BuildManifest& manifest_;
  const std::span<const std::string> ids_;
  std::vector<State> states_;
  std::vector<BuildJob> jobs_;
};

}  // namespace

Result<std::vector<BuildJob>> plan_build(const BuildManifest& manifest,
                                         std::span<const std::string> ids) {
  for (const auto& id : ids) {
    if (manifest.find(id) != nullptr) continue;
    return Error::not_found(fmt::format("the application has no component `{}`", id));
  }
  return Sorter(manifest, ids).run();
}

std::vector<Error> Builder::run() {
  const auto count = std::min<size_t>(std::max(1u, options_.threads), jobs_.size());
  std::vector<std::thread> threads;
  for (size_t index = 1; index < count; ++index) threads.emplace_back([this] { work(); });
  work();
  for (auto& thread : threads) thread.join();
  return std::move(failures_);
}

void Builder::stop() {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  for (auto* command : running_) command->stop();
}

void Builder::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto index = take(lock);
    if (index == jobs_.size()) return;
    states_[index] = State::Running;
    lock.unlock();
    auto built = build(jobs_[index]);
    lock.lock();
    states_[index] = State::Done;
    if (!built) failures_.push_back(built.take_error());
    changed_.notify_all();
  }
}

size_t Builder::take(std::unique_lock<std::mutex>& lock) {
  while (!stopping_ && failures_.empty()) {
    bool has_waiting = false;
    for (size_t index = 0; index < jobs_.size(); ++index) {
      if (states_[index] != State::Waiting) continue;
      has_waiting = true;
      const bool is_ready = std::ranges::all_of(
          jobs_[index].after, [&](size_t other) { return states_[other] == State::Done; });
      if (is_ready) return index;
    }
    if (!has_waiting) break;
    changed_.wait(lock);
  }
  return jobs_.size();
}

Result<void> Builder::build(const BuildJob& job) {
  for (const auto& text : job.commands) {
    {
      std::lock_guard lock(report_mutex_);
      report_.starting(job, text);
    }
    auto ran = run_command(job, text);
    const int code = TRY(std::move(ran).context(
        [&] { return fmt::format("building component `{}`", job.component); }));
    if (code == 0) continue;
    return Error::unavailable(fmt::format("the command `{}` ended with exit code {}", text, code))
        .with_context(fmt::format("building component `{}`", job.component));
  }
  std::lock_guard lock(report_mutex_);
  report_.built(job);
  return {};
}

Result<int> Builder::run_command(const BuildJob& job, const std::string& text) {
  Command::Options options{.arguments = shell_command(text),
                           .directory = job.directory,
                           .group = options_.group,
                           .on_line = {}};
  if (options_.output == Output::Lines) {
    options.on_line = [&](OutputStream stream, std::string_view line) {
      std::lock_guard lock(report_mutex_);
      report_.line(job, stream, line);
    };
  }
  Command command(std::move(options));
  std::list<Command*>::iterator place;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return Error::canceled("the build was stopped");
    place = running_.insert(running_.end(), &command);
  }
  auto code = command.run();
  std::lock_guard lock(mutex_);
  running_.erase(place);
  return code;
}

}  // namespace spindle::develop
