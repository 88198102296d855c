#pragma once

// One command, such as those of manifests, which a shell runs: started, its output passed on, its
// exit code. Blocks the calling thread until the program has ended; what that leaves running in the
// background is not waited for, and not listened to.
//
// A Command may be ended from another thread, with all that it started, if it has a process group.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::develop {

enum class OutputStream : uint8_t { Output, Error };

// Longer lines are passed on in pieces.
inline constexpr size_t kMaxLineBytes = size_t{64} << 10;

// `sh -c`.
std::vector<std::string> shell_command(std::string text);

class Command {
 public:
  // Of the terminal: the command shares it, and Ctrl-C reaches it. Own: nothing to read from, and
  // stop() ends all of it.
  enum class Group : uint8_t { OfTheTerminal, Own };
  struct Options {
    std::vector<std::string> arguments;  // the first is the program, found in PATH
    std::filesystem::path directory;
    Group group = Group::OfTheTerminal;
    // Empty: the command writes to the streams of this process. Else called with each line, without
    // its end, on the thread of run().
    std::function<void(OutputStream stream, std::string_view line)> on_line;
  };

  explicit Command(Options options) : options_(std::move(options)) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // The exit code; 128 and the number of the signal that ended it. Called once.
  Result<int> run();
  // From any thread, before, during or after run(). Needs Group::Own.
  void stop();

 private:
  Result<void> start(int output, int error);
  Result<int> wait();

  const Options options_;
  std::mutex mutex_;
  // Of the program, while it has not been waited for.
  pid_t process_ = 0;
  bool stopped_ = false;
};

}  // namespace spindle::develop
