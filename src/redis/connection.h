#pragma once

// Connection: commands to one server and their replies, over any stream.
//
//   auto asking = connection->ask(encode_command({"GET", key}));
//   Reply reply = CO_TRY(co_await std::move(asking));
//
// Several callers may ask at once: their commands leave in the order in which they were sent, and
// each gets its own reply. A caller that is canceled leaves its reply behind, which is read and
// dropped. The first failure of the stream, or of the server to speak the protocol, is the answer
// of all who wait, and the connection is of no more use. An error reply is a Reply.

#include <memory>
#include <optional>
#include <string>

#include "io/background_tasks.h"
#include "io/event_loop.h"
#include "io/stream.h"
#include "redis/address.h"
#include "redis/reply.h"

namespace spindle::redis {

class Connection {
 public:
  // Logs in.
  static io::Task<Result<std::unique_ptr<Connection>>> open(io::EventLoop& loop,
                                                            std::unique_ptr<io::ByteStream> stream,
                                                            Login login);
  // Those who wait get a Canceled error.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  class Ticket;
  // Sends a command as encode_command() makes it, without waiting. An error where too much waits
  // already; the connection stays as it is then.
  Result<Ticket> send(std::string command);
  io::Task<Result<Reply>> ask(std::string command);

  // Nothing has failed.
  bool is_healthy() const;
  // Commands without a reply.
  size_t waiting() const;
  // Whether the server has neither closed the connection nor said anything unasked. Only while
  // nothing waits.
  bool is_quiet();
  // Nothing waits; the connection is only good for being destroyed then.
  std::unique_ptr<io::ByteStream> take_stream() &&;

 private:
  struct Waiter;
  struct State;
  Connection(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream);
  io::Task<Result<void>> log_in(Login login);
  static void flush(const std::shared_ptr<State>& state);
  static io::Task<void> write_rest(std::shared_ptr<State> state);
  static io::Task<void> read_replies(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
  io::BackgroundTasks tasks_;
};

// A reply to come.
class [[nodiscard]] Connection::Ticket {
 public:
  // Once; it may outlive the connection.
  io::Task<Result<Reply>> reply() &&;

 private:
  friend class Connection;
  explicit Ticket(std::shared_ptr<Waiter> waiter) : waiter_(std::move(waiter)) {}
  static io::Task<Result<Reply>> wait(std::shared_ptr<Waiter> waiter);

  std::shared_ptr<Waiter> waiter_;
};

// What logs in, with what `login` says; empty where the server needs no words.
std::vector<std::string> login_commands(const Login& login);

}  // namespace spindle::redis
