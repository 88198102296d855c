#pragma once

// A server for tests of outbound HTTP, reached over pipes in memory: /echo sends the body and the
// trailers back, /cut breaks off, /wait never answers, anything else says hello.

#include "http/client/client.h"
#include "http/server.h"
#include "io/test_streams.h"
#include "wasi/core/http/outbound.h"

namespace spindle::wasi {

class TestServer final : public http::Connector, private http::Handler {
 public:
  explicit TestServer(io::EventLoop& loop)
      : loop_(loop), never_(loop), server_(http::Server::create(loop, *this, {})) {}
  ~TestServer() override { loop_.block_on(server_->drain(std::chrono::milliseconds(1))); }

  io::Task<http::Outcome<http::Connected>> connect(const http::Origin&) override {
    auto [near, far] = io::make_memory_pipe(loop_, 1000);
    server_->serve_stream(std::move(far));
    co_return http::Connected{.stream = std::move(near)};
  }

 private:
  io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response) override {
    return answer(request, response);
  }
  io::Task<Result<void>> answer(http::Request& request, http::ResponseWriter& response) {
    const std::array<http::Header, 1> headers = {
        http::Header{"x-method", request.head().method_name}};
    const http::ResponseHead head{.status = 201, .headers = http::HeaderView(headers)};
    const auto path = request.head().path();
    if (path == "/wait") {
      request.on_client_gone([this] { never_.set(); });
      co_await never_.wait();
      co_return Error::canceled("the client left");
    }
    if (path != "/echo" && path != "/cut") {
      const std::string_view hello = "hello";
      auto sent =
          response.send(head, {reinterpret_cast<const uint8_t*>(hello.data()), hello.size()});
      auto waiting = io::Eventual<void>::wait(std::move(sent));
      co_return co_await std::move(waiting);
    }
    CO_TRY(response.start(head, http::BodyLength::streamed()));
    while (true) {
      auto next = request.body().read();
      auto waiting = io::Eventual<http::Bytes>::wait(std::move(next));
      const auto piece = CO_TRY(co_await std::move(waiting));
      if (piece.empty()) break;
      auto written = response.write(piece);
      auto writing = io::Eventual<void>::wait(std::move(written));
      CO_TRY(co_await std::move(writing));
    }
    if (path == "/cut") {
      auto flushed = response.flush();
      auto flushing = io::Eventual<void>::wait(std::move(flushed));
      CO_TRY(co_await std::move(flushing));
      response.abort();
      co_return Result<void>();
    }
    auto finished = response.finish(request.body().trailers());
    auto finishing = io::Eventual<void>::wait(std::move(finished));
    co_return co_await std::move(finishing);
  }

  io::EventLoop& loop_;
  io::Event never_;
  std::unique_ptr<http::Server> server_;
};

class OpenGate final : public OutboundGate {
 public:
  http::Outcome<OutboundDestination> admit(const OutboundRequest& request) override {
    return OutboundDestination{.origin = {.host = *request.authority},
                               .authority = *request.authority};
  }
};

// A loop with a client, and what guests of it get.
struct OutboundWorld {
  ~OutboundWorld() {
    // Whoever holds nothing any more has no connection either.
    loop.block_on(tasks.drained());
    client.close_idle();
    loop.block_on(client.drained());
  }

  io::EventLoop loop;
  TestServer server{loop};
  http::Client client{loop, server};
  io::TaskGroup tasks{loop};
  OutboundServices outbound{client, tasks};
  OpenGate open;
  ClosedGate closed;
};

}  // namespace spindle::wasi
