#pragma once

// Subscriber: a connection that hears what is published to channels.
//
//   auto next = subscriber->next();
//   Message message = CO_TRY(co_await std::move(next));
//
// Messages are read only when they are asked for, so that a slow reader holds up the socket, and
// the server keeps (and in the end drops) what does not fit. A server that falls silent is asked
// whether it is there. A subscriber that lost its connection is of no more use.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "io/deadlines.h"
#include "io/event_loop.h"
#include "io/stream.h"
#include "redis/address.h"
#include "redis/limits.h"
#include "redis/reply_reader.h"

namespace spindle::redis {

struct Subscriptions {
  std::vector<std::string> channels;
  // Of channels, with the wildcards of PSUBSCRIBE.
  std::vector<std::string> patterns;
};

struct Message {
  std::string channel;
  // Why it was sent; empty where `channel` itself was subscribed to.
  std::string pattern;
  std::string payload;

  bool operator==(const Message&) const = default;
};

class Subscriber {
 public:
  // `loop` outlives it. Ready when the server has confirmed all of it.
  static io::Task<Result<std::unique_ptr<Subscriber>>> open(
      io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream, Login login,
      Subscriptions subscriptions, io::Clock::duration silence = kSilenceTime);
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;

  // One caller at a time. It may be canceled while it waits; nothing is lost.
  io::Task<Result<Message>> next();
  // Messages that have arrived and need no waiting.
  bool has_next() const { return !messages_.empty(); }
  // Ends a waiting next() with a Canceled error, for good.
  void close();

 private:
  Subscriber(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream,
             io::Clock::duration silence)
      : loop_(loop), stream_(std::move(stream)), silence_(silence), buffer_(kBufferBytes) {}

  static constexpr size_t kBufferBytes = size_t{64} << 10;

  io::Task<Result<void>> subscribe(Subscriptions subscriptions);
  // Until bytes have come.
  io::Task<Result<void>> read();
  Result<void> take(Reply reply);

  io::EventLoop& loop_;
  std::unique_ptr<io::ByteStream> stream_;
  io::Clock::duration silence_;
  ReplyReader reader_;
  std::vector<uint8_t> buffer_;
  std::deque<Message> messages_;
  size_t confirmed_ = 0;
  bool is_closed_ = false;
};

}  // namespace spindle::redis
