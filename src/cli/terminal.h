#pragma once

// What goes to the terminal: errors with their causes, warnings, progress of long work. Colors only
// where the stream is a terminal and NO_COLOR is not set.

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "runtime/application.h"

namespace spindle::cli {

enum class Emphasis : uint8_t { Good, Bad, Caution };

// The text, colored if `descriptor` is a terminal that wants it.
std::string emphasize(std::string_view text, Emphasis emphasis, int descriptor);

// `Error: …`, then `Caused by:` and the chain.
std::string render_error(const Error& error);
void print_error(const Error& error);
void print_warning(std::string_view text);
// Printed where SPINDLE_LOG is `debug`.
void print_debug(std::string_view text);

// Says on standard error which component is being compiled, once that has taken a while.
class CompileProgress final : public runtime::Progress {
 public:
  CompileProgress();
  ~CompileProgress() override;
  void compiling(const std::string& component, size_t number, size_t count) override;
  void note(const std::string& component, const std::string& text) override;
  void done() override;

 private:
  void watch();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string current_;
  uint64_t generation_ = 0;
  bool stopping_ = false;
  std::thread watcher_;
};

}  // namespace spindle::cli
