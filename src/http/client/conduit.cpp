#include "http/client/conduit.h"

namespace spindle::http {

io::Task<bool> wait_on(Conduit& conduit, io::Task<Result<void>> wait, io::Clock::duration limit) {
  bool is_over = false;
  auto armed = conduit.loop.deadlines().arm(limit, [&conduit, &is_over] {
    is_over = true;
    if (conduit.stream != nullptr) conduit.stream->cancel();
  });
  // An error shows itself to the next step.
  (void)co_await std::move(wait);
  co_return !is_over;
}

}  // namespace spindle::http
