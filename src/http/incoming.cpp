#include "http/incoming.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http/outgoing.h"

namespace spindle::http {

namespace {

constexpr size_t kFirstCapacity = 4 * 1024;
constexpr size_t kBodyCapacity = 64 * 1024;
constexpr size_t kLingerBytesMax = 1024 * 1024;

}  // namespace

Incoming::Incoming(ServerState& state, io::ByteStream& stream, Outgoing& outgoing)
    : state_(state),
      stream_(stream),
      outgoing_(outgoing),
      parser_(state.limits),
      watched_(state.loop) {}

void Incoming::begin_request() {
  begin_ = position_;
  // A watch that is still on reads to where the end is now.
  if (begin_ == end_ && !watching_) begin_ = position_ = end_ = 0;
  if (!rest_.empty()) {
    VERIFY(end_ == 0);
    // The buffer is empty then: its bytes came before those of the body buffer.
    if (capacity_ < rest_.size()) {
      buffer_ = std::make_unique_for_overwrite<uint8_t[]>(rest_.size());
      capacity_ = rest_.size();
    }
    std::memcpy(buffer_.get(), rest_.data(), rest_.size());
    end_ = rest_.size();
    rest_ = {};
  }
  if (body_buffer_) {
    body_buffer_.reset();
    body_capacity_ = 0;
  }
  held_ = {};
  body_done_ = true;
  body_bytes_ = 0;
  continue_due_ = false;
  parser_.reset();
}

std::expected<RequestParser::Progress, Rejection> Incoming::parse_head() {
  auto progress = parser_.parse_head({buffer_.get() + begin_, end_ - begin_});
  position_ = begin_ + parser_.head_size();
  return progress;
}

std::span<uint8_t> Incoming::fill_space() {
  filling_ = true;
  if (end_ == capacity_) {
    auto used = end_ - begin_;
    if (begin_ > 0) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, used);
    } else {
      // parse_head() refuses before a head outgrows its limit.
      auto larger = std::max(kFirstCapacity, capacity_ * 2);
      auto moved = std::make_unique_for_overwrite<uint8_t[]>(larger);
      if (used > 0) std::memcpy(moved.get(), buffer_.get(), used);
      buffer_ = std::move(moved);
      capacity_ = larger;
    }
    position_ -= begin_;
    begin_ = 0;
    end_ = used;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

void Incoming::filled(Result<size_t> count) {
  filling_ = false;
  if (std::exchange(look_again_, false) && !count && !timed_out_) {
    ask_first_ = true;
    return;
  }
  if (!count) {
    fail(count.take_error());
  } else if (*count == 0) {
    input_ended_ = true;
  } else {
    end_ += *count;
  }
}

void Incoming::look_again() {
  if (!filling_) return;
  look_again_ = true;
  stream_.cancel();
}

void Incoming::begin_body() {
  auto framing = parser_.framing();
  body_done_ = framing == RequestParser::Framing::None;
  remaining_ = parser_.content_length();
  continue_due_ = parser_.expects_continue() && raw().empty();
}

bool Incoming::begins_with_preface() const {
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  constexpr size_t kEnough = 14;
  const std::string_view arrived(reinterpret_cast<const char*>(buffer_.get()) + begin_,
                                 end_ - begin_);
  const size_t size = std::min(arrived.size(), kPreface.size());
  return size >= kEnough && arrived.substr(0, size) == kPreface.substr(0, size);
}

bool Incoming::has_next_request() const {
  return body_done_ && (position_ < end_ || !rest_.empty());
}

std::optional<uint64_t> Incoming::length() const {
  if (parser_.framing() == RequestParser::Framing::Chunked) return std::nullopt;
  return parser_.content_length();
}

HeaderView Incoming::trailers() const {
  if (!is_body_done()) return {};
  return parser_.trailers();
}

Bytes Incoming::take_held(size_t max) {
  auto taken = held_.first(std::min(max, held_.size()));
  held_ = held_.subspan(taken.size());
  return taken;
}

void Incoming::fail(Error error) {
  if (error_) return;
  if (timed_out_) {
    error = Error::timeout("the client sent nothing of the request body for too long");
  }
  error_ = std::move(error);
}

bool Incoming::advance() {
  if (!held_.empty() || body_done_ || error_) return true;
  auto bytes = raw();
  if (!bytes.empty()) decode(bytes);
  return !held_.empty() || body_done_ || error_;
}

void Incoming::decode(std::span<uint8_t> bytes) {
  if (parser_.framing() == RequestParser::Framing::Chunked) {
    decode_chunked(bytes);
    return;
  }
  auto count = static_cast<size_t>(std::min<uint64_t>(remaining_, bytes.size()));
  held_ = bytes.first(count);
  remaining_ -= count;
  body_done_ = remaining_ == 0;
  if (bytes.data() == buffer_.get() + position_) position_ += count;
}

void Incoming::decode_chunked(std::span<uint8_t> bytes) {
  auto decoded = parser_.parse_chunked(bytes);
  if (!decoded) {
    fail(Error::invalid_input(fmt::format("malformed request body: {}", decoded.error().reason)));
    return;
  }
  held_ = decoded->body;
  body_done_ = decoded->is_complete;
  body_bytes_ += held_.size();
  auto limit = state_.limits.body_bytes;
  if (limit && body_bytes_ > *limit) {
    held_ = {};
    fail(Error::limit_exceeded(fmt::format("the request body has more than {} bytes", *limit)));
    return;
  }
  if (bytes.data() == buffer_.get() + position_) {
    position_ += decoded->consumed;
  } else {
    rest_ = bytes.subspan(decoded->consumed);
  }
}

io::Eventual<Bytes> Incoming::read(size_t max) {
  if (!advance()) return wait_and_read(max);
  if (held_.empty() && error_) return *error_;
  return take_held(max);
}

io::Eventual<void> Incoming::wait_readable() {
  if (advance()) return Result<void>();
  return wait_for_bytes();
}

io::Task<Result<Bytes>> Incoming::wait_and_read(size_t max) {
  CO_TRY(co_await wait_for_bytes());
  if (held_.empty() && error_) co_return *error_;
  co_return take_held(max);
}

io::Task<Result<void>> Incoming::wait_for_bytes() {
  if (continue_due_) {
    continue_due_ = false;
    auto sent = outgoing_.send_continue();
    CO_TRY(co_await io::Eventual<void>::wait(std::move(sent)));
  }
  while (!advance()) {
    read_due_ = state_.due_in(state_.limits.body_idle_time);
    auto got = co_await read_body_bytes();
    read_due_ = 0;
    if (!got) fail(got.take_error());
  }
  co_return Result<void>();
}

io::Task<Result<void>> Incoming::read_body_bytes() {
  if (watching_) {
    co_await watched_.wait();
    co_return Result<void>();
  }
  if (!body_buffer_) {
    bool is_short =
        parser_.framing() == RequestParser::Framing::Length && remaining_ < kBodyCapacity;
    body_capacity_ = is_short ? static_cast<size_t>(remaining_) : kBodyCapacity;
    body_buffer_ = std::make_unique_for_overwrite<uint8_t[]>(body_capacity_);
  }
  auto wanted = body_capacity_;
  if (parser_.framing() == RequestParser::Framing::Length) {
    wanted = static_cast<size_t>(std::min<uint64_t>(wanted, remaining_));
  }
  auto count = CO_TRY(co_await stream_.read_some({body_buffer_.get(), wanted}));
  if (count == 0) co_return Error::unavailable("the client left before the request body ended");
  decode({body_buffer_.get(), count});
  co_return Result<void>();
}

io::Task<bool> Incoming::discard_body() {
  uint64_t dropped = 0;
  while (true) {
    auto next = read(SIZE_MAX);
    auto piece = co_await io::Eventual<Bytes>::wait(std::move(next));
    if (!piece) co_return false;
    if (piece->empty()) co_return true;
    dropped += piece->size();
    if (dropped > state_.limits.unread_body_bytes) co_return false;
  }
}

io::Task<void> Incoming::linger() {
  if (watching_) {
    stream_.cancel();
    co_await watched_.wait();
  }
  timed_out_ = false;
  auto scratch = std::make_unique_for_overwrite<uint8_t[]>(kFirstCapacity);
  read_due_ = state_.due_in(state_.limits.linger_time);
  for (size_t dropped = 0; dropped < kLingerBytesMax && !timed_out_;) {
    auto count = co_await stream_.read_some({scratch.get(), kFirstCapacity});
    if (!count || *count == 0) break;
    dropped += *count;
  }
  read_due_ = 0;
}

void Incoming::time_out() {
  read_due_ = 0;
  timed_out_ = true;
  stream_.cancel();
}

bool Incoming::can_watch() const {
  return !watching_ && read_due_ == 0 && !error_ && rest_.empty() && end_ < capacity_;
}

io::Task<Result<size_t>> Incoming::watch() {
  watching_ = true;
  watched_.reset();
  auto count = co_await stream_.read_some({buffer_.get() + end_, capacity_ - end_});
  if (!count) {
    fail(count.error());
  } else if (*count == 0) {
    if (!body_done_) fail(Error::unavailable("the client left before the request body ended"));
    input_ended_ = true;
  } else {
    end_ += *count;
  }
  watching_ = false;
  watched_.set();
  co_return count;
}

}  // namespace spindle::http
