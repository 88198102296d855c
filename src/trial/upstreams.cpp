#include "trial/upstreams.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/test_streams.h"
#include "trial/compare.h"

namespace spindle::trial {
namespace {

constexpr size_t kPipeBytes = 64 * 1024;
constexpr size_t kShownBytesMax = 2000;
constexpr size_t kProblemsMax = 20;

// `https://example.com`, without the scheme's own port.
std::string base_of(const http::Origin& origin) {
  const bool is_tls = origin.scheme == http::Scheme::Https;
  const std::string host =
      origin.host.contains(':') ? fmt::format("[{}]", origin.host) : origin.host;
  const auto base = fmt::format("{}://{}", is_tls ? "https" : "http", host);
  return origin.port == (is_tls ? 443 : 80) ? base : fmt::format("{}:{}", base, origin.port);
}

std::string base_of(const OutboundCall& call) {
  return fmt::format("{}://{}", call.scheme, call.authority);
}

bool fits(const OutboundCall& call, std::string_view method, std::string_view url) {
  if (call.method != method) return false;
  const auto wanted = base_of(call) + call.target;
  return call.is_prefix ? url.starts_with(wanted) : url == wanted;
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

io::Task<Result<std::string>> read_all(http::BodyReader& body) {
  std::string text;
  while (true) {
    auto next = body.read();
    auto waiting = io::Eventual<http::Bytes>::wait(std::move(next));
    const auto piece = CO_TRY(co_await std::move(waiting));
    if (piece.empty()) co_return text;
    text.append(piece.begin(), piece.end());
  }
}

}  // namespace

// One origin.
class Upstreams::Server final : private http::Handler {
 public:
  Server(Upstreams& owner, const http::Origin& origin, http::Handler* own)
      : owner_(owner),
        base_(base_of(origin)),
        server_(http::Server::create(owner.loop_, own != nullptr ? *own : *this, {})) {}

  http::Server& server() { return *server_; }

 private:
  io::Eventual<void> handle(http::Request& request, http::ResponseWriter& response) override {
    return answer(request, response);
  }

  io::Task<Result<void>> answer(http::Request& request, http::ResponseWriter& response) {
    Seen seen{.method = std::string(request.head().method_name),
              .url = base_ + std::string(request.head().path_and_query),
              .headers = request.head().headers,
              .body = {}};
    auto reading = read_all(request.body());
    seen.body = CO_TRY(co_await std::move(reading));
    const Answer* answer = owner_.find(seen);
    if (answer == nullptr) {
      owner_.complain(seen);
      response.abort();
      co_return Result<void>();
    }
    std::vector<http::Header> headers;
    for (const auto& [name, value] : answer->headers) headers.push_back({name, value});
    const http::ResponseHead head{.status = answer->status, .headers = http::HeaderView(headers)};
    auto sent = response.send(head, bytes_of(answer->body));
    auto sending = io::Eventual<void>::wait(std::move(sent));
    co_return co_await std::move(sending);
  }

  Upstreams& owner_;
  const std::string base_;
  const std::unique_ptr<http::Server> server_;
};

Upstreams::Upstreams(io::EventLoop& loop) : loop_(loop), client_(loop, *this, limits()) {}

Upstreams::~Upstreams() = default;

http::ClientLimits Upstreams::limits() {
  http::ClientLimits limits;
  limits.idle_time = http::ClientLimits::Duration(0);
  return limits;
}

void Upstreams::set_lasting(const std::vector<OutboundCall>& calls) {
  lasting_.clear();
  for (const auto& call : calls) lasting_.push_back({.call = call});
}

void Upstreams::begin_step(const std::vector<OutboundCall>& calls) {
  of_step_.clear();
  for (const auto& call : calls) of_step_.push_back({.call = call});
}

std::vector<std::string> Upstreams::end_step() {
  auto problems = std::exchange(problems_, {});
  for (const auto& expected : of_step_) {
    if (!expected.call.times || expected.seen == *expected.call.times) continue;
    problems.push_back(fmt::format("outbound request {}: expected {}, seen {}",
                                   expected.call.to_string(), *expected.call.times, expected.seen));
  }
  of_step_.clear();
  return problems;
}

void Upstreams::set_self(http::Origin origin, http::Handler& handler) {
  own_[std::move(origin)] = &handler;
}

Upstreams::Server& Upstreams::server(const http::Origin& origin) {
  auto& server = servers_[origin];
  if (server == nullptr) {
    const auto own = own_.find(origin);
    server = std::make_unique<Server>(*this, origin, own == own_.end() ? nullptr : own->second);
  }
  return *server;
}

io::Task<http::Outcome<http::Connected>> Upstreams::connect(const http::Origin& origin) {
  if (auto* failing = find_failure(origin)) {
    failing->seen += 1;
    const auto code = *failing->call.answer.failure;
    co_return http::Failure{code, fmt::format("{}, as the transcript says", http::to_string(code))};
  }
  auto [near, far] = io::make_memory_pipe(loop_, kPipeBytes);
  server(origin).server().serve_stream(std::move(far));
  co_return http::Connected{.stream = std::move(near)};
}

// Connections fail before it is known what is asked: the first open call of the origin decides.
Upstreams::Expected* Upstreams::find_failure(const http::Origin& origin) {
  const auto base = base_of(origin);
  for (auto* list : {&of_step_, &lasting_}) {
    for (auto& expected : *list) {
      if (!expected.is_open() || base_of(expected.call) != base) continue;
      return expected.call.answer.failure ? &expected : nullptr;
    }
  }
  return nullptr;
}

const Answer* Upstreams::find(const Seen& seen) {
  for (auto* list : {&of_step_, &lasting_}) {
    for (auto& expected : *list) {
      if (!expected.is_open() || expected.call.answer.failure) continue;
      if (!fits(expected.call, seen.method, seen.url)) continue;
      if (!compare_message(expected.call.shape, seen.headers, seen.body).empty()) continue;
      expected.seen += 1;
      return &expected.call.answer;
    }
  }
  return nullptr;
}

void Upstreams::complain(const Seen& seen) {
  if (problems_.size() >= kProblemsMax) return;
  std::string text = fmt::format("unexpected outbound request {} {}", seen.method, seen.url);
  if (!seen.body.empty()) {
    text += fmt::format("\n  with the body {}", shown(seen.body.substr(0, kShownBytesMax)));
  }
  bool is_known = false;
  for (auto* list : {&of_step_, &lasting_}) {
    for (const auto& expected : *list) {
      is_known = true;
      text += fmt::format("\n  the transcript has {}{}", expected.call.to_string(),
                          expected.is_open() ? "" : ", which is used up");
      if (!fits(expected.call, seen.method, seen.url)) continue;
      for (const auto& difference : compare_message(expected.call.shape, seen.headers, seen.body)) {
        text += fmt::format("\n    {}", indent(difference, 4));
      }
    }
  }
  if (!is_known) text += "\n  the transcript has no outbound requests";
  problems_.push_back(std::move(text));
}

io::Task<void> Upstreams::close() {
  co_await client_.drained();
  for (auto& [origin, server] : servers_) {
    auto draining = server->server().drain(std::chrono::milliseconds(1));
    co_await std::move(draining);
  }
}

}  // namespace spindle::trial
