#include "io/tcp.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

namespace spindle::io {

// One buffer whose short read means that the socket is empty now (epoll(7)), see below.
struct DrainingBuffer {
  boost::asio::mutable_buffer buffer;
  using value_type = boost::asio::mutable_buffer;
  using const_iterator = const boost::asio::mutable_buffer*;
  const_iterator begin() const { return &buffer; }
  const_iterator end() const { return &buffer + 1; }
};

}  // namespace spindle::io

namespace boost::asio::detail {

// Asio asks a socket again before each wait, because it does not take a short read as a sign that
// the socket is empty: one system call too many per keep-alive request. This is its operation for a
// DrainingBuffer, which says "done and exhausted".
template <>
class reactive_socket_recv_op_base<spindle::io::DrainingBuffer> : public reactor_op {
 public:
  reactive_socket_recv_op_base(const boost::system::error_code& success, socket_type socket,
                               socket_ops::state_type, const spindle::io::DrainingBuffer& buffers,
                               socket_base::message_flags flags, func_type complete)
      : reactor_op(success, &reactive_socket_recv_op_base::do_perform, complete),
        socket_(socket),
        buffer_(buffers.buffer),
        flags_(flags) {}

  static status do_perform(reactor_op* base) {
    auto* self = static_cast<reactive_socket_recv_op_base*>(base);
    bool is_done =
        socket_ops::non_blocking_recv1(self->socket_, self->buffer_.data(), self->buffer_.size(),
                                       self->flags_, true, self->ec_, self->bytes_transferred_);
    if (!is_done) return not_done;
    return self->bytes_transferred_ < self->buffer_.size() ? done_and_exhausted : done;
  }

 private:
  socket_type socket_;
  mutable_buffer buffer_;
  socket_base::message_flags flags_;
};

}  // namespace boost::asio::detail

namespace spindle::io {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
// Reads that need not wait, in a row.
constexpr unsigned kAtOnceMax = 16;
constexpr auto kToken = asio::as_tuple(asio::deferred);

Endpoint from_asio(const Tcp::endpoint& from) {
  Endpoint to;
  to.port = from.port();
  if (from.address().is_v4()) {
    to.family = Endpoint::Family::V4;
    auto bytes = from.address().to_v4().to_bytes();
    std::ranges::copy(bytes, to.address.begin());
  } else {
    to.family = Endpoint::Family::V6;
    to.address = from.address().to_v6().to_bytes();
  }
  return to;
}

Tcp::endpoint to_asio(const Endpoint& from) {
  if (from.family == Endpoint::Family::V6) {
    return {asio::ip::address_v6(from.address), from.port};
  }
  asio::ip::address_v4::bytes_type bytes{};
  std::copy_n(from.address.begin(), bytes.size(), bytes.begin());
  return {asio::ip::address_v4(bytes), from.port};
}

Error socket_error(const boost::system::error_code& code, std::string_view action) {
  if (code == asio::error::operation_aborted || code == asio::error::bad_descriptor) {
    return Error::canceled(fmt::format("{}: canceled", action));
  }
  return Error::unavailable(fmt::format("{}: {}", action, code.message()));
}

bool would_block(const boost::system::error_code& code) {
  return code == asio::error::would_block || code == asio::error::try_again;
}

class TcpStream final : public ByteStream {
 public:
  TcpStream(Socket socket, const Endpoint& peer, const Endpoint& local)
      : socket_(std::move(socket)), peer_(peer), local_(local) {}

  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override {
    boost::system::error_code code;
    auto count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), code);
    if (would_block(code)) {
      at_once_ = 0;
      co_return co_await read_later(buffer);
    }
    at_once_ += 1;
    // A fast peer must not keep the loop for itself.
    if (at_once_ % kAtOnceMax == 0) co_await asio::post(socket_.get_executor(), asio::deferred);
    co_return read_result(code, count);
  }

  Task<Result<size_t>> read_later(std::span<uint8_t> buffer) override {
    DrainingBuffer target{asio::buffer(buffer.data(), buffer.size())};
    auto [code, count] = co_await socket_.async_read_some(target, kToken);
    co_return read_result(code, count);
  }

  Eventual<size_t> write_some(std::span<const Piece> pieces) override {
    boost::system::error_code code;
    auto count = write_now(pieces, code);
    if (!code) [[likely]]
      return count;
    if (!would_block(code)) return socket_error(code, "writing to the peer");
    return wait_and_write(pieces);
  }

  Result<ReadStep> try_read(std::span<uint8_t> buffer) override {
    boost::system::error_code code;
    auto count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), code);
    if (!code) [[likely]]
      return ReadStep{.count = count};
    if (code == asio::error::eof) return ReadStep{.is_ended = true};
    if (would_block(code)) return ReadStep{};
    return socket_error(code, "reading from the peer");
  }

  Result<size_t> try_write(std::span<const Piece> pieces) override {
    boost::system::error_code code;
    auto count = write_now(pieces, code);
    if (!code) [[likely]]
      return count;
    if (would_block(code)) return size_t{0};
    return socket_error(code, "writing to the peer");
  }

  Task<Result<void>> readable() override {
    auto [code] = co_await socket_.async_wait(Socket::wait_read, kToken);
    if (code) co_return socket_error(code, "waiting for the peer");
    co_return Result<void>();
  }

  Task<Result<void>> writable() override {
    auto [code] = co_await socket_.async_wait(Socket::wait_write, kToken);
    if (code) co_return socket_error(code, "waiting for the peer");
    co_return Result<void>();
  }

  void cancel() override {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  void shutdown_write() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  void abort() override {
    boost::system::error_code ignored;
    socket_.set_option(Socket::linger(true, 0), ignored);
    socket_.close(ignored);
  }
  const Endpoint& peer() const override { return peer_; }
  const Endpoint& local() const override { return local_; }

 private:
  // A buffer sequence of fixed capacity.
  struct Buffers {
    std::array<asio::const_buffer, kPiecesMax> items;
    size_t count = 0;
    using value_type = asio::const_buffer;
    using const_iterator = const asio::const_buffer*;
    const_iterator begin() const { return items.data(); }
    const_iterator end() const { return items.data() + count; }
  };

  static Buffers buffers(std::span<const Piece> pieces) {
    Buffers result;
    for (const auto& piece : pieces.first(std::min(pieces.size(), kPiecesMax))) {
      result.items[result.count] = asio::const_buffer(piece.data(), piece.size());
      result.count += 1;
    }
    return result;
  }

  size_t write_now(std::span<const Piece> pieces, boost::system::error_code& code) {
    // One buffer is a cheaper call than a list of one.
    if (pieces.size() != 1) return socket_.write_some(buffers(pieces), code);
    return socket_.write_some(asio::buffer(pieces[0].data(), pieces[0].size()), code);
  }

  static Result<size_t> read_result(const boost::system::error_code& code, size_t count) {
    if (!code) [[likely]]
      return count;
    if (code == asio::error::eof) return size_t{0};
    return socket_error(code, "reading from the peer");
  }

  Task<Result<size_t>> wait_and_write(std::span<const Piece> pieces) {
    auto sequence = buffers(pieces);
    auto [code, count] = co_await socket_.async_write_some(sequence, kToken);
    if (code) co_return socket_error(code, "writing to the peer");
    co_return count;
  }

  Socket socket_;
  unsigned at_once_ = 0;
  Endpoint peer_;
  Endpoint local_;
};

// Sockets never block: a write is tried before it is waited for.
Result<std::unique_ptr<ByteStream>> adopt(Socket socket, const Endpoint& peer,
                                          const Endpoint& local) {
  boost::system::error_code code;
  socket.non_blocking(true, code);
  if (code) return socket_error(code, "configuring a connection");
  socket.set_option(Tcp::no_delay(true), code);
  return std::unique_ptr<ByteStream>(std::make_unique<TcpStream>(std::move(socket), peer, local));
}

class Listener final : public TcpListener {
 public:
  Listener(EventLoop& loop, Acceptor acceptor, const Endpoint& endpoint)
      : loop_(loop), acceptor_(std::move(acceptor)), endpoint_(endpoint) {}

  const Endpoint& endpoint() const override { return endpoint_; }

  Task<Result<std::unique_ptr<ByteStream>>> accept() override {
    Socket socket(loop_.executor());
    Tcp::endpoint peer;
    auto [code] = co_await acceptor_.async_accept(socket, peer, kToken);
    if (code) co_return socket_error(code, "accepting a connection");
    auto remote = from_asio(peer);
    auto stream = adopt(std::move(socket), remote, endpoint_);
    co_return stream;
  }

  void close() override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  EventLoop& loop_;
  Acceptor acceptor_;
  Endpoint endpoint_;
};

Result<uint16_t> parse_port(std::string_view text, std::string_view whole) {
  uint16_t port = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc() || end != text.data() + text.size()) {
    return Error::invalid_input(
        fmt::format("`{}` is not an address: expected HOST:PORT with a port of 0 to 65535", whole));
  }
  return port;
}

}  // namespace

Result<Endpoint> resolve_endpoint(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return Error::invalid_input(fmt::format("`{}` is not an address: expected HOST:PORT", text));
  }
  auto port = TRY(parse_port(text.substr(colon + 1), text));
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  boost::system::error_code code;
  auto literal = asio::ip::make_address(host, code);
  if (!code) return from_asio(Tcp::endpoint(literal, port));
  asio::io_context context;
  asio::ip::basic_resolver<Tcp, Executor> resolver(context.get_executor());
  auto found = resolver.resolve(std::string(host), "", code);
  if (code || found.empty()) {
    return Error::not_found(fmt::format("cannot resolve `{}`: {}", host, code.message()));
  }
  auto chosen = found.begin()->endpoint().address();
  for (const auto& entry : found) {
    auto address = entry.endpoint().address();
    if (address == asio::ip::address_v4::loopback()) chosen = address;
  }
  return from_asio(Tcp::endpoint(chosen, port));
}

namespace {

Error cannot_listen(const Endpoint& endpoint, const boost::system::error_code& code) {
  auto kind = code == asio::error::access_denied ? ErrorKind::Denied : ErrorKind::Unavailable;
  return Error(kind, fmt::format("cannot listen on {}: {}", endpoint.to_string(),
                                 code == asio::error::address_in_use ? "address already in use"
                                                                     : code.message()));
}

Result<Acceptor> bind_to(EventLoop& loop, const Endpoint& endpoint, TcpListener::Sharing sharing) {
  auto address = to_asio(endpoint);
  boost::system::error_code code;
  Acceptor acceptor(loop.executor());
  acceptor.open(address.protocol(), code);
  if (code) return cannot_listen(endpoint, code);
  acceptor.set_option(Acceptor::reuse_address(true), code);
  if (sharing == TcpListener::Sharing::Shared) acceptor.set_option(ReusePort(true), code);
  if (code) return cannot_listen(endpoint, code);
  acceptor.bind(address, code);
  if (code) return cannot_listen(endpoint, code);
  return acceptor;
}

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::create(EventLoop& loop, const Endpoint& endpoint,
                                                         Sharing sharing) {
  Acceptor acceptor = TRY(bind_to(loop, endpoint, sharing));
  boost::system::error_code code;
  acceptor.listen(Acceptor::max_listen_connections, code);
  if (code) return cannot_listen(endpoint, code);
  auto bound = from_asio(acceptor.local_endpoint(code));
  if (code) return cannot_listen(endpoint, code);
  return std::unique_ptr<TcpListener>(std::make_unique<Listener>(loop, std::move(acceptor), bound));
}

Result<Endpoint> find_free_endpoint(EventLoop& loop, const Endpoint& endpoint) {
  Acceptor acceptor = TRY(bind_to(loop, endpoint, TcpListener::Sharing::Exclusive));
  boost::system::error_code code;
  auto bound = from_asio(acceptor.local_endpoint(code));
  if (code) return cannot_listen(endpoint, code);
  return bound;
}

Task<Result<std::unique_ptr<ByteStream>>> connect_tcp(EventLoop& loop, Endpoint endpoint) {
  Socket socket(loop.executor());
  auto address = to_asio(endpoint);
  auto [code] = co_await socket.async_connect(address, kToken);
  if (code) {
    co_return socket_error(code, fmt::format("connecting to {}", endpoint.to_string()));
  }
  auto local = from_asio(socket.local_endpoint(code));
  auto stream = adopt(std::move(socket), endpoint, local);
  co_return stream;
}

}  // namespace spindle::io
