#include "wasi/p3/http/message_body.h"

#include "wasi/core/http/parts.h"

namespace spindle::wasi::p3 {

using component::StreamStep;

// ---- messages ----

Message::Message(std::shared_ptr<const SharedHeaders> headers, MessageBody body)
    : headers_(std::move(headers)), body_(std::make_unique<MessageBody>(std::move(body))) {}

Message::~Message() = default;

MessageBody Message::take_body() {
  MessageBody body = std::move(*body_);
  *body_ = MessageBody();
  return body;
}

// ---- outcomes ----

struct Outcome::State {
  explicit State(io::EventLoop& loop) : changed(loop) {}

  std::optional<Transmission> value;
  TransmissionFuture followed;
  io::Event changed;
};

class Outcome::Source final : public component::FutureSource<Transmission> {
 public:
  explicit Source(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::optional<Transmission> take() override {
    if (state_->value) return std::exchange(state_->value, std::nullopt);
    if (!state_->followed.has_source()) return std::nullopt;
    auto& followed = state_->followed.source();
    std::optional<Transmission> said = followed.take();
    // Its guest is gone.
    if (!said && followed.is_abandoned()) said.emplace();
    return said;
  }
  bool is_abandoned() const override { return false; }
  io::Task<void> ready() override { return wait(state_); }

 private:
  static io::Task<void> wait(std::shared_ptr<State> state) {
    co_await state->changed.wait();
    if (state->value || !state->followed.has_source()) co_return;
    auto following = state->followed.source().ready();
    co_await std::move(following);
  }

  std::shared_ptr<State> state_;
};

Outcome::Outcome(io::EventLoop& loop) : state_(std::make_shared<State>(loop)) {}

Outcome::~Outcome() {
  if (state_) settle({});
}

Outcome& Outcome::operator=(Outcome&& other) noexcept {
  if (state_ && state_ != other.state_) settle({});
  state_ = std::move(other.state_);
  return *this;
}

TransmissionFuture Outcome::future() {
  return TransmissionFuture(std::make_unique<Source>(state_));
}

void Outcome::settle(Transmission outcome) {
  if (!state_) return;
  const std::shared_ptr<State> state = std::move(state_);
  state->value = std::move(outcome);
  state->changed.set();
}

void Outcome::follow(TransmissionFuture said) {
  if (!state_) return;
  const std::shared_ptr<State> state = std::move(state_);
  state->followed = std::move(said);
  state->changed.set();
}

// ---- bodies that the host receives ----

namespace {

class ContentsSource final : public component::StreamSource<uint8_t> {
 public:
  explicit ContentsSource(std::shared_ptr<ReceivedBody> body) : body_(std::move(body)) {}
  ~ContentsSource() override { body_->drop_bytes(); }

  StreamStep read(std::span<uint8_t> out) override {
    const io::ReadStep step = body_->read(out);
    return {step.count, step.is_ended};
  }
  io::Task<void> ready() override { return ReceivedBody::ready(body_); }

 private:
  std::shared_ptr<ReceivedBody> body_;
};

class TrailersSource final : public component::FutureSource<Trailers> {
 public:
  explicit TrailersSource(std::shared_ptr<ReceivedBody> body) : body_(std::move(body)) {}

  std::optional<Trailers> take() override {
    if (is_taken_ || !body_->is_over()) return std::nullopt;
    is_taken_ = true;
    if (body_->failure()) {
      return Trailers(std::unexpect, body_error_code<ErrorCode>(*body_->failure()));
    }
    const http::HeaderView received = body_->trailers();
    if (received.empty()) return Trailers(std::nullopt);
    return Trailers(std::make_unique<Fields>(http::Headers(received), Mutability::Immutable));
  }
  bool is_abandoned() const override { return is_taken_; }
  io::Task<void> ready() override { return ReceivedBody::wait_over(body_); }

 private:
  std::shared_ptr<ReceivedBody> body_;
  bool is_taken_ = false;
};

}  // namespace

MessageBody received_body(std::shared_ptr<ReceivedBody> body) {
  MessageBody made;
  made.contents = BodyStream(std::make_unique<ContentsSource>(body));
  made.trailers = TrailersFuture(std::make_unique<TrailersSource>(std::move(body)));
  return made;
}

}  // namespace spindle::wasi::p3
