#include "http/client/client.h"

#include "http/client/http1_exchange.h"
#include "http/client/http2_exchange.h"

namespace spindle::http {

io::Task<Outcome<std::unique_ptr<Exchange>>> Client::open(ClientRequest request) {
  const auto facts = CO_TRY(check_request(request, pool_->limits()));
  auto acquiring = pool_->acquire(request.origin, Pool::Freshness::Any, request.timeouts.connect);
  auto lease = CO_TRY(co_await std::move(acquiring));
  if (lease.session() != nullptr) {
    auto exchange = std::make_unique<Http2Exchange>(loop_, pool_, request, facts);
    auto beginning = exchange->begin(std::move(lease));
    CO_TRY(co_await std::move(beginning));
    co_return std::move(exchange);
  }
  auto exchange = std::make_unique<Http1Exchange>(loop_, pool_, request.timeouts);
  auto beginning = exchange->begin(std::move(lease), request, facts);
  CO_TRY(co_await std::move(beginning));
  co_return std::move(exchange);
}

}  // namespace spindle::http
