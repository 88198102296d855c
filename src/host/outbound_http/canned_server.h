#pragma once

// A server for tests of what the host asks of others: it keeps the requests that it got and gives
// the answers that the test wrote, one after the other; reached over pipes in memory.

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "http/client/client.h"
#include "http/server.h"
#include "io/test_streams.h"
#include "wasi/core/http/outbound.h"
#include "wasi/core/services.h"

namespace spindle::host::testing {

struct CannedAnswer {
  uint16_t status = 200;
  std::string body;
  std::string location;
};

class CannedServer final : public http::Connector, private http::Handler {
 public:
  struct Seen {
    std::string origin;
    std::string line;  // GET /path
    std::map<std::string, std::string> headers;
    std::string body;
  };

  explicit CannedServer(io::EventLoop& loop)
      : loop_(loop),
        server_(http::Server::create(loop, *this, {})),
        client_(loop, *this),
        tasks_(loop) {}
  ~CannedServer() override {
    client_.close_idle();
    loop_.block_on(tasks_.drained());
    loop_.block_on(server_->drain(std::chrono::milliseconds(1)));
  }

  wasi::Services services() { return {loop_, clocks_, random_, &outbound_}; }

  std::deque<CannedAnswer> answers;
  std::vector<Seen> seen;

  io::Task<http::Outcome<http::Connected>> connect(const http::Origin& origin) override {
    origin_ = origin.to_string();
    auto [near, far] = io::make_memory_pipe(loop_, 1000);
    server_->serve_stream(std::move(far));
    co_return http::Connected{.stream = std::move(near)};
  }

 private:
  io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response) override {
    return answer(request, response);
  }
  io::Task<Result<void>> answer(http::Request& request, http::ResponseWriter& response) {
    Seen got{.origin = origin_};
    got.line =
        std::string(request.head().method_name) + " " + std::string(request.head().path_and_query);
    for (const auto& header : request.head().headers) {
      got.headers.emplace(header.name, header.value);
    }
    while (true) {
      auto next = request.body().read();
      auto waiting = io::Eventual<http::Bytes>::wait(std::move(next));
      const auto piece = CO_TRY(co_await std::move(waiting));
      if (piece.empty()) break;
      got.body.append(piece.begin(), piece.end());
    }
    seen.push_back(std::move(got));
    const CannedAnswer given = answers.empty() ? CannedAnswer{.status = 500} : answers.front();
    if (!answers.empty()) answers.pop_front();
    std::vector<http::Header> headers = {{"x-number", "7"}};
    if (!given.location.empty()) headers.push_back({"location", given.location});
    const http::ResponseHead head{.status = given.status, .headers = http::HeaderView(headers)};
    auto sent = response.send(
        head, {reinterpret_cast<const uint8_t*>(given.body.data()), given.body.size()});
    auto sending = io::Eventual<void>::wait(std::move(sent));
    co_return co_await std::move(sending);
  }

  io::EventLoop& loop_;
  std::unique_ptr<http::Server> server_;
  http::Client client_;
  io::TaskGroup tasks_;
  wasi::OutboundServices outbound_{client_, tasks_};
  wasi::SystemClocks clocks_{loop_};
  wasi::SystemRandom random_;
  std::string origin_;
};

}  // namespace spindle::host::testing
