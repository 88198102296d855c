#pragma once

// TLS: sessions over other streams, for both sides.
//
//   auto context = TRY(TlsContext::for_client({.protocols = {"h2", "http/1.1"}}));    // once
//   auto connecting = tls_connect(loop, std::move(tcp), context, "example.com");
//   auto stream = CO_TRY(co_await std::move(connecting));
//   stream->protocol()                                          // what ALPN gave; empty: nothing
//
// TLS 1.2 and 1.3, no renegotiation. A client checks the chain and the name or address of the
// server; a name is also sent as SNI. The result is a ByteStream like any other: steps and waits
// hold, also where a step of one direction has work of the other. What a step of writing took may
// still be encrypted memory (at most kPendingMax); the stream sends it by itself, also after
// close(), which waits for it in the background for kLingerTime at most. An end of input without
// the peer's closing alert is an error: the data may have been cut.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::io {

// A certificate, then those that lead to its root, and the key of the first; PEM.
struct TlsIdentity {
  std::string certificates;
  std::string private_key;
};

struct TlsClientOptions {
  // Whoever the system trusts.
  bool trusts_system_roots = true;
  // Others, as PEM; may be empty.
  std::string roots;
  // For servers that ask for one.
  std::optional<TlsIdentity> identity;
  // ALPN, the preferred one first; none: not offered.
  std::vector<std::string> protocols;
};

struct TlsServerOptions {
  TlsIdentity identity;
  // ALPN, the preferred one first. A client that offers only others is refused.
  std::vector<std::string> protocols;
};

// What the sessions of one kind share; of any threads. Sessions keep theirs alive.
class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> for_client(const TlsClientOptions& options);
  static Result<std::shared_ptr<const TlsContext>> for_server(const TlsServerOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  struct State;
  const State& state() const { return *state_; }

 private:
  explicit TlsContext(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

class TlsStream : public ByteStream {
 public:
  static constexpr size_t kPendingMax = 64 * 1024;
  static constexpr auto kLingerTime = std::chrono::seconds(10);

  // `h2`, `http/1.1`.
  virtual std::string_view protocol() const = 0;
  // `TLSv1.3`.
  virtual std::string_view version() const = 0;
};

// Each owns `inner` and has no deadline of its own. `host` is a name or an address without
// brackets. A Denied error means a certificate that is not to be trusted, an Unavailable one
// anything else.
Task<Result<std::unique_ptr<TlsStream>>> tls_connect(EventLoop& loop,
                                                     std::unique_ptr<ByteStream> inner,
                                                     std::shared_ptr<const TlsContext> context,
                                                     std::string host);
Task<Result<std::unique_ptr<TlsStream>>> tls_accept(EventLoop& loop,
                                                    std::unique_ptr<ByteStream> inner,
                                                    std::shared_ptr<const TlsContext> context);

}  // namespace spindle::io
