#include "http/connection.h"

#include <fmt/format.h>

#include "base/verify.h"
#include "http/h2/connection.h"

namespace spindle::http {

Connection::Connection(ServerState& state, std::unique_ptr<io::ByteStream> stream)
    : state_(state),
      stream_(std::move(stream)),
      out_(state, *stream_, *this),
      in_(state, *stream_, out_) {}

io::Task<std::shared_ptr<ServerConnection>> Connection::run() {
  // A task beside this one may outlive it by a moment; it finds the stream closed.
  struct Closer {
    Connection& connection;
    ~Closer() {
      if (connection.stream_) connection.stream_->close();
      if (connection.phase_ == Phase::Handler) connection.state_.counters.requests_active -= 1;
    }
  } closer{*this};
  co_await serve_requests();
  if (!is_http2_) co_return nullptr;
  co_return std::make_shared<h2::H2Connection>(state_, std::move(stream_), in_.take_bytes());
}

io::Task<void> Connection::serve_requests() {
  while (true) {
    in_.begin_request();
    phase_ = Phase::Idle;
    idle_since_ = state_.tick;
    in_a_row_ += 1;
    if (in_a_row_ > state_.limits.pipelined_requests) {
      if (!co_await flush()) co_return;
      in_a_row_ = 0;
      co_await io::yield(state_.loop);
    }
    // Pipelined requests are there already and need no task of their own.
    auto parsed = in_.has_bytes() ? in_.parse_head() : RequestParser::Progress::NeedMore;
    if (!parsed || *parsed == RequestParser::Progress::NeedMore) {
      if (!parsed) {
        co_await refuse(parsed.error());
        co_return;
      }
      if (!co_await read_head()) co_return;
    }
    begin_handler();
    auto handled = state_.handler.handle(*this, out_);
    if (handled.is_ready()) {
      auto result = handled.take_ready();
      if (!result || !out_.is_finished()) co_await end_response(std::move(result));
    } else {
      auto result = co_await await_handler(std::move(handled));
      if (!result || !out_.is_finished()) co_await end_response(std::move(result));
    }
    phase_ = Phase::Ending;
    client_gone_action_ = nullptr;
    state_.counters.requests_active -= 1;
    if (out_.is_broken()) co_return;
    if (out_.keep_alive() && in_.is_body_done() && !in_.is_continue_due()) continue;
    auto next = co_await end_request();
    if (next == Next::Request) continue;
    if (next == Next::Linger) co_await in_.linger();
    co_return;
  }
}

// False when the connection is over.
io::Task<bool> Connection::read_head() {
  while (true) {
    if (out_.has_pending() && !co_await flush()) co_return false;
    bool is_idle = !in_.has_bytes();
    if (is_idle && state_.draining) co_return false;
    in_a_row_ = 0;
    if (is_idle) {
      auto limit = first_request_ ? state_.limits.head_time : state_.limits.keep_alive_time;
      in_.set_read_due(state_.due_in(limit));
    } else if (phase_ == Phase::Idle) {
      phase_ = Phase::Head;
      in_.set_read_due(state_.due_in(state_.limits.head_time));
    }
    if (in_.is_watching()) {
      co_await in_.watched();
    } else if (in_.has_input_ended()) {
      co_return co_await handle_read_end();
    } else if (in_.take_ask_first()) {
      auto got = co_await stream_->read_some(in_.fill_space());
      in_.filled(std::move(got));
    } else {
      auto got = co_await stream_->read_later(in_.fill_space());
      in_.filled(std::move(got));
    }
    if (in_.has_input_ended()) co_return co_await handle_read_end();
    auto parsed = in_.parse_head();
    if (!parsed) co_return co_await refuse(parsed.error());
    if (*parsed == RequestParser::Progress::Complete) co_return true;
  }
}

io::Task<bool> Connection::handle_read_end() {
  if (in_.has_timed_out()) {
    state_.counters.timeouts += 1;
    if (in_.has_bytes()) co_await refuse({408, "the request head took too long"});
  } else if (!in_.is_broken() && in_.has_bytes()) {
    co_await refuse({400, "the input ended inside the request head"});
  }
  co_return false;
}

// Answers for the server itself, and ends the connection. The preface of HTTP/2 is a request that
// HTTP/1 refuses, so that telling them apart costs other requests nothing.
io::Task<bool> Connection::refuse(Rejection rejection) {
  in_.set_read_due(0);
  if (first_request_ && in_.begins_with_preface()) {
    is_http2_ = true;
    co_return false;
  }
  phase_ = Phase::Ending;
  state_.counters.requests_rejected += 1;
  out_.begin({.method = Method::Get, .minor_version = 1, .keep_alive = false});
  auto reason = fmt::format("{}\n", rejection.reason);
  std::array<Header, 1> headers = {Header{"content-type", "text/plain"}};
  ResponseHead head{.status = rejection.status, .headers = HeaderView(headers)};
  Bytes body(reinterpret_cast<const uint8_t*>(reason.data()), reason.size());
  auto sent = out_.send(head, body);
  auto result = co_await io::Eventual<void>::wait(std::move(sent));
  if (!result) co_return false;
  if (!co_await flush()) co_return false;
  stream_->shutdown_write();
  co_await in_.linger();
  co_return false;
}

void Connection::begin_handler() {
  in_.set_read_due(0);
  in_.begin_body();
  const auto& parser = in_.parser();
  out_.begin({.method = parser.head().method,
              .minor_version = parser.head().minor_version,
              .keep_alive = parser.wants_keep_alive(),
              .more_requests = in_.has_next_request()});
  phase_ = Phase::Handler;
  first_request_ = false;
  handler_since_ = state_.tick;
  state_.counters.requests += 1;
  state_.counters.requests_active += 1;
}

io::Task<Result<void>> Connection::await_handler(io::Eventual<void> handled) {
  auto task = handled.take_task();
  std::string thrown;
  try {
    auto result = co_await std::move(task);
    co_return result;
  } catch (const std::bad_alloc&) {
    thrown = "out of memory";
  }
  co_return Error::internal(fmt::format("the handler threw: {}", thrown));
}

// The handler did not finish the response itself.
io::Task<void> Connection::end_response(Result<void> handled) {
  if (!handled) {
    state_.counters.handler_errors += 1;
    state_.report(handled.error());
  }
  if (out_.is_broken()) co_return;
  if (out_.is_started()) {
    if (!out_.is_finished()) out_.abort();
    co_return;
  }
  ResponseHead head{.status = 500, .headers = {}};
  auto sent = out_.send(head, {});
  auto result = co_await io::Eventual<void>::wait(std::move(sent));
  if (!result) state_.report(result.error());
}

// What follows a response that did not read its request's body, or that ends the connection.
io::Task<Connection::Next> Connection::end_request() {
  if (!co_await flush()) co_return Next::Close;
  if (out_.keep_alive() && !in_.is_continue_due()) {
    if (co_await in_.discard_body()) co_return Next::Request;
    if (in_.is_broken()) co_return Next::Close;
  }
  stream_->shutdown_write();
  co_return Next::Linger;
}

io::Task<bool> Connection::flush() {
  auto flushed = out_.flush();
  if (flushed.is_ready()) co_return flushed.take_ready().has_value();
  auto result = co_await io::Eventual<void>::wait(std::move(flushed));
  co_return result.has_value();
}

void Connection::schedule_flush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  state_.loop.post([self = shared_from_this()] {
    self->flush_scheduled_ = false;
    if (!self->out_.needs_flush() || self->out_.is_broken()) return;
    struct Flush {
      static io::Task<void> run(std::shared_ptr<Connection> connection) {
        co_await connection->out_.flush_in_background();
        if (connection->out_.is_broken()) connection->notify_client_gone();
      }
    };
    self->state_.tasks.spawn(Flush::run(self));
  });
}

void Connection::tick() {
  if (in_.read_due() != 0 && state_.tick >= in_.read_due()) in_.time_out();
  // A client that ended its input right behind its last request made no event of it.
  if (phase_ == Phase::Idle && idle_since_ + 1 == state_.tick) in_.look_again();
  if (out_.write_due() != 0 && state_.tick >= out_.write_due()) {
    state_.counters.timeouts += 1;
    force_close();
    return;
  }
  if (phase_ != Phase::Handler || handler_since_ == state_.tick || client_gone_) return;
  if (out_.needs_flush()) schedule_flush();
  if (!in_.can_watch()) return;
  struct Watch {
    static io::Task<void> run(std::shared_ptr<Connection> connection) {
      co_await connection->watch_client();
    }
  };
  state_.tasks.spawn(Watch::run(shared_from_this()));
}

io::Task<void> Connection::watch_client() {
  // The tick may spawn before an earlier one has begun to read.
  if (!in_.can_watch()) co_return;
  auto got = co_await in_.watch();
  bool is_canceled = !got && got.error().kind() == ErrorKind::Canceled;
  if (!is_canceled && (!got || *got == 0)) notify_client_gone();
}

void Connection::notify_client_gone() {
  if (client_gone_) return;
  client_gone_ = true;
  if (phase_ == Phase::Handler) state_.counters.clients_gone += 1;
  if (auto action = std::exchange(client_gone_action_, nullptr)) action();
}

void Connection::on_client_gone(std::move_only_function<void()> action) {
  client_gone_action_ = std::move(action);
}

void Connection::begin_drain() {
  if (phase_ == Phase::Idle && !in_.has_bytes()) stream_->close();
}

void Connection::force_close() {
  notify_client_gone();
  stream_->close();
}

}  // namespace spindle::http
