#pragma once

// For tests of sockets: a gate that the test opens and closes, and servers on loopback.

#include <string>
#include <vector>

#include "base/testing.h"
#include "io/event_loop.h"
#include "io/tcp.h"
#include "wasi/core/sockets/socket_gate.h"

namespace spindle::wasi {

inline io::Endpoint loopback(uint16_t port = 0) {
  return {.family = io::Endpoint::Family::V4, .address = {127, 0, 0, 1}, .port = port};
}

class ScriptedGate final : public SocketGate {
 public:
  bool is_open() const override { return opens; }
  bool permits(io::Transport transport, const io::Endpoint& address) override {
    asked.push_back((transport == io::Transport::Tcp ? "tcp " : "udp ") + address.to_string());
    return permits_all;
  }
  std::optional<ConnectionPermit> take_permit() override {
    if (permits_used.use_count() - 1 >= permits_max) return std::nullopt;
    return permits_used;
  }
  long used() const { return permits_used.use_count() - 1; }

  bool opens = true;
  bool permits_all = true;
  long permits_max = 1000;
  std::vector<std::string> asked;
  std::shared_ptr<int> permits_used = std::make_shared<int>(0);
};

// Accepts one connection at a time.
class TcpPeer {
 public:
  explicit TcpPeer(io::EventLoop& loop)
      : loop_(loop), listener_(io::TcpListener::create(loop, loopback()).take_value()) {}

  const io::Endpoint& endpoint() const { return listener_->endpoint(); }
  void accept() { stream = loop_.block_on(listener_->accept()).take_value(); }
  void stop() { listener_.reset(); }

  void say(std::string_view text) {
    const std::span bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    loop_.block_on(io::write_all(*stream, bytes)).take_value();
  }
  // Until there are so many bytes, or the end.
  std::string hear(size_t count) {
    std::string all;
    std::vector<uint8_t> buffer(65536);
    while (all.size() < count) {
      auto reading = stream->read_some(buffer);
      const size_t read = loop_.block_on(std::move(reading)).take_value();
      if (read == 0) break;
      all.append(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(read));
    }
    return all;
  }

  std::unique_ptr<io::ByteStream> stream;

 private:
  io::EventLoop& loop_;
  std::unique_ptr<io::TcpListener> listener_;
};

// A UDP socket of the test's own.
class UdpPeer {
 public:
  explicit UdpPeer(io::EventLoop& loop) : loop_(loop) {
    socket_ = *io::IpSocket::create(loop, io::Endpoint::Family::V4, io::Transport::Udp);
    EXPECT_TRUE(socket_->bind({.endpoint = loopback()}).has_value());
  }

  io::SocketAddress address() const { return *socket_->local_address(); }
  void send(std::string_view text, const io::SocketAddress& to) {
    const std::span bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    EXPECT_TRUE(socket_->send(bytes, &to).has_value());
  }
  // Waits for a datagram; `from` is its sender.
  std::string receive() {
    loop_.block_on(socket_->readable());
    std::vector<uint8_t> buffer(65536);
    const auto datagram = socket_->receive(buffer);
    if (!datagram) return "nothing";
    from = datagram->from;
    return {buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(datagram->size)};
  }

  io::SocketAddress from;

 private:
  io::EventLoop& loop_;
  std::unique_ptr<io::IpSocket> socket_;
};

}  // namespace spindle::wasi
