#include "cli/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace spindle::cli {
namespace {

// Faster work is not worth a line.
constexpr std::chrono::milliseconds kPatience{1'250};

std::string_view color_of(Emphasis emphasis) {
  switch (emphasis) {
    case Emphasis::Good: return "\x1b[1;32m";
    case Emphasis::Bad: return "\x1b[1;31m";
    case Emphasis::Caution: return "\x1b[1;33m";
  }
  return "";
}

}  // namespace

std::string emphasize(std::string_view text, Emphasis emphasis, int descriptor) {
  if (isatty(descriptor) == 0 || std::getenv("NO_COLOR") != nullptr) return std::string(text);
  return fmt::format("{}{}\x1b[0m", color_of(emphasis), text);
}

std::string render_error(const Error& error) {
  auto chain = error.chain();
  auto text = fmt::format("{} {}\n", emphasize("Error:", Emphasis::Bad, STDERR_FILENO), chain[0]);
  if (chain.size() == 1) return text;
  text += "\nCaused by:\n";
  for (size_t index = 1; index < chain.size(); ++index) {
    auto number = chain.size() > 2 ? fmt::format("{}: ", index - 1) : std::string();
    text += fmt::format("    {}{}\n", number, chain[index]);
  }
  return text;
}

void print_error(const Error& error) {
  fmt::print(stderr, "{}", render_error(error));
}

void print_warning(std::string_view text) {
  fmt::print(stderr, "{} {}\n", emphasize("Warning:", Emphasis::Caution, STDERR_FILENO), text);
}

void print_debug(std::string_view text) {
  const char* level = std::getenv("SPINDLE_LOG");
  if (level == nullptr || std::string_view(level) != "debug") return;
  fmt::print(stderr, "debug: {}\n", text);
}

CompileProgress::CompileProgress() : watcher_([this] { watch(); }) {}

CompileProgress::~CompileProgress() {
  done();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  watcher_.join();
}

void CompileProgress::compiling(const std::string& component, size_t number, size_t count) {
  {
    std::lock_guard lock(mutex_);
    current_ = fmt::format("Compiling component {} ({} of {}); later starts use what is kept",
                           component, number, count);
    generation_ += 1;
  }
  changed_.notify_all();
}

void CompileProgress::note(const std::string& component, const std::string& text) {
  print_debug(fmt::format("component `{}`: {}", component, text));
}

void CompileProgress::done() {
  {
    std::lock_guard lock(mutex_);
    current_.clear();
    generation_ += 1;
  }
  changed_.notify_all();
}

void CompileProgress::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto seen = generation_;
    auto moved = [&] { return stopping_ || generation_ != seen; };
    if (current_.empty()) {
      changed_.wait(lock, moved);
    } else if (!changed_.wait_for(lock, kPatience, moved)) {
      fmt::print(stderr, "{}\n", current_);
      changed_.wait(lock, moved);
    }
  }
}

}  // namespace spindle::cli
