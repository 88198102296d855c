#include "http/h2/stream_response.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/framing.h"
#include "http/h2/stream_body.h"

namespace spindle::http::h2 {

namespace {

// Pieces up to this size are copied together, larger ones are taken from where they are.
constexpr size_t kCollectedPieceMax = 4 * 1024;
constexpr size_t kCollectedMax = 16 * 1024;

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Fields that say how a connection of HTTP/1 is used; HTTP/2 forbids them.
bool is_about_connection(std::string_view name) {
  for (std::string_view forbidden :
       {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
    if (equals_ignoring_case(name, forbidden)) return true;
  }
  return false;
}

}  // namespace

// Bytes that the codec may take while a write waits for that.
class StreamResponse::Offer {
 public:
  Offer(StreamResponse& response, Bytes bytes) : response_(response) { response.source_ = bytes; }
  Offer(const Offer&) = delete;
  Offer& operator=(const Offer&) = delete;
  ~Offer() { response_.source_ = {}; }

 private:
  StreamResponse& response_;
};

StreamResponse::StreamResponse(StreamHost& host, StreamId id, CodecStream& stream,
                               StreamBody& request_body)
    : host_(host),
      id_(id),
      stream_(stream),
      request_body_(request_body),
      taken_(host.state().loop) {}

Error StreamResponse::broken_error() const {
  if (timed_out_) return Error::timeout("the client took nothing of the response for too long");
  return Error::unavailable("the stream is broken");
}

Result<void> StreamResponse::start(const ResponseHead& head, BodyLength length) {
  if (started_) return Error::invalid_input("the response has already started");
  if (broken_) return broken_error();
  if (head.status < 200 || head.status > 999) {
    return Error::invalid_input(
        fmt::format("invalid response status {}: expected 200 to 999", head.status));
  }
  auto announced = TRY(collect_fields(head.headers));
  const bool may_differ = method_ == Method::Head || head.status == 304;
  auto bytes = length.bytes();
  if (announced && bytes && *announced != *bytes && !may_differ) {
    return Error::invalid_input(
        fmt::format("content-length is {} but the body has {} bytes", *announced, *bytes));
  }
  if (announced) bytes = announced;
  TRY(respond(head.status, bytes));
  started_ = true;
  request_body_.forget_continue();
  host_.flush_soon();
  return {};
}

// The length that a content-length field announces.
Result<std::optional<uint64_t>> StreamResponse::collect_fields(HeaderView headers) {
  std::optional<uint64_t> announced;
  has_date_ = false;
  fields_.clear();
  fields_.reserve(headers.size() + 3);
  fields_.push_back({":status", ""});
  for (const auto& header : headers) {
    TRY(check_header(header));
    if (is_about_connection(header.name)) continue;
    if (equals_ignoring_case(header.name, "content-length")) {
      auto number = parse_decimal(header.value);
      if (!number || (announced && *announced != *number)) {
        return Error::invalid_input(fmt::format("invalid content-length {:?}", header.value));
      }
      announced = number;
      continue;
    }
    has_date_ = has_date_ || equals_ignoring_case(header.name, "date");
    fields_.push_back(header);
  }
  return announced;
}

Result<void> StreamResponse::respond(uint16_t status, std::optional<uint64_t> length) {
  char status_digits[4];
  char length_digits[20];
  auto digits = [](char* at, size_t room, uint64_t number) {
    return std::string_view(at, std::to_chars(at, at + room, number).ptr);
  };
  fields_[0].value = digits(status_digits, sizeof(status_digits), status);
  if (length && status != 204 && (status != 304 || *length > 0)) {
    fields_.push_back({"content-length", digits(length_digits, sizeof(length_digits), *length)});
  }
  if (!has_date_) fields_.push_back({"date", host_.state().date.now()});
  body_dropped_ = status == 204 || status == 304 || method_ == Method::Head;
  remaining_ = length;
  const bool has_body = !body_dropped_ && length != 0;
  return host_.codec().respond(id_, stream_, fields_, has_body ? HasBody::Yes : HasBody::No);
}

Result<void> StreamResponse::check_writable() {
  if (broken_) return broken_error();
  if (!started_) return Error::invalid_input("the response has not started");
  if (finished_) return Error::invalid_input("the response is finished");
  if (!source_.empty()) return Error::internal("a write began before the last one was over");
  return {};
}

Result<void> StreamResponse::count(Bytes bytes) {
  if (!remaining_) return {};
  if (bytes.size() > *remaining_) {
    return Error::invalid_input(
        fmt::format("{} bytes more than the content-length announced", bytes.size() - *remaining_));
  }
  *remaining_ -= bytes.size();
  return {};
}

bool StreamResponse::is_collected(Bytes bytes) const {
  return bytes.size() <= kCollectedPieceMax && collected() + bytes.size() <= kCollectedMax;
}

void StreamResponse::resume() {
  if (std::exchange(deferred_, false)) host_.codec().resume(id_);
}

void StreamResponse::arm() {
  auto& state = host_.state();
  write_due_ = state.due_in(state.limits.write_idle_time);
}

io::Eventual<void> StreamResponse::write(Bytes bytes) {
  auto writable = check_writable();
  if (!writable) return writable.take_error();
  if (bytes.empty() || body_dropped_) return Result<void>();
  auto counted = count(bytes);
  if (!counted) return counted.take_error();
  if (is_collected(bytes)) {
    buffer_.append(as_text(bytes));
    resume();
    host_.flush_soon();
    return Result<void>();
  }
  auto rest = offer(bytes);
  if (broken_) return broken_error();
  if (rest.empty()) return Result<void>();
  return write_rest(rest);
}

Bytes StreamResponse::offer(Bytes bytes) {
  const Offer offered(*this, bytes);
  resume();
  host_.flush_now();
  return source_;
}

io::Task<Result<void>> StreamResponse::write_rest(Bytes rest) {
  const Offer offered(*this, rest);
  resume();
  co_return co_await wait_taken();
}

io::Task<Result<void>> StreamResponse::wait_taken() {
  host_.flush_soon();
  arm();
  while (available() > 0 && !broken_) {
    taken_.reset();
    co_await taken_.wait();
  }
  if (broken_) co_return broken_error();
  co_return Result<void>();
}

Result<size_t> StreamResponse::try_write(Bytes bytes) {
  TRY(check_writable());
  if (bytes.empty() || body_dropped_) return bytes.size();
  TRY(count(bytes));
  Bytes rest = bytes;
  if (!is_collected(bytes)) rest = offer(bytes);
  if (broken_) return broken_error();
  auto copied =
      rest.first(std::min(rest.size(), kCollectedMax - std::min(kCollectedMax, collected())));
  buffer_.append(as_text(copied));
  if (!copied.empty()) {
    resume();
    host_.flush_soon();
  }
  const size_t left = rest.size() - copied.size();
  if (remaining_) *remaining_ += left;
  return bytes.size() - left;
}

io::Task<Result<void>> StreamResponse::writable() {
  if (broken_) co_return broken_error();
  co_return co_await wait_taken();
}

io::Eventual<void> StreamResponse::flush() {
  if (broken_) return broken_error();
  host_.flush_now();
  if (available() == 0) return Result<void>();
  return wait_taken();
}

io::Eventual<void> StreamResponse::finish(HeaderView trailers) {
  auto writable = check_writable();
  if (!writable) return writable.take_error();
  if (remaining_ && *remaining_ > 0 && !body_dropped_) {
    auto missing = *remaining_;
    abort();
    return Error::invalid_input(
        fmt::format("the body is {} bytes shorter than the content-length announced", missing));
  }
  for (const auto& trailer : trailers) {
    const bool is_sent = is_sendable_trailer(trailer) && !is_about_connection(trailer.name);
    if (is_sent) trailers_.add(trailer.name, trailer.value);
  }
  finished_ = true;
  if (!sent_last_) arm();
  resume();
  host_.flush_soon();
  return Result<void>();
}

void StreamResponse::break_off(ErrorCode code) {
  if (broken_ || sent_last_) return;
  broken_off_ = true;
  host_.codec().reset(id_, code);
  host_.flush_soon();
  close();
}

void StreamResponse::time_out() {
  timed_out_ = true;
  break_off(ErrorCode::Cancel);
}

void StreamResponse::close() {
  write_due_ = 0;
  if (!sent_last_) broken_ = true;
  taken_.set();
}

BodyStep StreamResponse::next_body(size_t max) {
  BodyStep step;
  step.count = std::min(max, available());
  step.is_last = finished_ && step.count == available();
  if (step.count == 0 && !step.is_last) deferred_ = true;
  return step;
}

void StreamResponse::append_body(size_t count, std::string& out) {
  const size_t from_buffer = std::min(count, collected());
  out.append(buffer_, buffer_at_, from_buffer);
  buffer_at_ += from_buffer;
  if (buffer_at_ == buffer_.size()) {
    buffer_.clear();
    buffer_at_ = 0;
  }
  const size_t from_source = count - from_buffer;
  out.append(as_text(source_.first(from_source)));
  source_ = source_.subspan(from_source);
  if (available() == 0) taken_.set();
  if (write_due_ == 0) return;
  if (available() == 0 && !finished_) {
    write_due_ = 0;
  } else {
    arm();
  }
}

void StreamResponse::sent_last() {
  sent_last_ = true;
  write_due_ = 0;
  taken_.set();
}

}  // namespace spindle::http::h2
