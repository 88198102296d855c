#include "wasi/p3/sockets/tcp_streams.h"

#include "wasi/core/byte_pump.h"
#include "wasi/p3/sockets/answer.h"

namespace spindle::wasi::p3 {

namespace {

using component::StreamStep;

// Moves bytes in steps, from where they lie or by way of a buffer.
class Sending {
 public:
  Sending(component::Stream<uint8_t>& data, TcpConnection& connection)
      : data_(data), connection_(connection) {}

  SocketResult<StreamStep> step() {
    is_full_ = false;
    return data_.has_view() && rest_.empty() ? step_in_place() : step_by_buffer();
  }
  // After a step: the system has no room for more.
  bool is_full() const { return is_full_; }

 private:
  SocketResult<size_t> send(std::span<const uint8_t> bytes) {
    auto sent = connection_.write(bytes);
    is_full_ = !sent && sent.error() == SocketError::WouldBlock;
    if (is_full_) return 0;
    return sent;
  }

  SocketResult<StreamStep> step_in_place() {
    SocketResult<void> outcome;
    const StreamStep step = data_.view([&](std::span<const uint8_t> bytes) -> size_t {
      if (bytes.empty()) return 0;
      auto sent = send(bytes);
      if (!sent) outcome = std::unexpected(sent.error());
      return sent.value_or(0);
    });
    if (!outcome) return std::unexpected(outcome.error());
    return step;
  }

  SocketResult<StreamStep> step_by_buffer() {
    if (rest_.empty()) {
      buffer_.resize(kStreamChunkBytesMax);
      const StreamStep read = data_.read(buffer_);
      rest_ = std::span(buffer_).first(read.count);
      is_at_end_ = read.is_ended;
    }
    size_t count = 0;
    while (!rest_.empty() && !is_full_) {
      auto sent = send(rest_);
      if (!sent) return std::unexpected(sent.error());
      rest_ = rest_.subspan(*sent);
      count += *sent;
    }
    return StreamStep{count, rest_.empty() && is_at_end_};
  }

  component::Stream<uint8_t>& data_;
  TcpConnection& connection_;
  Bytes buffer_;
  std::span<const uint8_t> rest_;
  bool is_at_end_ = false;
  bool is_full_ = false;
};

class ReceivedBytes final : public component::StreamSource<uint8_t> {
 public:
  ReceivedBytes(std::shared_ptr<TcpConnection> connection,
                component::Promise<SocketOutcome> outcome)
      : connection_(std::move(connection)), outcome_(std::move(outcome)) {}
  ~ReceivedBytes() override {
    connection_->shutdown(io::IpSocket::Direction::Receive);
    settle({});
  }

  StreamStep read(std::span<uint8_t> out) override {
    if (out.empty()) return {};
    auto count = connection_->read(out);
    if (!count && count.error() == SocketError::WouldBlock) return {};
    if (count && *count > 0) return {.count = *count};
    settle(count ? SocketOutcome() : socket_failure(count.error()));
    return {.is_ended = true};
  }

  io::Task<void> ready() override { return wait(connection_); }

 private:
  // Shares the connection: the source may go while somebody waits.
  static io::Task<void> wait(std::shared_ptr<TcpConnection> connection) {
    if (connection->socket()->is_readable()) co_return;
    auto waiting = connection->socket()->readable();
    co_await std::move(waiting);
  }
  void settle(SocketOutcome outcome) {
    if (outcome_.is_pending()) outcome_.set(std::move(outcome));
  }

  std::shared_ptr<TcpConnection> connection_;
  component::Promise<SocketOutcome> outcome_;
};

}  // namespace

io::Task<SocketResult<void>> send_all(io::EventLoop& loop,
                                      std::shared_ptr<TcpConnection> connection,
                                      component::Stream<uint8_t> data) {
  Sending sending(data, *connection);
  size_t in_a_row = 0;
  while (true) {
    const auto step = sending.step();
    if (!step) co_return std::unexpected(step.error());
    if (step->is_ended) break;
    in_a_row += step->count;
    if (sending.is_full()) {
      auto waiting = connection->socket()->writable();
      co_await std::move(waiting);
    } else if (step->count == 0) {
      auto waiting = data.ready();
      co_await std::move(waiting);
    } else if (in_a_row < kBytesPerTurn) {
      continue;
    } else {
      co_await io::yield(loop);
    }
    in_a_row = 0;
  }
  connection->shutdown(io::IpSocket::Direction::Send);
  co_return SocketResult<void>();
}

SocketTypes::Received receive_from(io::EventLoop& loop, std::shared_ptr<TcpConnection> connection) {
  auto [promise, future] = component::make_future<SocketOutcome>(loop);
  auto source = std::make_unique<ReceivedBytes>(std::move(connection), std::move(promise));
  return {component::Stream<uint8_t>(std::move(source)), std::move(future)};
}

}  // namespace spindle::wasi::p3
