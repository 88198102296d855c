#include "http/client/client.h"

namespace spindle::http {

io::Task<Outcome<std::unique_ptr<Exchange>>> Client::open(ClientRequest request) {
  auto head = CO_TRY(encode_request_head(request, pool_->limits()));
  auto exchange = std::make_unique<Http1Exchange>(loop_, pool_, request.timeouts);
  auto beginning = exchange->begin(std::move(request.origin), std::move(head));
  CO_TRY(co_await std::move(beginning));
  co_return std::move(exchange);
}

}  // namespace spindle::http
