#pragma once

// RedisServer: RedisData behind connections, which are pipes in memory.

#include <memory>

#include "io/background_tasks.h"
#include "io/event_loop.h"
#include "io/stream.h"
#include "trial/redis_data.h"

namespace spindle::trial {

class RedisServer {
 public:
  explicit RedisServer(io::EventLoop& loop) : loop_(loop), tasks_(loop) {}
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  RedisData& data() { return *data_; }
  // The other end of a new connection.
  std::unique_ptr<io::ByteStream> connect();

 private:
  static io::Task<void> serve(std::shared_ptr<RedisData> data,
                              std::shared_ptr<io::ByteStream> stream);

  io::EventLoop& loop_;
  const std::shared_ptr<RedisData> data_ = std::make_shared<RedisData>();
  io::BackgroundTasks tasks_;
};

}  // namespace spindle::trial
