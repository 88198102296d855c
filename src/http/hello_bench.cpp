// http_hello: the server with a handler that answers `Hello, world!`, as the baseline for what the
// HTTP layer alone costs; /delay does it after 100 ms. `http_hello [HOST:PORT]`; prints the
// address, ends on SIGTERM.

#include <fmt/core.h>

#include <cstdio>

#include "http/server.h"
#include "io/deadlines.h"
#include "io/signals.h"

namespace spindle::http {
namespace {

class Hello final : public Handler {
 public:
  explicit Hello(io::EventLoop& loop) : loop_(loop) {}

 private:
  io::Eventual<void> handle(Request& request, ResponseWriter& response) override {
    static constexpr std::string_view kBody = "Hello, world!";
    static constexpr std::array<Header, 1> kHeaders = {Header{"content-type", "text/plain"}};
    if (request.head().path() == "/echo") return echo(request, response);
    if (request.head().path() == "/delay") return delay(loop_, response);
    ResponseHead head{.status = 200, .headers = HeaderView(kHeaders)};
    return response.send(head, {reinterpret_cast<const uint8_t*>(kBody.data()), kBody.size()});
  }

  static io::Task<Result<void>> delay(io::EventLoop& loop, ResponseWriter& response) {
    co_await io::sleep_for(loop, std::chrono::milliseconds(100));
    ResponseHead head{.status = 200, .headers = {}};
    auto sent = response.send(head, {});
    auto result = co_await io::Eventual<void>::wait(std::move(sent));
    co_return result;
  }

  static io::Task<Result<void>> echo(Request& request, ResponseWriter& response) {
    ResponseHead head{.status = 200, .headers = {}};
    CO_TRY(response.start(head, BodyLength::streamed()));
    while (true) {
      auto next = request.body().read();
      auto piece = CO_TRY(co_await io::Eventual<Bytes>::wait(std::move(next)));
      if (piece.empty()) break;
      auto written = response.write(piece);
      CO_TRY(co_await io::Eventual<void>::wait(std::move(written)));
    }
    auto end = response.finish(request.body().trailers());
    auto result = co_await io::Eventual<void>::wait(std::move(end));
    co_return result;
  }

  io::EventLoop& loop_;
};

io::Task<Result<void>> run(io::EventLoop& loop, std::string address) {
  auto endpoint = CO_TRY(io::resolve_endpoint(address));
  auto listener = CO_TRY(listen(loop, endpoint));
  Hello handler(loop);
  ServerOptions options;
  options.report_error = [](const Error& error) { fmt::print(stderr, "{}\n", error.to_string()); };
  auto server = Server::create(loop, handler, options, std::move(listener));
  fmt::print("http://{}\n", server->endpoint().to_string());
  std::fflush(stdout);
  io::TaskGroup group(loop);
  group.spawn(server->serve());
  io::StopSignals signals(loop);
  co_await signals.wait();
  co_await server->drain(std::chrono::seconds(5));
  co_await group.drained();
  co_return Result<void>();
}

}  // namespace
}  // namespace spindle::http

int main(int argc, char** argv) {
  spindle::io::EventLoop loop;
  auto result = loop.block_on(spindle::http::run(loop, argc > 1 ? argv[1] : "127.0.0.1:0"));
  if (result) return 0;
  fmt::print(stderr, "{}\n", result.error().to_string());
  return 1;
}
