#include "cli/watch_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <set>

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
      loop.block_on(set_ ? wait_for_change(loop, *watcher) : wait_for_event(loop, *watcher));
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
      auto waiting = wait_for_change(loop, *watcher);
      co_await std::move(waiting);
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
    if (set_) remember();
    TRY(read());
    remember();
    const Result<void> built = options_.skip_build ? Result<void>() : build({});
    tried_ = served_ = set_->look().served;
    if (!built) return built.error();
    app_ = TRY(PreparedApp::create(up_, manifest_, nullptr));
    return {};
  }

  void remember() {
    seen_ = set_->look();
    tried_ = seen_.served;
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

  io::Task<void> wait_for_change(io::EventLoop& loop, develop::FileWatcher& watcher) {
    while (!has_changed(watcher)) {
      auto event = wait_for_event(loop, watcher);
      co_await std::move(event);
    }
  }

  io::Task<void> wait_for_event(io::EventLoop& loop, develop::FileWatcher& watcher) {
    if (!set_) watch({manifest_.parent_path()}, watcher);
    auto changed = watcher.changed();
    co_await std::move(changed);
    auto quiet = io::sleep_for(loop, options_.debounce);
    co_await std::move(quiet);
    watcher.drain();
  }

  // Watches everything that it looks at, and looks again if that has become more meanwhile, so that
  // nothing changes unseen between the two.
  bool has_changed(develop::FileWatcher& watcher) {
    std::set<fs::path> watched;
    while (true) {
      const auto now = set_->look();
      if (now.served != tried_ || !develop::changed_sources(seen_, now).empty()) return true;
      if (now.directories == watched) return false;
      watched = now.directories;
      watch(watched, watcher);
    }
  }

  static void watch(const std::set<fs::path>& directories, develop::FileWatcher& watcher) {
    auto watching = watcher.watch(directories);
    if (!watching) print_error(watching.error());
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
    seen_ = now;
    if (is_other_manifest) {
      TRY(read());
      seen_ = now = set_->look();
      changed.clear();
    }
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
