#include "http/client/exchange.h"

namespace spindle::http {

io::Task<Outcome<void>> RequestSink::write(Bytes bytes) {
  while (!bytes.empty()) {
    auto count = CO_TRY(try_write(bytes));
    bytes = bytes.subspan(count);
    if (count > 0) continue;
    auto waiting = writable();
    CO_TRY(co_await std::move(waiting));
  }
  co_return Outcome<void>();
}

}  // namespace spindle::http
