#include "cli/watch_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <optional>

#include "app/loader.h"
#include "cli/build_command.h"
#include "cli/find_application.h"
#include "cli/prepared_app.h"
#include "cli/terminal.h"
#include "cli/up.h"
#include "develop/file_watcher.h"
#include "develop/watch_set.h"
#include "io/blocking_pool.h"
#include "io/deadlines.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;
using develop::WatchLook;
using develop::WatchSet;

void say(const std::string& text) {
  fmt::print(stderr, "{}\n", text);
}

class Watch {
 public:
  Watch(const WatchOptions& options, UpOptions up, fs::path manifest)
      : options_(options), up_(std::move(up)), manifest_(std::move(manifest)) {}

  // What is served first. Mistakes are waited out.
  Result<void> begin(io::EventLoop& loop) {
    auto watcher = TRY(develop::FileWatcher::create(loop));
    while (true) {
      auto begun = try_begin();
      if (begun) return {};
      print_error(begun.error());
      say("Waiting for a change");
      std::set<fs::path> directories{manifest_.parent_path()};
      if (set_) directories = seen_.directories;
      TRY(watcher->watch(directories));
      loop.block_on(watcher->changed());
      loop.block_on(io::sleep_for(loop, options_.debounce));
    }
  }

  const std::shared_ptr<PreparedApp>& app() const { return app_; }

  // Until it is canceled.
  io::Task<void> run(io::EventLoop& loop, Replacer& replacer) {
    auto made = develop::FileWatcher::create(loop);
    if (!made) {
      print_error(made.error());
      co_return;
    }
    const auto watcher = made.take_value();
    while (true) {
      auto watching = watcher->watch(seen_.directories);
      if (!watching) print_error(watching.error());
      // Asked first for what changed before the watch was there.
      while (!has_changed()) {
        auto changed = watcher->changed();
        co_await std::move(changed);
        auto quiet = io::sleep_for(loop, options_.debounce);
        co_await std::move(quiet);
        watcher->drain();
      }
      auto working = io::run_blocking(loop, pool_, [this] { return take_changes(); });
      auto next = co_await std::move(working);
      if (next) replacer.replace(PreparedApp::served(next));
    }
  }

  void stop() {
    stopping_ = true;
    std::lock_guard lock(mutex_);
    if (stop_build_) stop_build_();
  }

 private:
  Result<void> try_begin() {
    TRY(read());
    seen_ = set_->look();
    if (!options_.skip_build) TRY(build({}));
    tried_ = served_ = set_->look().served;
    app_ = TRY(PreparedApp::create(up_, manifest_, nullptr));
    return {};
  }

  Result<void> read() {
    auto manifest = TRY(develop::read_build_manifest(manifest_, options_.profile.value_or("")));
    set_ = TRY(WatchSet::create(std::move(manifest)));
    return {};
  }

  Result<void> build(const std::vector<std::string>& ids) {
    return build_watched(set_->manifest(), ids, [this](std::function<void()> stop) {
      std::lock_guard lock(mutex_);
      stop_build_ = std::move(stop);
      if (stopping_ && stop_build_) stop_build_();
    });
  }

  bool has_changed() {
    const auto now = set_->look();
    return now.served != tried_ || !changed_sources(seen_, now).empty();
  }

  // Builds and prepares what has changed; null if nothing is to be replaced.
  std::shared_ptr<PreparedApp> take_changes() {
    auto next = try_changes();
    if (stopping_) return nullptr;
    if (next) return next.take_value();
    print_error(next.error());
    say("The application is served as it was");
    return nullptr;
  }

  Result<std::shared_ptr<PreparedApp>> try_changes() {
    auto now = set_->look();
    auto changed = develop::changed_sources(seen_, now);
    const bool is_other_manifest = now.manifest != seen_.manifest;
    tried_ = now.served;
    if (is_other_manifest) {
      seen_.manifest = now.manifest;
      TRY(read());
      now = set_->look();
      changed.clear();
    }
    seen_ = now;
    const bool builds = !options_.skip_build && (is_other_manifest || !changed.empty());
    if ((builds || now.served != served_) && options_.clear) clear_screen();
    const Result<void> built = builds ? build(changed) : Result<void>();
    tried_ = set_->look().served;
    if (!built) return built.error();
    if (tried_ == served_) return std::shared_ptr<PreparedApp>();
    auto next = TRY(PreparedApp::create(up_, manifest_, app_.get()));
    served_ = tried_;
    app_ = next;
    say("Replaced the application");
    return next;
  }

  static void clear_screen() {
    if (isatty(STDOUT_FILENO) == 0) return;
    fmt::print("\x1b[2J\x1b[H");
    std::fflush(stdout);
  }

  const WatchOptions& options_;
  const UpOptions up_;
  const fs::path manifest_;
  std::optional<WatchSet> set_;
  // As it was when the last build began, what was last tried to serve, and what is served.
  WatchLook seen_;
  uint64_t tried_ = 0;
  uint64_t served_ = 0;
  std::shared_ptr<PreparedApp> app_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::function<void()> stop_build_;
  io::BlockingPool pool_{1};
};

}  // namespace

Result<void> run_watch_command(const WatchOptions& options) {
  prepare_process();
  const auto source = options.source ? *options.source : TRY(discover_manifest());
  auto manifest = TRY(app::find_manifest(source));
  auto up = *options.up;
  up.source = manifest;
  up.profile = options.profile;
  up.quiet = up.quiet || options.quiet;
  up.is_watched = true;
  Watch watch(options, up, manifest);
  {
    io::EventLoop loop;
    TRY(watch.begin(loop));
  }
  const WatchHooks hooks{.replacing = [&](io::EventLoop& loop,
                                          Replacer& replacer) { return watch.run(loop, replacer); },
                         .stopping = [&] { watch.stop(); }};
  return serve_watched(up, watch.app(), hooks);
}

}  // namespace spindle::cli
