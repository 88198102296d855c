#include "http/h2/connection.h"

#include <fmt/format.h>

#include <array>

#include "base/verify.h"

namespace spindle::http::h2 {

namespace {

constexpr size_t kInputBytes = 16 * 1024;
// What is taken from the streams ahead of the socket.
constexpr size_t kOutputMax = 128 * 1024;
// An output buffer that has grown beyond this is not kept when there is nothing to send.
constexpr size_t kOutputKept = 16 * 1024;
constexpr size_t kLingerBytesMax = 1024 * 1024;

CodecOptions codec_options(const Limits& limits) {
  return {.role = Role::Server,
          .streams = limits.streams,
          .stream_window = limits.stream_window,
          .connection_window = limits.connection_window,
          .head_bytes = static_cast<uint32_t>(limits.head_bytes)};
}

}  // namespace

H2Connection::H2Connection(ServerState& state, std::unique_ptr<io::ByteStream> stream,
                           std::vector<uint8_t> begun)
    : state_(state),
      stream_(std::move(stream)),
      input_(std::move(begun)),
      written_(state.loop),
      handlers_done_(state.loop) {
  handlers_done_.set();
}

io::Task<std::shared_ptr<ServerConnection>> H2Connection::run() {
  // Tasks beside this one may outlive it by a moment; they find the stream closed.
  struct Closer {
    H2Connection& connection;
    ~Closer() { connection.stream_->close(); }
  } closer{*this};
  if (auto opened = open(); !opened) {
    state_.report(opened.error());
    co_return nullptr;
  }
  co_await serve();
  co_await leave();
  co_return nullptr;
}

Result<void> H2Connection::open() {
  codec_ = TRY(Codec::create(codec_options(state_.limits), *this));
  flood_until_ = state_.due_in(state_.limits.flood_time);
  update_idle();
  if (state_.draining) drain_at_ = state_.tick + 1;
  return {};
}

io::Task<void> H2Connection::serve() {
  if (!take_input(input_)) co_return;
  input_.resize(kInputBytes);
  while (true) {
    // A client that reads nothing is not read from either.
    while (writing_) co_await written_.wait();
    if (ending_ || broken_) co_return;
    reading_ = true;
    auto got = co_await stream_->read_later(input_);
    reading_ = false;
    if (ending_ || !got || *got == 0) co_return;
    if (!take_input(Bytes(input_).first(*got))) co_return;
  }
}

bool H2Connection::take_input(Bytes bytes) {
  batching_ = true;
  auto received = codec_->receive(bytes);
  if (received && is_flooded()) codec_->terminate(ErrorCode::EnhanceYourCalm);
  settle();
  if (received) start_handlers();
  batching_ = false;
  flush_now();
  return received && !ending_ && !broken_;
}

bool H2Connection::is_flooded() const {
  return resets_ > state_.limits.stream_resets || idle_frames_ > state_.limits.idle_frames;
}

CodecStream* H2Connection::open_stream(StreamId id) {
  had_request_ = true;
  // Streams that were reset are closed; their handlers may still run.
  if (streams_.size() >= state_.limits.streams || running_.size() >= state_.limits.streams) {
    return nullptr;
  }
  idle_due_ = 0;
  StreamHost& host = *this;
  StreamEvents& events = *this;
  auto stream = std::make_shared<Stream>(host, events, id);
  return streams_.emplace(id, std::move(stream)).first->second.get();
}

void H2Connection::head_complete(Stream& stream) {
  ready_.push_back(streams_.at(stream.id()));
}

void H2Connection::stream_closed(Stream& stream) {
  auto found = streams_.find(stream.id());
  VERIFY(found != streams_.end());
  closed_.push_back(std::move(found->second));
  streams_.erase(found);
}

void H2Connection::settle() {
  while (!closed_.empty()) {
    auto stream = std::move(closed_.back());
    closed_.pop_back();
    const bool is_answered = stream->response().has_sent_last();
    // What the handler did is not the client's fault.
    if (!is_answered && !stream->response().is_broken_off()) resets_ += 1;
    if (!is_answered) stream->notify_client_gone();
  }
  update_idle();
}

void H2Connection::update_idle() {
  if (!streams_.empty() || !running_.empty()) {
    idle_due_ = 0;
  } else if (idle_due_ == 0) {
    const auto& limits = state_.limits;
    idle_due_ = state_.due_in(had_request_ ? limits.keep_alive_time : limits.head_time);
  }
}

void H2Connection::start_handlers() {
  for (size_t at = 0; at < ready_.size(); ++at) {
    auto stream = std::move(ready_[at]);
    if (!stream->is_closed()) start_handler(stream);
  }
  ready_.clear();
}

void H2Connection::start_handler(const StreamPointer& stream) {
  auto accepted = stream->finish_head();
  if (!accepted) return refuse(*stream, accepted.error());
  stream->begin_handler();
  state_.counters.requests += 1;
  state_.counters.requests_active += 1;
  auto handled = state_.handler.handle(*stream, stream->response());
  if (handled.is_ready()) return end_handler(*stream, handled.take_ready());
  struct Run {
    static io::Task<void> run(std::shared_ptr<H2Connection> connection, StreamPointer stream,
                              io::Eventual<void> handled) {
      co_await connection->run_handler(std::move(stream), std::move(handled));
    }
  };
  running_.emplace(stream->id(), stream);
  handlers_done_.reset();
  state_.tasks.spawn(Run::run(shared_from_this(), stream, std::move(handled)));
}

void H2Connection::refuse(Stream& stream, const Rejection& rejection) {
  state_.counters.requests_rejected += 1;
  auto reason = fmt::format("{}\n", rejection.reason);
  std::array<Header, 1> headers = {Header{"content-type", "text/plain"}};
  ResponseHead head{.status = rejection.status, .headers = HeaderView(headers)};
  Bytes body(reinterpret_cast<const uint8_t*>(reason.data()), reason.size());
  // Small enough to be collected.
  auto sent = stream.response().send(head, body);
  VERIFY(sent.is_ready());
  stream.end_handler();
}

io::Task<void> H2Connection::run_handler(StreamPointer stream, io::Eventual<void> handled) {
  // Also when the task is canceled.
  struct Leave {
    H2Connection& connection;
    Stream& stream;
    std::optional<Result<void>> result;
    ~Leave() {
      if (!result) result = Error::canceled("the handler was canceled");
      connection.end_handler(stream, std::move(*result));
    }
  } leave{*this, *stream, std::nullopt};
  auto task = handled.take_task();
  try {
    leave.result = co_await std::move(task);
  } catch (const std::bad_alloc&) {
    leave.result = Error::internal("the handler threw: out of memory");
  }
}

void H2Connection::end_handler(Stream& stream, Result<void> handled) {
  auto& response = stream.response();
  if (!handled) {
    state_.counters.handler_errors += 1;
    state_.report(handled.error());
  }
  if (!response.is_settled()) {
    if (response.is_started()) {
      response.abort();
    } else {
      ResponseHead head{.status = 500, .headers = {}};
      auto sent = response.send(head, {});
      if (auto result = sent.take_ready(); !result) state_.report(result.error());
    }
  }
  stream.end_handler();
  state_.counters.requests_active -= 1;
  running_.erase(stream.id());
  if (running_.empty()) handlers_done_.set();
  update_idle();
  flush_soon();
}

void H2Connection::flush_soon() {
  if (batching_ || flush_scheduled_ || broken_) return;
  flush_scheduled_ = true;
  state_.loop.post([self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->flush_now();
  });
}

void H2Connection::flush_now() {
  if (flushing_) return;
  flushing_ = true;
  while (write_once()) {
  }
  flushing_ = false;
  settle();
  if (!writing_ && (broken_ || codec_->is_over())) end_soon();
}

bool H2Connection::write_once() {
  if (writing_ || broken_) return false;
  out_.clear();
  if (!codec_->produce(out_, kOutputMax)) {
    broken_ = true;
    return false;
  }
  if (out_.empty()) {
    if (out_.capacity() > kOutputKept) out_ = std::string();
    return false;
  }
  unwritten_ = Bytes(reinterpret_cast<const uint8_t*>(out_.data()), out_.size());
  while (!unwritten_.empty()) {
    auto written = stream_->write_some(std::span(&unwritten_, 1));
    if (!written.is_ready()) {
      writing_ = true;
      written_.reset();
      struct Write {
        static io::Task<void> run(std::shared_ptr<H2Connection> connection,
                                  io::Eventual<size_t> waiting) {
          co_await connection->write_later(std::move(waiting));
        }
      };
      state_.tasks.spawn(Write::run(shared_from_this(), std::move(written)));
      return false;
    }
    auto count = written.take_ready();
    if (!count) {
      broken_ = true;
      return false;
    }
    unwritten_ = unwritten_.subspan(*count);
  }
  return true;
}

io::Task<void> H2Connection::write_later(io::Eventual<size_t> waiting) {
  while (true) {
    write_due_ = state_.due_in(state_.limits.write_idle_time);
    auto count = co_await io::Eventual<size_t>::wait(std::move(waiting));
    write_due_ = 0;
    if (!count) {
      broken_ = true;
      break;
    }
    unwritten_ = unwritten_.subspan(*count);
    if (unwritten_.empty()) break;
    waiting = stream_->write_some(std::span(&unwritten_, 1));
  }
  writing_ = false;
  written_.set();
  flush_now();
}

// The reading task ends the connection.
void H2Connection::end_soon() {
  if (std::exchange(ending_, true)) return;
  if (reading_) stream_->cancel();
}

void H2Connection::tick() {
  if (!codec_) return;
  auto is_due = [now = state_.tick](uint64_t due) { return due != 0 && now >= due; };
  if (is_due(write_due_)) {
    state_.counters.timeouts += 1;
    return force_close();
  }
  if (is_due(linger_due_)) {
    linger_due_ = 0;
    stream_->cancel();
  }
  if (ending_) return;
  if (is_due(flood_until_)) {
    flood_until_ = state_.due_in(state_.limits.flood_time);
    resets_ = 0;
    idle_frames_ = 0;
  }
  for (auto& [id, stream] : streams_) stream->tick();
  if (is_due(idle_due_)) {
    idle_due_ = 0;
    state_.counters.timeouts += 1;
    codec_->terminate(ErrorCode::None);
    flush_now();
  } else if (is_due(drain_at_)) {
    drain_at_ = 0;
    codec_->go_away();
    flush_now();
  }
}

void H2Connection::begin_drain() {
  if (!codec_ || ending_) return;
  if (streams_.empty() && running_.empty()) {
    codec_->go_away();
  } else {
    // Requests that are on their way still count; at the next tick none are any more.
    codec_->announce_end();
    drain_at_ = state_.tick + 1;
  }
  flush_now();
}

void H2Connection::force_close() {
  broken_ = true;
  stream_->close();
  // A handler that is told may end, and with it its place in the map.
  auto running = running_;
  for (auto& [id, stream] : running) stream->notify_client_gone();
}

// Handlers that still run are told, and waited for.
io::Task<void> H2Connection::leave() {
  ending_ = true;
  const auto why = Error::unavailable("the client left");
  auto streams = std::exchange(streams_, {});
  for (auto& [id, stream] : streams) stream->lose(why);
  auto running = running_;
  for (auto& [id, stream] : running) stream->notify_client_gone();
  if (!broken_ && !writing_) {
    stream_->shutdown_write();
    co_await linger();
  }
  broken_ = true;
  stream_->close();
  co_await handlers_done_.wait();
}

io::Task<void> H2Connection::linger() {
  linger_due_ = state_.due_in(state_.limits.linger_time);
  for (size_t dropped = 0; dropped < kLingerBytesMax && linger_due_ != 0;) {
    auto count = co_await stream_->read_some(input_);
    if (!count || *count == 0) break;
    dropped += *count;
  }
  linger_due_ = 0;
}

}  // namespace spindle::http::h2
