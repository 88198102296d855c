#include "http/outgoing.h"

#include <fmt/format.h>

#include <ctime>

#include "http/framing.h"

namespace spindle::http {

namespace {

// Pieces up to this size are copied together, larger ones are written where they are.
constexpr size_t kCollectedPieceMax = 4 * 1024;
constexpr size_t kPendingMax = 16 * 1024;

// What one step of writing takes: what the socket leaves of a chunk is copied.
constexpr size_t kStepMax = 256 * 1024;

io::Piece as_piece(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string_view DateCache::now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME_COARSE, &time);
  if (time.tv_sec != second_) {
    second_ = time.tv_sec;
    tm parts{};
    gmtime_r(&time.tv_sec, &parts);
    strftime(text_, sizeof(text_), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  return {text_, 29};
}

io::Eventual<void> ResponseWriter::send(const ResponseHead& head, Bytes body) {
  auto started = start(head, BodyLength::known(body.size()));
  if (!started) return started.take_error();
  auto written = write(body);
  if (!written.is_ready()) {
    struct Rest {
      static io::Task<Result<void>> run(ResponseWriter& self, io::Eventual<void> first) {
        CO_TRY(co_await io::Eventual<void>::wait(std::move(first)));
        auto last = self.finish();
        auto result = co_await io::Eventual<void>::wait(std::move(last));
        co_return result;
      }
    };
    return Rest::run(*this, std::move(written));
  }
  auto result = written.take_ready();
  if (!result) return result.take_error();
  return finish();
}

void Outgoing::begin(const Terms& terms) {
  terms_ = terms;
  framing_ = Framing::None;
  remaining_ = 0;
  started_ = false;
  finished_ = false;
  head_at_.reset();
  keep_alive_ = terms.keep_alive;
}

Error Outgoing::fail(Error error) {
  broken_ = true;
  busy_ = false;
  write_due_ = 0;
  return error;
}

Result<void> Outgoing::start(const ResponseHead& head, BodyLength length) {
  if (started_) return Error::invalid_input("the response has already started");
  if (busy_) return fail(Error::internal("a response began before the last write was over"));
  if (broken_) return Error::unavailable("the connection is broken");
  auto rollback = pending_.size();
  auto encoded = encode_head(head, length.bytes());
  if (!encoded) {
    pending_.resize(rollback);
    return encoded;
  }
  started_ = true;
  head_at_ = rollback;
  return {};
}

Result<void> Outgoing::encode_head(const ResponseHead& head, std::optional<uint64_t> length) {
  if (head.status < 200 || head.status > 999) {
    return Error::invalid_input(
        fmt::format("invalid response status {}: expected 200 to 999", head.status));
  }
  if (head.status == 200) [[likely]] {
    append("HTTP/1.1 200 OK\r\n");
  } else {
    append("HTTP/1.1 ");
    append_number(pending_, head.status);
    append(" ");
    append(reason_phrase(head.status));
    append("\r\n");
  }
  bool keeps_alive = keep_alive_;
  auto announced = encode_headers(head.headers);
  bool may_differ = terms_.method == Method::Head || head.status == 304;
  if (!announced || (*announced && length && **announced != *length && !may_differ)) {
    keep_alive_ = keeps_alive;
    if (!announced) return announced.take_error();
    return Error::invalid_input(
        fmt::format("content-length is {} but the body has {} bytes", **announced, *length));
  }
  if (*announced) length = **announced;
  if (state_.draining || host_.must_close()) keep_alive_ = false;
  encode_framing(head.status, length);
  if (!has_date_) {
    append("date: ");
    append(state_.date.now());
    append("\r\n");
  }
  append("\r\n");
  return {};
}

// The length that a content-length header announces.
Result<std::optional<uint64_t>> Outgoing::encode_headers(HeaderView headers) {
  std::optional<uint64_t> announced;
  has_date_ = false;
  for (const auto& header : headers) {
    TRY(check_header(header));
    // Only names of these lengths mean something to the server.
    switch (header.name.size()) {
      case 4: has_date_ = has_date_ || equals_ignoring_case(header.name, "date"); break;
      case 10:
        if (equals_ignoring_case(header.name, "connection")) {
          if (equals_ignoring_case(header.value, "close")) keep_alive_ = false;
          continue;
        }
        if (equals_ignoring_case(header.name, "keep-alive")) continue;
        break;
      case 14:
        if (equals_ignoring_case(header.name, "content-length")) {
          auto number = parse_decimal(header.value);
          if (!number || (announced && *announced != *number)) {
            return Error::invalid_input(fmt::format("invalid content-length {:?}", header.value));
          }
          announced = number;
          continue;
        }
        break;
      case 16:
        if (equals_ignoring_case(header.name, "proxy-connection")) continue;
        break;
      case 17:
        if (equals_ignoring_case(header.name, "transfer-encoding")) continue;
        break;
      default: break;
    }
    append_field(pending_, header);
  }
  return announced;
}

void Outgoing::encode_framing(uint16_t status, std::optional<uint64_t> length) {
  bool has_no_body = status == 204 || status == 304 || terms_.method == Method::Head;
  if (has_no_body) {
    framing_ = Framing::None;
  } else if (length) {
    framing_ = Framing::Length;
    remaining_ = *length;
  } else {
    framing_ = terms_.minor_version == 0 ? Framing::UntilClose : Framing::Chunked;
  }
  if (length && status != 204 && (status != 304 || *length > 0)) {
    append("content-length: ");
    append_number(pending_, *length);
    append("\r\n");
  }
  if (framing_ == Framing::Chunked) append("transfer-encoding: chunked\r\n");
  if (framing_ == Framing::UntilClose) keep_alive_ = false;
  if (!keep_alive_) {
    append("connection: close\r\n");
  } else if (terms_.minor_version == 0) {
    append("connection: keep-alive\r\n");
  }
}

Result<void> Outgoing::check_writable() {
  if (busy_) return fail(Error::internal("a write began before the last one was over"));
  if (broken_) return Error::unavailable("the connection is broken");
  if (!started_) return Error::invalid_input("the response has not started");
  if (finished_) return Error::invalid_input("the response is finished");
  return {};
}

io::Eventual<void> Outgoing::write(Bytes bytes) {
  auto writable = check_writable();
  if (!writable) return writable.take_error();
  if (bytes.empty() || framing_ == Framing::None) return Result<void>();
  if (framing_ == Framing::Chunked) return write_chunk(bytes);
  auto counted = count(bytes);
  if (!counted) return counted.take_error();
  const bool is_last = framing_ == Framing::Length && remaining_ == 0;
  if (!is_collected(bytes)) return push(bytes);
  pending_.append(as_text(bytes));
  if (is_last && !terms_.more_requests && !in_background_) return push({});
  return collect();
}

Result<void> Outgoing::count(Bytes bytes) {
  if (framing_ != Framing::Length) return {};
  if (bytes.size() > remaining_) {
    return Error::invalid_input(
        fmt::format("{} bytes more than the content-length announced", bytes.size() - remaining_));
  }
  remaining_ -= bytes.size();
  return {};
}

bool Outgoing::is_collected(Bytes bytes) const {
  return bytes.size() <= kCollectedPieceMax && pending_size() + bytes.size() <= kPendingMax;
}

void Outgoing::append_chunk_head(size_t size) {
  append_number(pending_, size, 16);
  append("\r\n");
}

// A chunk that has begun to leave is the server's: what the socket does not take is copied. Without
// chunks the rest stays with the caller.
Result<size_t> Outgoing::try_write(Bytes bytes) {
  TRY(check_writable());
  if (bytes.empty() || framing_ == Framing::None) return bytes.size();
  if (in_background_ || pending_size() > kPendingMax) return size_t{0};
  if (is_collected(bytes)) {
    TRY(count(bytes));
    if (framing_ == Framing::Chunked) append_chunk_head(bytes.size());
    pending_.append(as_text(bytes));
    if (framing_ == Framing::Chunked) append("\r\n");
    host_.schedule_flush();
    return bytes.size();
  }
  bytes = bytes.first(std::min(bytes.size(), kStepMax));
  if (framing_ != Framing::Chunked) {
    TRY(count(bytes));
    (void)TRY(push_now(bytes, {}));
    const size_t left = pieces_[1].size();
    if (framing_ == Framing::Length) remaining_ += left;
    return bytes.size() - left;
  }
  const size_t before = pending_.size();
  append_chunk_head(bytes.size());
  if (TRY(push_now(bytes, as_piece("\r\n"))) == Pushed::Nothing) {
    pending_.resize(before);
    return size_t{0};
  }
  pending_.append(as_text(pieces_[1]));
  pending_.append(as_text(pieces_[2]));
  return bytes.size();
}

// One write; what is left of pending_ stays there, what is left of the rest in pieces_.
Result<Outgoing::Pushed> Outgoing::push_now(Bytes first, Bytes second) {
  pieces_[0] = as_piece(std::string_view(pending_).substr(pending_sent_));
  pieces_[1] = first;
  pieces_[2] = second;
  const size_t from = pieces_[0].empty() ? 1 : 0;
  const size_t to = second.empty() ? 2 : 3;
  Result<size_t> written = stream_.try_write(std::span(pieces_ + from, to - from));
  if (!written) return fail(written.take_error());
  if (*written == 0) return Pushed::Nothing;
  head_at_.reset();
  const size_t pending_before = pieces_[0].size();
  take_sent(*written);
  pending_sent_ += pending_before - pieces_[0].size();
  if (pieces_[0].empty()) {
    pending_.clear();
    pending_sent_ = 0;
  }
  return Pushed::Some;
}

io::Task<Result<void>> Outgoing::writable() {
  if (broken_) co_return Error::unavailable("the connection is broken");
  if (pending_size() > 0 || in_background_) {
    auto flushing = flush();
    auto waiting = io::Eventual<void>::wait(std::move(flushing));
    auto flushed = co_await std::move(waiting);
    co_return flushed;
  }
  busy_ = true;
  write_due_ = state_.due_in(state_.limits.write_idle_time);
  auto waiting = stream_.writable();
  auto ready = co_await std::move(waiting);
  write_due_ = 0;
  busy_ = false;
  if (!ready) co_return fail(ready.take_error());
  co_return ready;
}

io::Eventual<void> Outgoing::write_chunk(Bytes bytes) {
  // A foreground write comes first while the background one is still out.
  const bool collected = is_collected(bytes);
  append_chunk_head(bytes.size());
  if (collected) {
    pending_.append(as_text(bytes));
    append("\r\n");
    return collect();
  }
  return push(bytes, as_piece("\r\n"));
}

io::Eventual<void> Outgoing::collect() {
  host_.schedule_flush();
  return Result<void>();
}

io::Eventual<void> Outgoing::flush() {
  if (broken_) return Error::unavailable("the connection is broken");
  if (pending_size() == 0 && !in_background_) return Result<void>();
  return push({});
}

io::Eventual<void> Outgoing::finish(HeaderView trailers) {
  auto writable = check_writable();
  if (!writable) return writable.take_error();
  if (framing_ == Framing::Length && remaining_ > 0) {
    auto missing = remaining_;
    abort();
    return Error::invalid_input(
        fmt::format("the body is {} bytes shorter than the content-length announced", missing));
  }
  if (framing_ == Framing::Chunked) {
    append("0\r\n");
    append_trailers(pending_, trailers);
    append("\r\n");
  }
  finished_ = true;
  if (pending_size() == 0) return Result<void>();
  if (terms_.more_requests && pending_size() <= kPendingMax) return collect();
  return push({});
}

void Outgoing::abort() {
  if (framing_ == Framing::UntilClose && started_) {
    stream_.abort();
  } else {
    stream_.close();
  }
  broken_ = true;
}

io::Eventual<void> Outgoing::send_continue() {
  if (broken_ || busy_ || (started_ && !head_at_)) return Result<void>();
  pending_.insert(head_at_.value_or(pending_.size()), "HTTP/1.1 100 Continue\r\n\r\n");
  return push({});
}

void Outgoing::take_sent(size_t count) {
  for (auto& piece : pieces_) {
    auto part = std::min(count, piece.size());
    piece = piece.subspan(part);
    count -= part;
  }
}

io::Eventual<void> Outgoing::push(Bytes first, Bytes second) {
  if (in_background_) return push_later(first, second);
  if (busy_) return fail(Error::internal("a write began before the last one was over"));
  head_at_.reset();
  pieces_[0] = as_piece(std::string_view(pending_).substr(pending_sent_));
  pieces_[1] = first;
  pieces_[2] = second;
  while (true) {
    size_t from = pieces_[0].empty() ? 1 : 0;
    size_t to = pieces_[2].empty() ? (pieces_[1].empty() ? 1 : 2) : 3;
    if (from >= to) break;
    auto written = stream_.write_some(std::span(pieces_ + from, to - from));
    if (!written.is_ready()) {
      busy_ = true;
      return continue_push(std::move(written));
    }
    auto count = written.take_ready();
    if (!count) return fail(count.take_error());
    take_sent(*count);
  }
  pending_.clear();
  pending_sent_ = 0;
  return Result<void>();
}

// Nothing is appended to pending_ meanwhile but by write() and finish() after an error of the
// caller, which awaits one write before it begins the next.
io::Task<Result<void>> Outgoing::continue_push(io::Eventual<size_t> waiting) {
  while (true) {
    write_due_ = state_.due_in(state_.limits.write_idle_time);
    auto count = co_await io::Eventual<size_t>::wait(std::move(waiting));
    write_due_ = 0;
    if (!count) co_return fail(count.take_error());
    take_sent(*count);
    size_t from = 0;
    while (from < 3 && pieces_[from].empty()) from += 1;
    if (from == 3) break;
    waiting = stream_.write_some(std::span(pieces_ + from, 3 - from));
  }
  busy_ = false;
  pending_.clear();
  pending_sent_ = 0;
  co_return Result<void>();
}

io::Task<Result<void>> Outgoing::push_later(Bytes first, Bytes second) {
  co_await flushed_.wait();
  if (broken_) co_return Error::unavailable("the connection is broken");
  auto pushed = push(first, second);
  auto result = co_await io::Eventual<void>::wait(std::move(pushed));
  co_return result;
}

// What a handler collects while this runs waits for the next flush.
io::Task<void> Outgoing::flush_in_background() {
  in_background_ = true;
  flushed_.reset();
  head_at_.reset();
  std::string sending = std::exchange(pending_, {});
  auto rest = as_piece(std::string_view(sending).substr(std::exchange(pending_sent_, 0)));
  while (!rest.empty()) {
    write_due_ = state_.due_in(state_.limits.write_idle_time);
    auto written = stream_.write_some(std::span(&rest, 1));
    auto count = co_await io::Eventual<size_t>::wait(std::move(written));
    write_due_ = 0;
    if (!count) {
      broken_ = true;
      break;
    }
    rest = rest.subspan(*count);
  }
  in_background_ = false;
  flushed_.set();
  if (pending_size() > 0 && !broken_) host_.schedule_flush();
}

}  // namespace spindle::http
