#pragma once

// Connection: the life of one HTTP/1 connection, request after request.
//
// read a head -> hand it to the handler -> end the response -> drop what is left of the request's
// body -> next. Its task holds it, and so does every task that it starts beside (a flush, a watch
// for the client leaving); the server lists it to tick, drain and close it.

#include <list>
#include <memory>

#include "http/incoming.h"
#include "http/outgoing.h"
#include "http/server_connection.h"
#include "http/server_state.h"

namespace spindle::http {

class Connection final : public ServerConnection,
                         public Request,
                         private OutgoingHost,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerState& state, std::unique_ptr<io::ByteStream> stream);

  // A first request that begins as HTTP/2 does makes it a connection of that.
  io::Task<std::shared_ptr<ServerConnection>> run() override;
  void tick() override;
  void begin_drain() override;
  void force_close() override;

  const RequestHead& head() const override { return in_.parser().head(); }
  BodyReader& body() override { return in_; }
  const io::Endpoint& peer() const override { return stream_->peer(); }
  const io::Endpoint& local() const override { return stream_->local(); }
  Scheme scheme() const override { return state_.options.scheme; }
  void on_client_gone(std::move_only_function<void()> action) override;
  bool is_client_gone() const override { return client_gone_; }

 private:
  enum class Phase : uint8_t { Idle, Head, Handler, Ending };
  enum class Next : uint8_t { Request, Close, Linger };

  void schedule_flush() override;
  bool must_close() const override { return in_.is_continue_due(); }

  io::Task<void> serve_requests();
  io::Task<bool> read_head();
  io::Task<bool> refuse(Rejection rejection);
  io::Task<bool> handle_read_end();
  void begin_handler();
  // Runs the handler to its end, whatever it throws.
  io::Task<Result<void>> await_handler(io::Eventual<void> handled);
  io::Task<void> end_response(Result<void> handled);
  io::Task<Next> end_request();
  io::Task<bool> flush();
  io::Task<void> watch_client();
  void notify_client_gone();

  ServerState& state_;
  std::unique_ptr<io::ByteStream> stream_;
  Outgoing out_;
  Incoming in_;
  Phase phase_ = Phase::Idle;
  unsigned in_a_row_ = 0;
  uint64_t handler_since_ = 0;
  uint64_t idle_since_ = 0;
  bool flush_scheduled_ = false;
  bool client_gone_ = false;
  bool first_request_ = true;
  bool is_http2_ = false;
  std::move_only_function<void()> client_gone_action_;
};

}  // namespace spindle::http
