#include "wasi/core/http/response_outlet.h"

namespace spindle::wasi {

void ResponseOutlet::set(OutgoingHead head, std::shared_ptr<BodyPipe> body) {
  head_ = std::move(head);
  body_ = std::move(body);
  // Runs when the guest first gives way, or never, if the caller's run() comes before.
  loop_.post([this, link = link_] {
    if (*link == nullptr || sending_ || !head_) return;
    sending_ = true;
    tasks_.spawn(send_in_background());
  });
}

void ResponseOutlet::set_whole(OutgoingHead head, std::vector<uint8_t> body) {
  head_ = std::move(head);
  whole_ = std::move(body);
}

io::Task<Result<void>> ResponseOutlet::run() {
  if (sending_) {
    co_await done_.wait();
    co_return std::move(*outcome_);
  }
  sending_ = true;
  auto sent = send();
  auto outcome = co_await std::move(sent);
  co_return outcome;
}

void ResponseOutlet::complete() {
  if (body_) body_->finish(std::nullopt);
}

void ResponseOutlet::abort() {
  if (body_) body_->abort();
  bool complete = body_ && body_->state() == BodyPipe::State::Finished;
  if (!sending_ && !complete) head_.reset();
}

io::Task<void> ResponseOutlet::send_in_background() {
  auto sent = send();
  auto outcome = co_await std::move(sent);
  outcome_.emplace(std::move(outcome));
  done_.set();
}

io::Task<Result<void>> ResponseOutlet::send() {
  http::ResponseHead head{.status = head_->status, .headers = head_->headers.view()};
  if (!body_ || (body_->state() == BodyPipe::State::Finished && !body_->has_trailers())) {
    auto bytes = body_ ? body_->take({}) : std::move(whole_);
    auto sent = writer_.send(head, bytes);
    auto wait = io::Eventual<void>::wait(std::move(sent));
    auto outcome = co_await std::move(wait);
    if (body_) body_->close_reader();
    co_return outcome;
  }
  auto started = writer_.start(head, http::BodyLength::streamed());
  if (!started) {
    body_->close_reader();
    co_return started;
  }
  auto streamed = send_streamed();
  auto outcome = co_await std::move(streamed);
  body_->close_reader();
  co_return outcome;
}

io::Task<Result<void>> ResponseOutlet::send_streamed() {
  std::vector<uint8_t> piece;
  while (true) {
    co_await body_->changed();
    if (body_->has_bytes()) {
      piece = body_->take(std::move(piece));
      auto written = writer_.write(piece);
      auto wait = io::Eventual<void>::wait(std::move(written));
      CO_TRY(co_await std::move(wait));
      continue;
    }
    if (body_->state() == BodyPipe::State::Aborted) {
      auto flushed = writer_.flush();
      auto wait = io::Eventual<void>::wait(std::move(flushed));
      (void)co_await std::move(wait);
      writer_.abort();
      co_return Error::canceled("the guest did not finish its response");
    }
    if (body_->state() == BodyPipe::State::Finished) break;
  }
  auto trailers = body_->take_trailers();
  auto finished = writer_.finish(trailers ? trailers->view() : http::HeaderView());
  auto wait = io::Eventual<void>::wait(std::move(finished));
  auto outcome = co_await std::move(wait);
  co_return outcome;
}

}  // namespace spindle::wasi
