#pragma once

// A scripted server at the other end of a pipe, for tests: it answers each command with the next
// prepared text, or with what a function makes of the command's words.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/background_tasks.h"
#include "io/event_loop.h"
#include "io/stream.h"
#include "redis/reply_reader.h"

namespace spindle::redis {

class TestPeer {
 public:
  using Script = std::function<std::string(const std::vector<std::string>& words)>;

  TestPeer(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream);
  ~TestPeer();

  void answer(std::vector<std::string> replies);
  void answer_each(Script script);
  // Without being asked.
  void say(std::string text);
  void close();
  // All that was received.
  std::string heard() const;

 private:
  struct State;
  static io::Task<void> serve(std::shared_ptr<State> state);
  static io::Task<void> send(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
  io::BackgroundTasks tasks_;
};

}  // namespace spindle::redis
