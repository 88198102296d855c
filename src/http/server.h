#pragma once

// Server: HTTP/1.1 and HTTP/2 on one event loop.
//
// Which one a connection speaks is agreed on in its TLS handshake, or told by its first bytes.
// A process has one Server per loop, all on the same port; the kernel spreads the connections. They
// share a ConnectionBudget, so that the limit on connections is one for the process. serve() runs
// until drain(): no more connections, idle ones closed at once, running requests answered with
// `connection: close`, and what is left at the deadline broken.
//
//   auto listener = CO_TRY(listen(loop, endpoint));
//   auto server = Server::create(loop, handler, options, std::move(listener));
//   group.spawn(server->serve());
//   co_await signals.wait();
//   co_await server->drain(std::chrono::seconds(30));

#include <atomic>
#include <functional>
#include <memory>

#include "http/handler.h"
#include "http/limits.h"
#include "http/tls_slot.h"
#include "io/deadlines.h"
#include "io/event_loop.h"
#include "io/tcp.h"

namespace spindle::http {

// Shared by the servers of all loops.
struct ConnectionBudget {
  std::atomic<size_t> open{0};
};

struct Counters {
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;  // over the limit
  uint64_t connections_open = 0;
  uint64_t requests = 0;           // handed to the handler
  uint64_t requests_active = 0;    // the handler runs
  uint64_t requests_rejected = 0;  // answered by the server itself: malformed, too large, too slow
  uint64_t handler_errors = 0;
  uint64_t timeouts = 0;
  uint64_t handshakes_failed = 0;  // of TLS
  uint64_t clients_gone = 0;       // left while the handler ran
};

struct ServerOptions {
  Limits limits;
  Scheme scheme = Scheme::Http;
  // Null: connections are not encrypted.
  std::shared_ptr<const TlsSlot> tls;
  // Where handler errors and the like go.
  std::function<void(const Error&)> report_error;
  // Null: a budget of its own.
  std::shared_ptr<ConnectionBudget> budget;
};

class Server {
 public:
  // `listener` may be null: connections then come through serve_stream() only.
  static std::unique_ptr<Server> create(io::EventLoop& loop, Handler& handler,
                                        ServerOptions options,
                                        std::unique_ptr<io::TcpListener> listener = nullptr);
  virtual ~Server() = default;

  // The bound address; only with a listener.
  virtual const io::Endpoint& endpoint() const = 0;
  // Accepts until drain(). The server outlives the task.
  virtual io::Task<void> serve() = 0;
  // Adopts a connection.
  virtual void serve_stream(std::unique_ptr<io::ByteStream> stream) = 0;
  // Ends everything; the server may be destroyed afterwards.
  virtual io::Task<void> drain(io::Clock::duration deadline) = 0;
  virtual const Counters& counters() const = 0;
};

// Binds for Server::create. An address in use is an Unavailable error that says so.
Result<std::unique_ptr<io::TcpListener>> listen(
    io::EventLoop& loop, const io::Endpoint& endpoint,
    io::TcpListener::Sharing sharing = io::TcpListener::Sharing::Exclusive);

}  // namespace spindle::http
