#include "http/client/http2_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/client/http2_stream.h"

namespace spindle::http {

namespace {

constexpr size_t kInputBytes = 16 * 1024;
// What is taken from the streams ahead of the socket.
constexpr size_t kOutputMax = 128 * 1024;
// An output buffer that has grown beyond this is not kept when there is nothing to send.
constexpr size_t kOutputKept = 16 * 1024;
constexpr size_t kConnectionWindowMax = 1 << 30;

h2::CodecOptions codec_options(const ClientLimits& limits) {
  // Of all streams together, so that one that is not read never stops another.
  const size_t together = limits.stream_window * std::max<size_t>(limits.streams_per_connection, 1);
  return {.role = h2::Role::Client,
          .stream_window = limits.stream_window,
          .connection_window =
              static_cast<uint32_t>(std::clamp<size_t>(together, 65'535, kConnectionWindowMax)),
          .head_bytes = static_cast<uint32_t>(limits.head_bytes)};
}

}  // namespace

Http2Session::Http2Session(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream,
                           const ClientLimits& limits, Owner& owner)
    : loop_(loop), limits_(limits), owner_(&owner), stream_(std::move(stream)), tasks_(loop) {}

Http2Session::~Http2Session() = default;

Outcome<std::shared_ptr<Http2Session>> Http2Session::start(io::EventLoop& loop,
                                                           std::unique_ptr<io::ByteStream> stream,
                                                           const ClientLimits& limits,
                                                           Owner& owner) {
  std::shared_ptr<Http2Session> made(new Http2Session(loop, std::move(stream), limits, owner));
  auto codec = h2::Codec::create(codec_options(limits), *made);
  if (!codec) return {FailureCode::InternalError, codec.error().to_string()};
  made->codec_ = codec.take_value();
  made->tasks_.spawn(read_forever(made));
  made->flush_soon();
  return made;
}

size_t Http2Session::capacity() const {
  if (is_over_ || is_retired_) return 0;
  return std::min(limits_.streams_per_connection, codec_->requests_max());
}

bool Http2Session::send(const std::shared_ptr<Http2Stream>& stream, HeaderView fields,
                        h2::HasBody has_body) {
  if (is_over_ || is_retired_) return false;
  auto id = codec_->request(*stream, fields, has_body);
  if (!id) {
    retire();
    return false;
  }
  streams_.emplace(*id, stream);
  stream->sent(*this, *id);
  flush_soon();
  return true;
}

void Http2Session::abandon(Http2Stream& stream) {
  if (is_over_) return;
  codec_->reset(stream.id(), h2::ErrorCode::Cancel);
  flush_soon();
}

void Http2Session::retire() {
  is_retired_ = true;
  flush_soon();
}

void Http2Session::stream_closed(h2::StreamId id) {
  auto found = streams_.find(id);
  VERIFY(found != streams_.end());
  closed_.push_back(std::move(found->second));
  streams_.erase(found);
}

void Http2Session::peer_goes_away(h2::StreamId, h2::ErrorCode code) {
  is_retired_ = true;
  farewell_ = code;
}

Failure Http2Session::lost(std::string_view how) const {
  std::string text(how);
  if (farewell_) text += fmt::format(", after it went away ({})", h2::to_string(*farewell_));
  return {FailureCode::ConnectionTerminated, std::move(text)};
}

io::Task<void> Http2Session::read_forever(std::shared_ptr<Http2Session> self) {
  // Also when the loop goes.
  struct End {
    Http2Session& session;
    ~End() { session.end(session.lost("the connection was closed")); }
  } end{*self};
  std::vector<uint8_t> input(kInputBytes);
  while (!self->is_over_) {
    auto reading = self->stream_->read_later(input);
    auto count = co_await std::move(reading);
    if (!count) co_return self->end(self->lost(count.error().to_string()));
    if (*count == 0) {
      // As in HTTP/1.1: an end in the middle of a body is another thing than a broken connection.
      auto why = self->lost("the server closed the connection");
      why.code = FailureCode::ResponseIncomplete;
      co_return self->end(why);
    }
    self->received_ += *count;
    if (!self->take_input(Bytes(input).first(*count))) co_return;
  }
}

bool Http2Session::take_input(Bytes bytes) {
  if (is_over_) return false;
  is_busy_ = true;
  auto received = codec_->receive(bytes);
  is_busy_ = false;
  if (idle_frames_ > limits_.idle_frames) {
    codec_->terminate(h2::ErrorCode::EnhanceYourCalm);
    received = Error::invalid_input("too many frames that carry nothing");
  }
  flush_now();
  if (!received) end({FailureCode::ProtocolError, received.error().message()});
  return !is_over_;
}

void Http2Session::flush_soon() {
  if (is_flush_scheduled_ || is_over_) return;
  is_flush_scheduled_ = true;
  loop_.post([self = shared_from_this()] {
    self->is_flush_scheduled_ = false;
    self->flush_now();
  });
}

void Http2Session::flush_now() {
  if (is_over_) return;
  while (write_once()) {
  }
  settle();
}

bool Http2Session::write_once() {
  if (is_writing_ || write_error_) return false;
  out_.clear();
  is_busy_ = true;
  auto produced = codec_->produce(out_, kOutputMax);
  is_busy_ = false;
  if (!produced) {
    write_error_ = produced.take_error();
    return false;
  }
  if (out_.empty()) {
    if (out_.capacity() > kOutputKept) out_ = std::string();
    return false;
  }
  unwritten_ = Bytes(reinterpret_cast<const uint8_t*>(out_.data()), out_.size());
  // What nobody takes is lost, but the codec goes on.
  while (!unwritten_.empty() && !is_deaf_) {
    auto written = stream_->write_some(std::span(&unwritten_, 1));
    if (!written.is_ready()) {
      is_writing_ = true;
      tasks_.spawn(write_later(shared_from_this(), std::move(written)));
      return false;
    }
    auto count = written.take_ready();
    if (!count) {
      is_deaf_ = true;
      break;
    }
    unwritten_ = unwritten_.subspan(*count);
  }
  return true;
}

io::Task<void> Http2Session::write_later(std::shared_ptr<Http2Session> self,
                                         io::Eventual<size_t> waiting) {
  while (true) {
    auto count = co_await io::Eventual<size_t>::wait(std::move(waiting));
    if (!count) {
      self->is_deaf_ = true;
      break;
    }
    self->unwritten_ = self->unwritten_.subspan(*count);
    if (self->unwritten_.empty()) break;
    waiting = self->stream_->write_some(std::span(&self->unwritten_, 1));
  }
  self->is_writing_ = false;
  self->flush_now();
}

void Http2Session::settle() {
  while (!closed_.empty()) {
    auto stream = std::move(closed_.back());
    closed_.pop_back();
    stream->notify_over();
  }
  if (is_over_) return;
  if (write_error_) return end({FailureCode::ProtocolError, write_error_->message()});
  // A server that takes no more may have answered.
  if (is_deaf_) is_retired_ = true;
  if (codec_->is_over() && !is_writing_) {
    if (farewell_) return end(lost("the server ended the connection"));
    return end({FailureCode::ProtocolError, "the server broke the rules of HTTP/2"});
  }
  if (is_retired_ && streams_.empty()) close();
}

void Http2Session::close() {
  if (is_over_) return;
  VERIFY(!is_busy_);
  codec_->terminate(h2::ErrorCode::None);
  while (write_once()) {
  }
  end(lost("the connection was closed"));
}

void Http2Session::end(const Failure& why) {
  if (is_over_) return;
  is_over_ = true;
  stream_->close();
  auto streams = std::exchange(streams_, {});
  for (auto& [id, stream] : streams) stream->lose(why);
  for (auto& [id, stream] : streams) stream->notify_over();
  settle();
  if (auto* owner = std::exchange(owner_, nullptr)) owner->session_over();
}

}  // namespace spindle::http
