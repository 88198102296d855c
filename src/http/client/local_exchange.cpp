#include "http/client/local_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http/client/local_flow.h"
#include "http/framing.h"
#include "io/deadlines.h"

namespace spindle::http {

namespace {

bool is_of_connection(std::string_view name) {
  constexpr std::string_view kNames[] = {"connection", "keep-alive", "proxy-connection", "upgrade",
                                         "transfer-encoding"};
  return std::ranges::any_of(
      kNames, [name](std::string_view each) { return equals_ignoring_case(name, each); });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// As if it had been received.
Headers received(HeaderView sent, bool is_request) {
  Headers headers;
  for (const auto& header : sent) {
    const bool is_dropped = is_request && equals_ignoring_case(header.name, "host");
    if (is_dropped || is_of_connection(header.name)) continue;
    headers.add(lower_case(header.name), header.value);
  }
  return headers;
}

Failure gave_up() {
  return {FailureCode::ConnectionTerminated, "the other side gave up"};
}

io::ReadStep read_step(LocalFlow& flow, std::span<uint8_t> out) {
  const Bytes piece = flow.take(out.size());
  if (!piece.empty()) std::memcpy(out.data(), piece.data(), piece.size());
  return {.count = piece.size(), .is_ended = flow.is_read()};
}

// Waits for news of the flow with a limit; false when that is over.
io::Task<bool> wait_bounded(io::EventLoop& loop, LocalFlow& flow, io::Task<void> wait,
                            io::Clock::duration limit) {
  bool is_over = false;
  auto armed = loop.deadlines().arm(limit, [&] {
    is_over = true;
    flow.wake();
  });
  co_await std::move(wait);
  co_return !is_over;
}

}  // namespace

// What both sides share. It lives as long as one of them.
class LocalCall final : public Request, public ResponseWriter {
 public:
  LocalCall(LocalExchanges& owner, const ClientRequest& request, const RequestFacts& head)
      : owner_(owner),
        loop(owner.loop_),
        method_(request.method),
        target_(request.target),
        authority_(request.authority),
        headers_(received(request.headers, true)),
        up(loop, LocalExchanges::kFlowBytes),
        down(loop, LocalExchanges::kFlowBytes),
        body_(*this),
        length_(head.length.bytes()) {
    head_.method = head.method;
    head_.method_name = method_;
    head_.target = target_;
    head_.path_and_query = target_;
    head_.authority = authority_;
    head_.headers = headers_.view();
    self_ = owner_.calls_.insert(owner_.calls_.end(), this);
  }

  static io::Task<void> run(std::shared_ptr<LocalCall> call, Handler& handler);
  // The client's side is over.
  void leave();
  bool has_left() const { return has_left_; }

  // --- Request ---
  const RequestHead& head() const override { return head_; }
  BodyReader& body() override { return body_; }
  const io::Endpoint& peer() const override { return endpoint_; }
  const io::Endpoint& local() const override { return endpoint_; }
  Scheme scheme() const override { return Scheme::Http; }
  void on_client_gone(std::move_only_function<void()> action) override {
    gone_action_ = std::move(action);
    // It may have left before the handler asked.
    if (is_gone_ && gone_action_) std::exchange(gone_action_, nullptr)();
  }
  bool is_client_gone() const override { return is_gone_; }

  // --- ResponseWriter ---
  Result<void> start(const ResponseHead& head, BodyLength length) override;
  io::Eventual<void> write(Bytes bytes) override;
  Result<size_t> try_write(Bytes bytes) override;
  io::Task<Result<void>> writable() override;
  io::Eventual<void> flush() override { return Result<void>(); }
  io::Eventual<void> finish(HeaderView trailers) override;
  void abort() override { down.cut(cut_response()); }
  bool is_started() const override { return status != 0; }
  bool is_finished() const override { return down.is_over() && !down.failure(); }
  bool is_body_dropped() const override {
    return is_started() && (head_.method == Method::Head || status == 204 || status == 304);
  }

 private:
  // The body as the handler reads it.
  class Body final : public BodyReader {
   public:
    explicit Body(LocalCall& call) : call_(call) {}
    std::optional<uint64_t> length() const override { return call_.length_; }
    io::Eventual<Bytes> read(size_t max) override;
    io::Eventual<void> wait_readable() override;
    Result<io::ReadStep> try_read(std::span<uint8_t> out) override;
    HeaderView trailers() const override { return call_.up.trailers(); }

   private:
    io::Task<Result<Bytes>> wait_and_read(size_t max);
    LocalCall& call_;
  };

  static Failure cut_response() {
    return {FailureCode::ResponseIncomplete, "the response broke off"};
  }
  io::Task<Result<void>> write_all(Bytes bytes);
  io::Task<Result<void>> wait_for_body();

  LocalExchanges& owner_;
  std::list<LocalCall*>::iterator self_;
  bool is_running_ = true;
  bool has_left_ = false;

 public:
  io::EventLoop& loop;

 private:
  const std::string method_;
  const std::string target_;
  const std::string authority_;
  const Headers headers_;
  RequestHead head_;
  io::Endpoint endpoint_{.family = io::Endpoint::Family::V4};
  std::move_only_function<void()> gone_action_;
  bool is_gone_ = false;

 public:
  LocalFlow up;
  LocalFlow down;
  // 0: not there yet. Then its head is news, too: down.wake().
  uint16_t status = 0;
  Headers response_headers;
  // Of the response's body, where it is known; what is left to write of it.
  std::optional<uint64_t> response_length;

 private:
  std::optional<uint64_t> unwritten_;
  Body body_;
  const std::optional<uint64_t> length_;
};

namespace {

// The client's side.
class LocalExchange final : public Exchange, RequestSink, IncomingResponse {
 public:
  LocalExchange(std::shared_ptr<LocalCall> call, const RequestFacts& head, const Timeouts& timeouts)
      : call_(std::move(call)),
        timeouts_(timeouts),
        unsent_(head.length.bytes()),
        has_body_(head.length.bytes() != 0),
        last_sent_(io::Clock::now()) {
    if (!has_body_) call_->up.finish({});
  }
  LocalExchange(const LocalExchange&) = delete;
  LocalExchange& operator=(const LocalExchange&) = delete;
  ~LocalExchange() override { call_->leave(); }

  bool has_body() const override { return has_body_; }
  RequestSink& request() override { return *this; }
  io::Task<Outcome<void>> receive_head() override;
  IncomingResponse& response() override { return *this; }

  // --- RequestSink ---
  Outcome<size_t> try_write(Bytes bytes) override;
  io::Task<Outcome<void>> writable() override;
  io::Task<Outcome<void>> flush() override { co_return Outcome<void>(); }
  io::Task<Outcome<void>> finish(HeaderView trailers) override;
  void abort() override { call_->up.cut(gave_up()); }

  // --- IncomingResponse ---
  uint16_t status() const override { return call_->status; }
  HeaderView headers() const override { return call_->response_headers.view(); }
  std::optional<uint64_t> length() const override { return call_->response_length; }
  io::Eventual<Bytes> read(size_t max) override;
  io::Eventual<void> wait_readable() override;
  Result<io::ReadStep> try_read(std::span<uint8_t> out) override;
  HeaderView trailers() const override { return call_->down.trailers(); }

 private:
  Failure break_request(FailureCode code, std::string message);
  io::Task<Result<void>> wait_for_bytes();
  io::Task<Result<Bytes>> wait_and_read(size_t max);

  const std::shared_ptr<LocalCall> call_;
  const Timeouts timeouts_;
  // Nothing: it is not known how much there is to send.
  std::optional<uint64_t> unsent_;
  const bool has_body_;
  io::Clock::time_point last_sent_;
};

}  // namespace

Outcome<std::unique_ptr<Exchange>> LocalExchanges::open(Handler& handler,
                                                        const ClientRequest& request) {
  // For its checks; the text itself is not needed.
  const auto head = TRY(check_request(request, ClientLimits{}));
  if (is_closed_) return {FailureCode::ConnectionTerminated, "the server ends"};
  auto call = std::make_shared<LocalCall>(*this, request, head);
  auto exchange = std::make_unique<LocalExchange>(call, head, request.timeouts);
  tasks_.spawn(LocalCall::run(std::move(call), handler));
  return std::unique_ptr<Exchange>(std::move(exchange));
}

io::Task<void> LocalExchanges::close() {
  is_closed_ = true;
  // A handler that ends may end calls of its own.
  while (true) {
    auto next =
        std::ranges::find_if(calls_, [](const LocalCall* call) { return !call->has_left(); });
    if (next == calls_.end()) break;
    (*next)->leave();
  }
  co_await tasks_.drained();
}

// ---- the handler's side ----

io::Task<void> LocalCall::run(std::shared_ptr<LocalCall> call, Handler& handler) {
  // A guest may be on the stack that started this.
  co_await io::yield(call->loop);
  Result<void> outcome = Error::canceled("the client left");
  if (!call->is_gone_) {
    auto handling = handler.handle(*call, *call);
    auto waiting = io::Eventual<void>::wait(std::move(handling));
    outcome = co_await std::move(waiting);
  }
  if (!call->is_started() && !call->is_gone_) {
    (void)call->send({.status = 500, .headers = {}}, {});
  }
  if (outcome && !call->unwritten_.value_or(1)) call->down.finish({});
  if (outcome && call->is_body_dropped()) call->down.finish({});
  call->down.cut(cut_response());
  // Nobody reads what is left of the request.
  call->up.close_reader();
  call->gone_action_ = nullptr;
  call->is_running_ = false;
  call->owner_.calls_.erase(call->self_);
}

void LocalCall::leave() {
  has_left_ = true;
  up.cut(gave_up());
  if (is_running_ && !is_gone_ && !is_finished()) {
    is_gone_ = true;
    if (auto action = std::exchange(gone_action_, nullptr)) action();
  }
  down.close_reader();
  down.cut(gave_up());
}

Result<void> LocalCall::start(const ResponseHead& head, BodyLength length) {
  if (is_started()) return Error::invalid_input("the response has already started");
  if (down.is_over()) return Error::unavailable("the client left");
  if (head.status < 200 || head.status > 999) {
    return Error::invalid_input(
        fmt::format("invalid response status {}: expected 200 to 999", head.status));
  }
  auto announced = length.bytes();
  for (const auto& header : head.headers) {
    TRY(check_header(header));
    if (!equals_ignoring_case(header.name, "content-length")) continue;
    const auto number = parse_decimal(header.value);
    const bool may_differ = head_.method == Method::Head || head.status == 304;
    if (!number || (announced && *announced != *number && !may_differ)) {
      return Error::invalid_input(fmt::format("invalid content-length {:?}", header.value));
    }
    announced = number;
  }
  response_headers = received(head.headers, false);
  status = head.status;
  unwritten_ = announced;
  response_length = is_body_dropped() ? 0 : announced;
  down.wake();
  return {};
}

Result<size_t> LocalCall::try_write(Bytes bytes) {
  if (is_gone_) return Error::canceled("the client left");
  if (!is_started() || down.is_over()) return Error::invalid_input("there is no response to write");
  if (is_body_dropped()) return bytes.size();
  if (unwritten_ && bytes.size() > *unwritten_) {
    return Error::invalid_input(
        fmt::format("the response's body is longer than announced by at least {} bytes",
                    bytes.size() - *unwritten_));
  }
  const size_t count = down.put(bytes);
  if (unwritten_) *unwritten_ -= count;
  return count;
}

io::Eventual<void> LocalCall::write(Bytes bytes) {
  auto count = try_write(bytes);
  if (!count) return count.take_error();
  if (*count == bytes.size()) return Result<void>();
  return write_all(bytes.subspan(*count));
}

io::Task<Result<void>> LocalCall::write_all(Bytes bytes) {
  while (!bytes.empty()) {
    auto waiting = writable();
    CO_TRY(co_await std::move(waiting));
    const auto count = CO_TRY(try_write(bytes));
    bytes = bytes.subspan(count);
  }
  co_return Result<void>();
}

io::Task<Result<void>> LocalCall::writable() {
  auto waiting = down.wait_room();
  co_await std::move(waiting);
  if (is_gone_) co_return Error::canceled("the client left");
  co_return Result<void>();
}

io::Eventual<void> LocalCall::finish(HeaderView trailers) {
  if (is_gone_) return Error::canceled("the client left");
  if (!is_started() || down.is_over()) return Error::invalid_input("there is no response to end");
  if (unwritten_.value_or(0) > 0 && !is_body_dropped()) {
    down.cut(cut_response());
    return Error::invalid_input(
        fmt::format("the response's body is {} bytes shorter than announced", *unwritten_));
  }
  down.finish(trailers);
  return Result<void>();
}

io::Task<Result<void>> LocalCall::wait_for_body() {
  while (!up.has_news()) {
    auto waiting = up.wait_news();
    co_await std::move(waiting);
  }
  co_return Result<void>();
}

io::Eventual<Bytes> LocalCall::Body::read(size_t max) {
  auto& flow = call_.up;
  if (flow.has_bytes()) return flow.take(max);
  if (flow.failure()) return flow.failure()->to_error();
  if (flow.is_read()) return Bytes();
  return wait_and_read(max);
}

io::Task<Result<Bytes>> LocalCall::Body::wait_and_read(size_t max) {
  auto waiting = call_.wait_for_body();
  CO_TRY(co_await std::move(waiting));
  auto next = read(max);
  VERIFY(next.is_ready());
  co_return next.take_ready();
}

io::Eventual<void> LocalCall::Body::wait_readable() {
  if (call_.up.has_news()) return Result<void>();
  return call_.wait_for_body();
}

Result<io::ReadStep> LocalCall::Body::try_read(std::span<uint8_t> out) {
  auto& flow = call_.up;
  if (!flow.has_bytes() && flow.failure()) return flow.failure()->to_error();
  return read_step(flow, out);
}

// ---- the client's side ----

namespace {

Failure LocalExchange::break_request(FailureCode code, std::string message) {
  Failure failure{code, std::move(message)};
  call_->up.cut(failure);
  return failure;
}

Outcome<size_t> LocalExchange::try_write(Bytes bytes) {
  if (call_->up.failure()) return *call_->up.failure();
  if (unsent_ && bytes.size() > *unsent_) {
    return break_request(FailureCode::RequestBodySize,
                         "the request's body is longer than its content-length");
  }
  const size_t count = call_->up.put(bytes);
  if (unsent_) *unsent_ -= count;
  if (count > 0) last_sent_ = io::Clock::now();
  return count;
}

io::Task<Outcome<void>> LocalExchange::writable() {
  auto& flow = call_->up;
  auto waiting = wait_bounded(call_->loop, flow, flow.wait_room(), timeouts_.between_bytes);
  const bool in_time = co_await std::move(waiting);
  if (in_time) co_return Outcome<void>();
  co_return break_request(FailureCode::ConnectionWriteTimeout,
                          "the component took nothing of the request for too long");
}

io::Task<Outcome<void>> LocalExchange::finish(HeaderView trailers) {
  if (call_->up.failure()) co_return *call_->up.failure();
  if (unsent_.value_or(0) > 0) {
    co_return break_request(FailureCode::RequestBodySize,
                            "the request's body is shorter than its content-length");
  }
  call_->up.finish(trailers);
  last_sent_ = io::Clock::now();
  co_return Outcome<void>();
}

io::Task<Outcome<void>> LocalExchange::receive_head() {
  auto& flow = call_->down;
  while (call_->status == 0) {
    if (flow.failure()) co_return *flow.failure();
    // A request that still leaves keeps the clock from running.
    const auto left = last_sent_ + timeouts_.first_byte - io::Clock::now();
    if (left <= io::Clock::duration::zero()) {
      co_return Outcome<void>(FailureCode::ConnectionReadTimeout,
                              "the component sent no response for too long");
    }
    auto waiting = wait_bounded(call_->loop, flow, flow.wait_news(), left);
    (void)co_await std::move(waiting);
  }
  co_return Outcome<void>();
}

io::Task<Result<void>> LocalExchange::wait_for_bytes() {
  auto& flow = call_->down;
  while (!flow.has_news()) {
    auto waiting = wait_bounded(call_->loop, flow, flow.wait_news(), timeouts_.between_bytes);
    const bool in_time = co_await std::move(waiting);
    if (in_time || flow.has_news()) continue;
    flow.cut({FailureCode::ConnectionReadTimeout,
              "the component sent nothing of the response's body for too long"});
  }
  co_return Result<void>();
}

io::Eventual<Bytes> LocalExchange::read(size_t max) {
  auto& flow = call_->down;
  if (flow.has_bytes()) return flow.take(max);
  if (flow.failure()) return flow.failure()->to_error();
  if (flow.is_read()) return Bytes();
  return wait_and_read(max);
}

io::Task<Result<Bytes>> LocalExchange::wait_and_read(size_t max) {
  auto waiting = wait_for_bytes();
  CO_TRY(co_await std::move(waiting));
  auto next = read(max);
  VERIFY(next.is_ready());
  co_return next.take_ready();
}

io::Eventual<void> LocalExchange::wait_readable() {
  if (call_->down.has_news()) return Result<void>();
  return wait_for_bytes();
}

Result<io::ReadStep> LocalExchange::try_read(std::span<uint8_t> out) {
  auto& flow = call_->down;
  if (!flow.has_bytes() && flow.failure()) return flow.failure()->to_error();
  return read_step(flow, out);
}

}  // namespace

}  // namespace spindle::http
