#include "http/client/response_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http/client/response_parser.h"

namespace spindle::http {

namespace {

constexpr size_t kFirstCapacity = 4 * 1024;
constexpr size_t kBodyCapacity = 64 * 1024;
// Reads into less go through the body buffer, so that tiny reads are not a system call each.
constexpr size_t kDirectMin = 2 * 1024;

}  // namespace

ResponseReader::ResponseReader(Conduit& conduit, const ClientLimits& limits,
                               const Timeouts& timeouts)
    : conduit_(conduit),
      limits_(limits),
      timeouts_(timeouts),
      parser_(std::make_unique<ResponseParser>(limits)) {}

ResponseReader::~ResponseReader() = default;

uint16_t ResponseReader::status() const {
  return parser_->status();
}

HeaderView ResponseReader::headers() const {
  return parser_->headers();
}

bool ResponseReader::may_keep_alive() const {
  return body_done_ && parser_->keeps_alive() && !has_junk_;
}

Failure ResponseReader::fail(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
  return *failure_;
}

Failure ResponseReader::fail(FailureCode code, std::string message) {
  return fail(Failure{code, std::move(message)});
}

Failure ResponseReader::refuse(const Rejection& rejection, FailureCode too_large) {
  auto code = FailureCode::ProtocolError;
  if (rejection.status == 431) code = too_large;
  if (rejection.status == 501) code = FailureCode::ResponseTransferCoding;
  return fail(code, fmt::format("refused a response: {}", rejection.reason));
}

void ResponseReader::begin_again() {
  VERIFY(!has_begun_);
  failure_.reset();
}

std::span<uint8_t> ResponseReader::fill_space() {
  if (end_ == capacity_) {
    // parse_head() refuses before a head outgrows its limit; interim ones make room.
    auto used = end_ - begin_;
    auto larger = std::max(kFirstCapacity, used * 2);
    auto moved = std::make_unique_for_overwrite<uint8_t[]>(larger);
    if (used > 0) std::memcpy(moved.get(), buffer_.get() + begin_, used);
    buffer_ = std::move(moved);
    capacity_ = larger;
    begin_ = 0;
    end_ = used;
  }
  return {buffer_.get() + end_, capacity_ - end_};
}

io::Task<Outcome<void>> ResponseReader::fill() {
  while (true) {
    // A request that still leaves keeps the clock from running.
    auto left = conduit_.last_sent + timeouts_.first_byte - io::Clock::now();
    if (left <= io::Clock::duration::zero()) {
      co_return fail(conduit_.break_with(
          {FailureCode::ConnectionReadTimeout, "the server sent no response for too long"}));
    }
    bool is_over = false;
    auto armed = conduit_.loop.deadlines().arm(left, [this, &is_over] {
      is_over = true;
      conduit_.stream->cancel();
    });
    auto reading = conduit_.stream->read_later(fill_space());
    auto count = co_await std::move(reading);
    armed.disarm();
    bool look_again = !count && count.error().kind() == ErrorKind::Canceled && !conduit_.broken;
    if (look_again) continue;
    if (!count) co_return fail(conduit_.failure_for(count.error()));
    if (*count == 0) {
      co_return fail(
          has_begun_ ? FailureCode::ResponseIncomplete : FailureCode::ConnectionTerminated,
          "the server closed the connection before it had sent a response");
    }
    has_begun_ = true;
    end_ += *count;
    co_return Outcome<void>();
  }
}

io::Task<Outcome<void>> ResponseReader::read_head(Method method) {
  parser_->reset(method);
  for (unsigned interim = 0; true;) {
    auto progress = parser_->parse_head({buffer_.get() + begin_, end_ - begin_});
    if (!progress) {
      co_return refuse(progress.error(), FailureCode::ResponseHeaderSectionSize);
    }
    if (*progress == ResponseParser::Progress::NeedMore) {
      if (failure_) co_return *failure_;
      auto filling = fill();
      CO_TRY(co_await std::move(filling));
      continue;
    }
    if (status() >= 200) break;
    if (status() == 101) {
      co_return fail(FailureCode::UpgradeFailed, "the server switched protocols unasked");
    }
    interim += 1;
    if (interim > limits_.interim_responses) {
      co_return fail(FailureCode::ProtocolError, "too many interim responses");
    }
    begin_ += parser_->head_size();
    parser_->reset(method);
  }
  begin_body();
  co_return Outcome<void>();
}

void ResponseReader::begin_body() {
  head_done_ = true;
  begin_ += parser_->head_size();
  remaining_ = parser_->content_length();
  if (parser_->framing() != ResponseParser::Framing::None) return;
  has_junk_ = end_ > begin_;
  set_received();
}

void ResponseReader::set_received() {
  body_done_ = true;
  if (auto action = std::exchange(on_received_, nullptr)) action();
}

std::optional<uint64_t> ResponseReader::length() const {
  switch (parser_->framing()) {
    case ResponseParser::Framing::None: return 0;
    case ResponseParser::Framing::Length: return parser_->content_length();
    default: return std::nullopt;
  }
}

HeaderView ResponseReader::trailers() const {
  if (!body_done_ || !held_.empty()) return {};
  return parser_->trailers();
}

Outcome<size_t> ResponseReader::decode(std::span<uint8_t> bytes) {
  if (parser_->framing() == ResponseParser::Framing::Chunked) {
    auto decoded = parser_->parse_chunked(bytes);
    if (!decoded) return refuse(decoded.error(), FailureCode::ResponseTrailerSectionSize);
    auto count = decoded->body.size();
    if (decoded->is_complete) {
      has_junk_ = decoded->consumed < bytes.size();
      set_received();
    }
    return count;
  }
  if (parser_->framing() == ResponseParser::Framing::UntilClose) return bytes.size();
  auto count = static_cast<size_t>(std::min<uint64_t>(remaining_, bytes.size()));
  remaining_ -= count;
  if (remaining_ == 0) {
    has_junk_ = count < bytes.size();
    set_received();
  }
  return count;
}

Outcome<size_t> ResponseReader::receive(std::span<uint8_t> out) {
  if (parser_->framing() == ResponseParser::Framing::Length) {
    out = out.first(static_cast<size_t>(std::min<uint64_t>(remaining_, out.size())));
  }
  // Bytes that are framing only do not count; each step takes some, so this ends.
  while (true) {
    if (conduit_.stream == nullptr) return fail(FailureCode::InternalError, "the exchange is over");
    auto step = conduit_.stream->try_read(out);
    if (!step) return fail(conduit_.failure_for(step.error()));
    if (step->is_ended) {
      if (parser_->framing() != ResponseParser::Framing::UntilClose) {
        return fail(FailureCode::ResponseIncomplete,
                    "the server closed the connection inside the response's body");
      }
      set_received();
      return size_t{0};
    }
    if (step->count == 0) return size_t{0};
    auto count = TRY(decode(out.first(step->count)));
    if (count > 0 || body_done_) return count;
  }
}

bool ResponseReader::advance() {
  while (held_.empty() && !body_done_ && !failure_) {
    std::span<uint8_t> came_with_head(buffer_.get() + begin_, end_ - begin_);
    if (!came_with_head.empty()) {
      begin_ = end_;
      auto count = decode(came_with_head);
      if (count) held_ = came_with_head.first(*count);
      continue;
    }
    if (!body_buffer_) body_buffer_ = std::make_unique_for_overwrite<uint8_t[]>(kBodyCapacity);
    auto count = receive({body_buffer_.get(), kBodyCapacity});
    if (!count || *count == 0) break;
    held_ = {body_buffer_.get(), *count};
  }
  return !held_.empty() || body_done_ || failure_.has_value();
}

Result<io::ReadStep> ResponseReader::try_read(std::span<uint8_t> out) {
  bool is_direct = held_.empty() && begin_ == end_ && out.size() >= kDirectMin;
  if (is_direct && !body_done_ && !failure_) {
    auto count = receive(out);
    if (!count) return count.error().to_error();
    return io::ReadStep{.count = *count, .is_ended = body_done_};
  }
  if (!advance()) return io::ReadStep{};
  if (held_.empty() && failure_) return failure_->to_error();
  auto count = std::min(out.size(), held_.size());
  if (count > 0) std::memcpy(out.data(), held_.data(), count);
  held_ = held_.subspan(count);
  return io::ReadStep{.count = count, .is_ended = body_done_ && held_.empty()};
}

io::Eventual<Bytes> ResponseReader::read(size_t max) {
  if (!advance()) return wait_and_read(max);
  if (held_.empty() && failure_) return failure_->to_error();
  auto taken = held_.first(std::min(max, held_.size()));
  held_ = held_.subspan(taken.size());
  return Bytes(taken);
}

io::Eventual<void> ResponseReader::wait_readable() {
  if (advance()) return Result<void>();
  return wait_for_bytes();
}

io::Task<Result<Bytes>> ResponseReader::wait_and_read(size_t max) {
  auto waiting = wait_for_bytes();
  CO_TRY(co_await std::move(waiting));
  auto taken = read(max);
  VERIFY(taken.is_ready());
  co_return taken.take_ready();
}

io::Task<Result<void>> ResponseReader::wait_for_bytes() {
  while (!advance()) {
    auto waiting = wait_on(conduit_, conduit_.stream->readable(), timeouts_.between_bytes);
    bool in_time = co_await std::move(waiting);
    if (!in_time) {
      fail(conduit_.break_with({FailureCode::ConnectionReadTimeout,
                                "the server sent nothing of the response's body for too long"}));
    }
  }
  co_return Result<void>();
}

}  // namespace spindle::http
