#include "http/client/http2_exchange.h"

namespace spindle::http {

Http2Exchange::Http2Exchange(io::EventLoop& loop, std::shared_ptr<Pool> pool,
                             const ClientRequest& request, const RequestFacts& facts)
    : pool_(std::move(pool)),
      origin_(request.origin),
      facts_(facts),
      timeouts_(request.timeouts),
      fields_(http2_head(request, facts)),
      has_body_(facts.length.bytes() != 0),
      stream_(std::make_shared<Http2Stream>(loop, pool_->limits(), request.timeouts)) {}

Http2Exchange::~Http2Exchange() {
  stream_->abandon();
}

bool Http2Exchange::send() {
  stream_->begin(facts_.method, facts_.length);
  is_reused_ = lease_.is_reused();
  const auto has_body = has_body_ ? h2::HasBody::Yes : h2::HasBody::No;
  if (!lease_.session()->send(stream_, fields_, has_body)) return false;
  stream_->on_over([this] { lease_.drop(); });
  return true;
}

io::Task<Outcome<void>> Http2Exchange::begin(Pool::Lease lease) {
  lease_ = std::move(lease);
  if (send()) co_return Outcome<void>();
  // The connection ended meanwhile.
  auto sending = send_again();
  co_return co_await std::move(sending);
}

io::Task<Outcome<void>> Http2Exchange::send_again() {
  while (repeats_ < pool_->limits().refusals) {
    repeats_ += 1;
    lease_.drop();
    auto acquiring = pool_->acquire(origin_, Pool::Freshness::Any, timeouts_.connect);
    lease_ = CO_TRY(co_await std::move(acquiring));
    // Another server answers there now: the request is not what it would understand.
    if (lease_.session() == nullptr) break;
    if (send()) co_return Outcome<void>();
  }
  lease_.drop();
  co_return Outcome<void>(FailureCode::ConnectionTerminated,
                          "the server's connections take no requests");
}

bool Http2Exchange::may_repeat(const Failure& failure) const {
  if (stream_->is_refused()) return repeats_ < pool_->limits().refusals;
  return repeats_ == 0 && !has_body_ && facts_.is_idempotent && is_reused_ &&
         stream_->session() == nullptr && !stream_->response().has_begun() &&
         failure.code == FailureCode::ConnectionTerminated;
}

io::Task<Outcome<void>> Http2Exchange::receive_head() {
  while (true) {
    auto reading = stream_->response().read_head();
    auto got = co_await std::move(reading);
    if (got) co_return got;
    if (may_repeat(got.error())) {
      auto sending = send_again();
      got = co_await std::move(sending);
      if (got) continue;
    }
    stream_->break_with(got.error());
    co_return got;
  }
}

}  // namespace spindle::http
