#include "wasi/core/http/received_body.h"

#include <array>

namespace spindle::wasi {

void ReceivedBody::end(std::optional<Error> failure) {
  is_ended_ = true;
  failure_ = std::move(failure);
  changed_.set();
  over_.set();
}

io::ReadStep ReceivedBody::read(std::span<uint8_t> out) {
  if (is_ended_) return {0, true};
  if (out.empty()) return {};
  Result<io::ReadStep> step = reader_->try_read(out);
  if (!step) {
    end(step.take_error());
    return {0, true};
  }
  if (step->is_ended) end(std::nullopt);
  return *step;
}

io::Task<void> ReceivedBody::ready(std::shared_ptr<ReceivedBody> self) {
  if (self->is_ended_) co_return;
  if (!self->is_watching_) {
    auto readable = self->reader_->wait_readable();
    if (readable.is_ready()) co_return;
    self->is_watching_ = true;
    self->changed_.reset();
    self->tasks_.spawn(watch(self));
  }
  co_await self->changed_.wait();
}

// The wait belongs to the message, whatever becomes of who wants to know.
io::Task<void> ReceivedBody::watch(std::shared_ptr<ReceivedBody> self) {
  if (self->is_ended_) co_return;
  auto readable = self->reader_->wait_readable();
  auto waiting = io::Eventual<void>::wait(std::move(readable));
  // A failure shows itself to whoever reads next.
  (void)co_await std::move(waiting);
  self->is_watching_ = false;
  self->changed_.set();
}

void ReceivedBody::drop_bytes() {
  is_dropped_ = true;
  if (!over_.has_waiters() || is_ended_ || is_discarding_) return;
  is_discarding_ = true;
  tasks_.spawn(discard(shared_from_this()));
}

io::Task<void> ReceivedBody::wait_over(std::shared_ptr<ReceivedBody> self) {
  if (self->is_dropped_ && !self->is_ended_ && !self->is_discarding_) {
    self->is_discarding_ = true;
    self->tasks_.spawn(discard(self));
  }
  co_await self->over_.wait();
}

io::Task<void> ReceivedBody::discard(std::shared_ptr<ReceivedBody> self) {
  std::array<uint8_t, 4096> dropped;
  while (!self->is_ended_) {
    const io::ReadStep step = self->read(dropped);
    if (step.is_ended) break;
    if (step.count != 0) continue;
    auto readable = self->reader_->wait_readable();
    auto waiting = io::Eventual<void>::wait(std::move(readable));
    (void)co_await std::move(waiting);
  }
}

void ReceivedBody::detach() {
  if (!is_ended_) end(Error::canceled("the request is over"));
  reader_ = nullptr;
}

}  // namespace spindle::wasi
