#include "http/tls_handshake.h"

#include "http/connection.h"
#include "http/h2/connection.h"

namespace spindle::http {

TlsHandshake::TlsHandshake(ServerState& state, std::unique_ptr<io::ByteStream> stream)
    : state_(state),
      stream_(std::move(stream)),
      cancel_(state.loop),
      due_(state.due_in(state.limits.handshake_time)) {}

io::Task<std::shared_ptr<ServerConnection>> TlsHandshake::run() {
  auto accepting = io::tls_accept(state_.loop, std::move(stream_), state_.options.tls->current());
  auto guarded = cancel_.run<std::unique_ptr<io::TlsStream>>(std::move(accepting));
  auto accepted = co_await std::move(guarded);
  if (!accepted) {
    state_.counters.handshakes_failed += 1;
    state_.report(std::move(accepted).context("a TLS handshake").error());
    co_return nullptr;
  }
  auto stream = accepted.take_value();
  if (stream->protocol() == "h2") {
    co_return std::make_shared<h2::H2Connection>(state_, std::move(stream), std::vector<uint8_t>());
  }
  co_return std::make_shared<Connection>(state_, std::move(stream));
}

void TlsHandshake::tick() {
  if (state_.tick < due_ || cancel_.is_canceled()) return;
  state_.counters.timeouts += 1;
  cancel_.cancel(Error::unavailable("the client took too long"));
}

void TlsHandshake::force_close() {
  cancel_.cancel(Error::canceled("the server ends"));
}

}  // namespace spindle::http
