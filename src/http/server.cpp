#include "http/server.h"

#include <fmt/format.h>

#include <list>

#include "http/connection.h"
#include "http/server_state.h"
#include "http/tls_handshake.h"

namespace spindle::http {

namespace {

// Connections over the limit that are being told so, at the same time.
constexpr size_t kRefusalsMax = 64;
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
constexpr auto kForcedEnd = std::chrono::seconds(1);
constexpr std::string_view kOverloaded =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\n"
    "connection: close\r\n\r\n";

class ServerImpl final : public Server {
 public:
  ServerImpl(io::EventLoop& loop, Handler& handler, ServerOptions options,
             std::unique_ptr<io::TcpListener> listener)
      : state_(loop, handler, std::move(options)),
        listener_(std::move(listener)),
        all_closed_(loop),
        accept_ended_(loop) {
    if (!state_.options.budget) state_.options.budget = std::make_shared<ConnectionBudget>();
    all_closed_.set();
    accept_ended_.set();
  }
  ~ServerImpl() override { VERIFY(connections_.empty()); }

  const io::Endpoint& endpoint() const override {
    VERIFY(listener_ != nullptr);
    return listener_->endpoint();
  }
  const Counters& counters() const override { return state_.counters; }

  io::Task<void> serve() override {
    VERIFY(listener_ != nullptr);
    accept_ended_.reset();
    while (!state_.draining) {
      auto accepted = co_await listener_->accept();
      if (accepted) {
        serve_stream(std::move(*accepted));
      } else if (accepted.error().kind() == ErrorKind::Canceled) {
        break;
      } else {
        // Out of descriptors, or the client left already.
        state_.report(accepted.error());
        co_await io::sleep_for(state_.loop, kAcceptPause);
      }
    }
    accept_ended_.set();
  }

  void serve_stream(std::unique_ptr<io::ByteStream> stream) override {
    auto& open = state_.options.budget->open;
    if (open.fetch_add(1) >= state_.limits.connections || state_.draining) {
      open.fetch_sub(1);
      refuse(std::move(stream));
      return;
    }
    state_.counters.connections_accepted += 1;
    state_.counters.connections_open += 1;
    all_closed_.reset();
    auto entry = connections_.insert(connections_.end(), make_connection(std::move(stream)));
    state_.tasks.spawn(run_connection(entry));
    if (!tick_.is_armed()) arm_tick();
  }

  io::Task<void> drain(io::Clock::duration deadline) override {
    state_.draining = true;
    if (listener_) listener_->close();
    for_each_connection([](ServerConnection& connection) { connection.begin_drain(); });
    auto forced = state_.loop.deadlines().arm(deadline, [this] {
      for_each_connection([](ServerConnection& connection) { connection.force_close(); });
    });
    auto last =
        state_.loop.deadlines().arm(deadline + kForcedEnd, [this] { state_.tasks.cancel(); });
    co_await all_closed_.wait();
    co_await state_.tasks.drained();
    co_await accept_ended_.wait();
    tick_.disarm();
  }

 private:
  using Entries = std::list<std::shared_ptr<ServerConnection>>;

  std::shared_ptr<ServerConnection> make_connection(std::unique_ptr<io::ByteStream> stream) {
    if (state_.options.tls) return std::make_shared<TlsHandshake>(state_, std::move(stream));
    return std::make_shared<Connection>(state_, std::move(stream));
  }

  io::Task<void> run_connection(Entries::iterator entry) {
    // Also when the task is canceled.
    struct Leave {
      ServerImpl& server;
      Entries::iterator entry;
      ~Leave() { server.forget(entry); }
    } leave{*this, entry};
    while (*entry) {
      auto connection = *entry;
      auto next = co_await connection->run();
      if (!next) co_return;
      *entry = std::move(next);
    }
  }

  void forget(Entries::iterator entry) {
    connections_.erase(entry);
    state_.options.budget->open.fetch_sub(1);
    state_.counters.connections_open -= 1;
    if (connections_.empty()) all_closed_.set();
  }

  void refuse(std::unique_ptr<io::ByteStream> stream) {
    state_.counters.connections_refused += 1;
    // Without a handshake there is nothing to say.
    if (refusals_ >= kRefusalsMax || state_.options.tls) return;
    refusals_ += 1;
    state_.tasks.spawn(send_refusal(std::move(stream)));
  }

  io::Task<void> send_refusal(std::unique_ptr<io::ByteStream> stream) {
    struct Leave {
      size_t& count;
      ~Leave() { count -= 1; }
    } leave{refusals_};
    io::Piece answer(reinterpret_cast<const uint8_t*>(kOverloaded.data()), kOverloaded.size());
    auto written = stream->write_some(std::span(&answer, 1));
    if (!written.is_ready()) co_return;
    stream->shutdown_write();
    // Closing before the request is read would reset the connection and lose the answer.
    auto& raw = *stream;
    auto armed = state_.loop.deadlines().arm(state_.limits.linger_time, [&raw] { raw.cancel(); });
    std::array<uint8_t, 512> scratch;
    for (int reads = 0; reads < 16; ++reads) {
      auto count = co_await stream->read_some(scratch);
      if (!count || *count == 0) break;
    }
  }

  void for_each_connection(const std::function<void(ServerConnection&)>& action) {
    // A connection never leaves the list inside the call: its task ends from the loop.
    for (auto& connection : connections_) action(*connection);
  }

  void arm_tick() {
    tick_ = state_.loop.deadlines().arm(state_.limits.tick, [this] {
      state_.tick += 1;
      for_each_connection([](ServerConnection& connection) { connection.tick(); });
      if (connections_.empty()) {
        tick_.disarm();
      } else {
        arm_tick();
      }
    });
  }

  ServerState state_;
  std::unique_ptr<io::TcpListener> listener_;
  Entries connections_;
  io::Event all_closed_;
  io::Event accept_ended_;
  size_t refusals_ = 0;
  io::Deadlines::Armed tick_;
};

}  // namespace

std::unique_ptr<Server> Server::create(io::EventLoop& loop, Handler& handler, ServerOptions options,
                                       std::unique_ptr<io::TcpListener> listener) {
  return std::make_unique<ServerImpl>(loop, handler, std::move(options), std::move(listener));
}

Result<std::unique_ptr<io::TcpListener>> listen(io::EventLoop& loop, const io::Endpoint& endpoint,
                                                io::TcpListener::Sharing sharing) {
  return io::TcpListener::create(loop, endpoint, sharing);
}

}  // namespace spindle::http
