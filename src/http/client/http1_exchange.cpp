#include "http/client/http1_exchange.h"

namespace spindle::http {

Http1Exchange::Http1Exchange(io::EventLoop& loop, std::shared_ptr<Pool> pool,
                             const Timeouts& timeouts)
    : pool_(std::move(pool)),
      timeouts_(timeouts),
      conduit_(loop),
      writer_(conduit_, timeouts.between_bytes),
      reader_(conduit_, pool_->limits(), timeouts) {
  writer_.on_finished([this] { settle(); });
  reader_.on_received([this] { settle(); });
}

Http1Exchange::~Http1Exchange() = default;

void Http1Exchange::use(Pool::Lease lease) {
  lease_ = std::move(lease);
  conduit_.stream = &lease_.stream();
}

io::Task<Outcome<void>> Http1Exchange::begin(Pool::Lease lease, const ClientRequest& request,
                                             const RequestFacts& facts) {
  facts_ = facts;
  has_body_ = facts.length.bytes() != 0;
  use(std::move(lease));
  auto head = http1_head(request, facts);
  if (has_body_) {
    writer_.begin(std::move(head), facts.length);
    co_return Outcome<void>();
  }
  origin_ = request.origin;
  head_ = std::move(head);
  writer_.begin(head_, facts.length);
  auto finishing = writer_.finish();
  // The server's answer, or its absence, says what came of it.
  (void)co_await std::move(finishing);
  co_return Outcome<void>();
}

bool Http1Exchange::may_repeat(const Failure& failure) const {
  return !repeated_ && !has_body_ && facts_.is_idempotent && lease_.is_reused() &&
         !reader_.has_begun() && failure.code == FailureCode::ConnectionTerminated;
}

io::Task<Outcome<void>> Http1Exchange::receive_head() {
  while (true) {
    auto reading = reader_.read_head(facts_.method);
    auto got = co_await std::move(reading);
    if (got || !may_repeat(got.error())) co_return got;
    repeated_ = true;
    conduit_.stream = nullptr;
    lease_.drop();
    auto acquiring = pool_->acquire(origin_, Pool::Freshness::New, timeouts_.connect);
    auto lease = CO_TRY(co_await std::move(acquiring));
    // Another server answers there now: the request is not what it would understand.
    if (lease.session() != nullptr) co_return got;
    use(std::move(lease));
    conduit_.broken.reset();
    reader_.begin_again();
    writer_.begin_again(head_);
    auto finishing = writer_.finish();
    (void)co_await std::move(finishing);
  }
}

void Http1Exchange::settle() {
  if (!reader_.is_body_received() || !writer_.is_finished() || !lease_) return;
  conduit_.stream = nullptr;
  if (reader_.may_keep_alive() && !conduit_.broken) {
    lease_.keep();
  } else {
    lease_.drop();
  }
}

}  // namespace spindle::http
