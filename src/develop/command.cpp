#include "develop/command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

extern char** environ;

namespace spindle::develop {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  int number() const { return number_; }

 private:
  int number_;
};

// One stream of the command, cut into lines.
class Lines {
 public:
  using Sink = std::function<void(OutputStream stream, std::string_view line)>;

  Lines(OutputStream stream, Sink sink) : stream_(stream), sink_(std::move(sink)) {}

  Result<void> open() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) return Error::from_errno(errno, "making a pipe");
    reading_ = Descriptor(ends[0]);
    writing_ = Descriptor(ends[1]);
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return Error::from_errno(errno, "fcntl");
    return {};
  }
  int writing_end() const { return writing_.number(); }
  int reading_end() const { return reading_.number(); }
  void close_writing_end() { writing_.close(); }

  // Passes on what is there without waiting.
  void read_ready() {
    std::array<char, 16384> chunk;
    while (reading_.number() >= 0) {
      const auto count = ::read(reading_.number(), chunk.data(), chunk.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      if (count <= 0) return reading_.close();
      add({chunk.data(), static_cast<size_t>(count)});
    }
  }
  void finish() {
    if (!partial_.empty()) sink_(stream_, partial_);
    partial_.clear();
  }

 private:
  void add(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      partial_ += text.substr(0, end);
      if (end == std::string_view::npos) break;
      sink_(stream_, partial_);
      partial_.clear();
      text.remove_prefix(end + 1);
    }
    if (partial_.size() >= kMaxLineBytes) finish();
  }

  const OutputStream stream_;
  const Sink sink_;
  Descriptor reading_;
  Descriptor writing_;
  std::string partial_;
};

// What posix_spawn is told, released with it.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void redirect(int from, int to) {
    if (from >= 0) posix_spawn_file_actions_adddup2(&actions_, from, to);
  }
  void enter(const std::string& directory) {
    posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
  }
  // This process ignores or takes over signals that the command shall have as usual.
  void reset_signals(Command::Group group) {
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (group == Command::Group::Own) {
      posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
      posix_spawnattr_setpgroup(&attributes_, 0);
      flags |= POSIX_SPAWN_SETPGROUP;
    }
    posix_spawnattr_setflags(&attributes_, flags);
  }
  // 0, or what went wrong.
  int spawn(pid_t& process, std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    return posix_spawnp(&process, pointers[0], &actions_, &attributes_, pointers.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Until the process has ended; it stays to be waited for.
Result<void> pass_on(pid_t process, Lines& output, Lines& error) {
  Descriptor ended(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  if (ended.number() < 0) return Error::from_errno(errno, "watching a command");
  while (true) {
    std::array<pollfd, 3> waited = {{{ended.number(), POLLIN, 0},
                                     {output.reading_end(), POLLIN, 0},
                                     {error.reading_end(), POLLIN, 0}}};
    if (poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) {
      return Error::from_errno(errno, "waiting for a command");
    }
    output.read_ready();
    error.read_ready();
    if (waited[0].revents == 0) continue;
    // What it wrote between the two looks.
    output.read_ready();
    error.read_ready();
    output.finish();
    error.finish();
    return {};
  }
}

}  // namespace

std::vector<std::string> shell_command(std::string text) {
  return {"/bin/sh", "-c", std::move(text)};
}

Result<void> Command::start(int output, int error) {
  SpawnPlan plan;
  plan.enter(options_.directory.string());
  plan.redirect(output, STDOUT_FILENO);
  plan.redirect(error, STDERR_FILENO);
  plan.reset_signals(options_.group);
  std::lock_guard lock(mutex_);
  if (stopped_) return Error::canceled("the command was stopped before it began");
  pid_t process = 0;
  const int code = plan.spawn(process, options_.arguments);
  if (code != 0)
    return Error::from_errno(code,
                             fmt::format("starting `{}`", fmt::join(options_.arguments, " ")));
  process_ = process;
  return {};
}

Result<int> Command::wait() {
  // The number of the process stays taken until it has been waited for: stop() must not see it
  // after.
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) return Error::from_errno(errno, "waiting for a command");
  }
  std::lock_guard lock(mutex_);
  int status = 0;
  waitpid(std::exchange(process_, 0), &status, 0);
  if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
  return WEXITSTATUS(status);
}

Result<int> Command::run() {
  std::error_code error;
  if (!std::filesystem::is_directory(options_.directory, error)) {
    return Error::not_found(
        fmt::format("the working directory `{}` does not exist", options_.directory.string()));
  }
  if (!options_.on_line) {
    TRY(start(-1, -1));
    return wait();
  }
  Lines output(OutputStream::Output, options_.on_line);
  Lines errors(OutputStream::Error, options_.on_line);
  TRY(output.open());
  TRY(errors.open());
  TRY(start(output.writing_end(), errors.writing_end()));
  output.close_writing_end();
  errors.close_writing_end();
  auto passed = pass_on(process_, output, errors);
  auto code = wait();
  TRY(std::move(passed));
  return code;
}

void Command::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  if (process_ > 0) kill(-process_, SIGTERM);
}

}  // namespace spindle::develop
