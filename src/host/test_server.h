#pragma once

// TestServer: a real server for a test, started by test/services.py in a temporary directory on a
// port that the kernel chose. It ends, and leaves nothing, with this object or with the process.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include "base/verify.h"

namespace spindle::host::testing {

class TestServer {
 public:
  // `name` as in services.py: `postgres`, `mariadb`, `redis`.
  explicit TestServer(const std::string& name) {
    std::array<int, 2> in{}, out{};
    VERIFY(::pipe2(in.data(), O_CLOEXEC) == 0 && ::pipe2(out.data(), O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    VERIFY(::posix_spawn_file_actions_init(&actions) == 0);
    ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string python = "python3", script = SPINDLE_SERVICES, argument = name;
    std::array<char*, 4> arguments = {python.data(), script.data(), argument.data(), nullptr};
    VERIFY(::posix_spawnp(&process_, "python3", &actions, nullptr, arguments.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    read_facts(out[0]);
    ::close(out[0]);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    ::close(input_);
    ::waitpid(process_, nullptr, 0);
  }

  uint16_t port() const { return number("\"port\": "); }
  uint16_t tls_port() const { return number("\"tls_port\": "); }
  // Where the server keeps its files.
  std::string folder() const {
    const std::string from = fact("\"folder\": \"");
    return from.substr(0, from.find('"'));
  }

 private:
  uint16_t number(const std::string& key) const {
    const std::string text = fact(key);
    uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
  }
  void read_facts(int fd) {
    std::array<char, 4096> buffer{};
    ssize_t count = 0;
    while ((count = ::read(fd, buffer.data(), buffer.size())) > 0) {
      facts_.append(buffer.data(), static_cast<size_t>(count));
      if (facts_.ends_with('\n')) return;
    }
    verify_failed("the server started", facts_, std::source_location::current());
  }
  std::string fact(const std::string& key) const {
    const size_t at = facts_.find(key);
    VERIFY(at != std::string::npos);
    return facts_.substr(at + key.size());
  }

  pid_t process_ = -1;
  int input_ = -1;
  std::string facts_;
};

}  // namespace spindle::host::testing
