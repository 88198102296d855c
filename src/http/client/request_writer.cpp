#include "http/client/request_writer.h"

#include <fmt/format.h>

#include <charconv>

#include "base/verify.h"
#include "http/framing.h"

namespace spindle::http {

namespace {

io::Piece as_piece(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

void append_bytes(std::string& to, Bytes bytes) {
  to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

void RequestWriter::begin(std::string head, BodyLength length) {
  pending_ = std::move(head);
  pending_sent_ = 0;
  remaining_ = length.bytes();
  conduit_.last_sent = io::Clock::now();
}

void RequestWriter::begin_again(std::string head) {
  VERIFY(!body_begun_);
  pending_ = std::move(head);
  pending_sent_ = 0;
  failure_.reset();
  finished_ = false;
  conduit_.last_sent = io::Clock::now();
}

Failure RequestWriter::fail(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
  return *failure_;
}

Failure RequestWriter::fail(FailureCode code, std::string message) {
  return fail(Failure{code, std::move(message)});
}

Bytes RequestWriter::pending() const {
  return as_piece(std::string_view(pending_).substr(pending_sent_));
}

Outcome<size_t> RequestWriter::send(std::span<const io::Piece> pieces) {
  if (failure_) return *failure_;
  if (conduit_.stream == nullptr) return fail(FailureCode::InternalError, "the exchange is over");
  auto sent = conduit_.stream->try_write(pieces);
  if (!sent) return fail(conduit_.failure_for(sent.error()));
  size_t count = *sent;
  if (count > 0) conduit_.last_sent = io::Clock::now();
  auto of_pending = std::min(count, pending_.size() - pending_sent_);
  pending_sent_ += of_pending;
  if (pending_sent_ == pending_.size()) {
    pending_.clear();
    pending_sent_ = 0;
  }
  return count - of_pending;
}

Outcome<bool> RequestWriter::push_pending() {
  if (failure_) return *failure_;
  while (!pending().empty()) {
    auto before = pending().size();
    const io::Piece piece = pending();
    TRY(send(std::span(&piece, 1)));
    if (pending().size() == before) return false;
  }
  return true;
}

Outcome<size_t> RequestWriter::try_write(Bytes bytes) {
  if (failure_) return *failure_;
  if (finished_) return fail(FailureCode::InternalError, "the request is finished");
  if (bytes.empty()) return size_t{0};
  if (!remaining_) return write_chunk(bytes);
  if (bytes.size() > *remaining_) {
    auto failure = fail(FailureCode::RequestBodySize,
                        fmt::format("the request's body is longer than its content-length by at "
                                    "least {} bytes",
                                    bytes.size() - *remaining_));
    conduit_.break_with(failure);
    return failure;
  }
  return write_sized(bytes);
}

Outcome<size_t> RequestWriter::write_sized(Bytes bytes) {
  const std::array<io::Piece, 2> pieces{pending(), bytes};
  auto count = TRY(send(pieces));
  if (count > 0) body_begun_ = true;
  *remaining_ -= count;
  return count;
}

Outcome<size_t> RequestWriter::write_chunk(Bytes bytes) {
  // What a full socket left of the last chunk goes first; a head goes together with the chunk.
  if (body_begun_) {
    bool is_gone = TRY(push_pending());
    if (!is_gone) return size_t{0};
  }
  bytes = bytes.first(std::min(bytes.size(), kChunkMax));
  std::array<char, 20> frame;
  auto end = std::to_chars(frame.data(), frame.data() + frame.size() - 2, bytes.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  const auto prefix = as_piece(std::string_view(frame.data(), end));
  const std::array<io::Piece, 4> pieces{pending(), prefix, bytes, as_piece("\r\n")};
  auto count = TRY(send(pieces));
  if (count == 0) return size_t{0};
  body_begun_ = true;
  for (auto piece : std::span(pieces).subspan(1)) {
    auto gone = std::min(count, piece.size());
    count -= gone;
    append_bytes(pending_, piece.subspan(gone));
  }
  return bytes.size();
}

io::Task<Outcome<void>> RequestWriter::writable() {
  if (failure_) co_return *failure_;
  if (conduit_.stream == nullptr)
    co_return fail(FailureCode::InternalError, "the exchange is over");
  auto waiting = wait_on(conduit_, conduit_.stream->writable(), write_limit_);
  bool in_time = co_await std::move(waiting);
  if (in_time) co_return Outcome<void>();
  Failure failure{FailureCode::ConnectionWriteTimeout,
                  "the server took nothing of the request for too long"};
  co_return fail(conduit_.break_with(std::move(failure)));
}

io::Task<Outcome<void>> RequestWriter::flush() {
  while (true) {
    bool is_gone = CO_TRY(push_pending());
    if (is_gone) co_return Outcome<void>();
    auto waiting = writable();
    CO_TRY(co_await std::move(waiting));
  }
}

io::Task<Outcome<void>> RequestWriter::finish(HeaderView trailers) {
  if (failure_) co_return *failure_;
  if (finished_) co_return fail(FailureCode::InternalError, "the request is finished");
  if (remaining_.value_or(0) > 0) {
    auto failure = fail(FailureCode::RequestBodySize,
                        fmt::format("the request's body is {} bytes shorter than its "
                                    "content-length",
                                    *remaining_));
    conduit_.break_with(failure);
    co_return failure;
  }
  if (!remaining_) {
    body_begun_ = true;
    pending_ += "0\r\n";
    append_trailers(pending_, trailers);
    pending_ += "\r\n";
  }
  auto flushing = flush();
  CO_TRY(co_await std::move(flushing));
  finished_ = true;
  if (on_finished_) on_finished_();
  co_return Outcome<void>();
}

void RequestWriter::abort() {
  if (finished_ || conduit_.stream == nullptr) return;
  auto failure = fail(FailureCode::InternalError, "the request was given up");
  conduit_.break_with(std::move(failure));
}

}  // namespace spindle::http
