#include "io/socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace spindle::io {

namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
constexpr auto kToken = boost::asio::as_tuple(boost::asio::deferred);

std::unexpected<int> failed(int number) {
  return std::unexpected(number);
}

struct SystemAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
  sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&storage); }
};

SystemAddress to_system(const SocketAddress& from) {
  SystemAddress to;
  if (from.endpoint.family == Endpoint::Family::V6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(from.endpoint.port);
    address.sin6_flowinfo = htonl(from.flow_info);
    address.sin6_scope_id = from.scope_id;
    std::memcpy(&address.sin6_addr, from.endpoint.address.data(), sizeof(address.sin6_addr));
    std::memcpy(&to.storage, &address, sizeof(address));
    to.length = sizeof(address);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(from.endpoint.port);
    std::memcpy(&address.sin_addr, from.endpoint.address.data(), sizeof(address.sin_addr));
    std::memcpy(&to.storage, &address, sizeof(address));
    to.length = sizeof(address);
  }
  return to;
}

SocketAddress from_system(const SystemAddress& from) {
  SocketAddress to;
  if (from.storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &from.storage, sizeof(address));
    to.endpoint.family = Endpoint::Family::V6;
    to.endpoint.port = ntohs(address.sin6_port);
    to.flow_info = ntohl(address.sin6_flowinfo);
    to.scope_id = address.sin6_scope_id;
    std::memcpy(to.endpoint.address.data(), &address.sin6_addr, sizeof(address.sin6_addr));
  } else if (from.storage.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &from.storage, sizeof(address));
    to.endpoint.family = Endpoint::Family::V4;
    to.endpoint.port = ntohs(address.sin_port);
    std::memcpy(to.endpoint.address.data(), &address.sin_addr, sizeof(address.sin_addr));
  }
  return to;
}

// Again when a signal came between.
template <typename F>
auto uninterrupted(F call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

SystemResult<void> outcome_of(int result) {
  if (result < 0) return failed(errno);
  return {};
}

SystemResult<size_t> count_of(ssize_t result) {
  if (result < 0) return failed(errno);
  return static_cast<size_t>(result);
}

class Socket final : public IpSocket {
 public:
  explicit Socket(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  SystemResult<void> bind(const SocketAddress& address) override {
    auto target = to_system(address);
    return outcome_of(::bind(number(), target.pointer(), target.length));
  }

  SystemResult<void> connect(const SocketAddress& address) override {
    auto target = to_system(address);
    const int result = ::connect(number(), target.pointer(), target.length);
    // An interrupted one goes on, too.
    if (result < 0 && (errno == EINPROGRESS || errno == EINTR)) return {};
    return outcome_of(result);
  }

  SystemResult<void> disconnect() override {
    sockaddr none{};
    none.sa_family = AF_UNSPEC;
    return outcome_of(::connect(number(), &none, sizeof(none)));
  }

  int take_error() override { return option(SOL_SOCKET, SO_ERROR).value_or(0); }

  SystemResult<size_t> read(std::span<uint8_t> buffer) override {
    return count_of(
        uninterrupted([&] { return ::recv(number(), buffer.data(), buffer.size(), 0); }));
  }
  SystemResult<size_t> write(std::span<const uint8_t> bytes) override {
    return send(bytes, nullptr);
  }

  SystemResult<size_t> send(std::span<const uint8_t> bytes, const SocketAddress* to) override {
    if (to == nullptr) {
      return count_of(uninterrupted(
          [&] { return ::send(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }));
    }
    auto target = to_system(*to);
    return count_of(uninterrupted([&] {
      return ::sendto(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL, target.pointer(),
                      target.length);
    }));
  }

  SystemResult<Datagram> receive(std::span<uint8_t> buffer) override {
    SystemAddress from;
    const auto size = count_of(uninterrupted([&] {
      return ::recvfrom(number(), buffer.data(), buffer.size(), 0, from.pointer(), &from.length);
    }));
    if (!size) return failed(size.error());
    return Datagram{*size, from_system(from)};
  }

  SystemResult<void> shutdown(Direction direction) override {
    return outcome_of(::shutdown(number(), direction == Direction::Receive ? SHUT_RD : SHUT_WR));
  }

  SystemResult<SocketAddress> local_address() const override {
    SystemAddress address;
    if (::getsockname(number(), address.pointer(), &address.length) < 0) return failed(errno);
    return from_system(address);
  }
  SystemResult<SocketAddress> remote_address() const override {
    SystemAddress address;
    if (::getpeername(number(), address.pointer(), &address.length) < 0) return failed(errno);
    return from_system(address);
  }

  SystemResult<int> option(int level, int name) const override {
    int value = 0;
    socklen_t length = sizeof(value);
    if (::getsockopt(number(), level, name, &value, &length) < 0) return failed(errno);
    return value;
  }
  SystemResult<void> set_option(int level, int name, int value) override {
    return outcome_of(::setsockopt(number(), level, name, &value, sizeof(value)));
  }

  bool is_readable() const override { return is_ready(POLLIN); }
  bool is_writable() const override { return is_ready(POLLOUT); }

  Task<void> readable() override {
    (void)co_await descriptor_.async_wait(Descriptor::wait_read, kToken);
  }
  Task<void> writable() override {
    (void)co_await descriptor_.async_wait(Descriptor::wait_write, kToken);
  }

 private:
  int number() const { return const_cast<Descriptor&>(descriptor_).native_handle(); }

  bool is_ready(short events) const {
    pollfd polled{.fd = number(), .events = events, .revents = 0};
    return uninterrupted([&] { return ::poll(&polled, 1, 0); }) > 0;
  }

  Descriptor descriptor_;
};

}  // namespace

SystemResult<std::unique_ptr<IpSocket>> IpSocket::create(EventLoop& loop, Endpoint::Family family,
                                                         Transport transport) {
  const bool is_v6 = family == Endpoint::Family::V6;
  const int kind = transport == Transport::Tcp ? SOCK_STREAM : SOCK_DGRAM;
  const int number = ::socket(is_v6 ? AF_INET6 : AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (number < 0) return failed(errno);
  Descriptor descriptor(loop.executor());
  boost::system::error_code code;
  descriptor.assign(number, code);
  if (code) {
    ::close(number);
    return failed(code.value());
  }
  auto socket = std::make_unique<Socket>(std::move(descriptor));
  if (is_v6) {
    auto set = socket->set_option(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (!set) return failed(set.error());
  }
  return socket;
}

std::optional<Endpoint> parse_ip_literal(std::string_view text) {
  const std::string zero_terminated(text.substr(0, INET6_ADDRSTRLEN));
  if (zero_terminated.size() != text.size() || text.contains('\0')) return std::nullopt;
  Endpoint endpoint;
  endpoint.family = Endpoint::Family::V4;
  if (inet_pton(AF_INET, zero_terminated.c_str(), endpoint.address.data()) == 1) return endpoint;
  endpoint.family = Endpoint::Family::V6;
  if (inet_pton(AF_INET6, zero_terminated.c_str(), endpoint.address.data()) == 1) return endpoint;
  return std::nullopt;
}

}  // namespace spindle::io
