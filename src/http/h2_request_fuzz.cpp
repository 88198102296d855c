// Arbitrary bytes behind the preface of HTTP/2 as the input of one connection, whole and cut into
// fragments: no crash, no hang, and the handler sees the same requests.

#include <cstdlib>
#include <set>

#include "http/server.h"
#include "io/test_streams.h"

namespace spindle::http {
namespace {

class Echo final : public Handler {
 public:
  // Requests that came whole.
  std::multiset<std::string> seen;

 private:
  io::Eventual<void> handle(Request& request, ResponseWriter& response) override {
    return echo(*this, request, response);
  }
  static io::Task<Result<void>> echo(Echo& self, Request& request, ResponseWriter& response) {
    const auto& head = request.head();
    std::string text(head.path_and_query);
    if (head.authority.empty() || head.method_name.empty()) std::abort();
    for (const auto& header : head.headers) {
      const bool is_valid = is_valid_header_name(header.name) &&
                            is_valid_header_value(header.value) && !header.name.starts_with(':');
      if (!is_valid) std::abort();
      text += header.value;
    }
    ResponseHead answer{.status = 200, .headers = {}};
    CO_TRY(response.start(answer, BodyLength::streamed()));
    while (true) {
      auto next = request.body().read(100);
      auto piece = CO_TRY(co_await io::Eventual<Bytes>::wait(std::move(next)));
      if (piece.empty()) break;
      text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      auto written = response.write(piece);
      CO_TRY(co_await io::Eventual<void>::wait(std::move(written)));
    }
    self.seen.insert(text);
    auto finished = response.finish(request.body().trailers());
    auto result = co_await io::Eventual<void>::wait(std::move(finished));
    co_return result;
  }
};

io::Task<void> send(io::ByteStream& client, Bytes input) {
  auto sent = co_await io::write_all(client, input);
  (void)sent;
  client.shutdown_write();
}

io::Task<void> receive(io::ByteStream& client) {
  std::array<uint8_t, 4096> buffer;
  while (true) {
    auto count = co_await client.read_some(buffer);
    if (!count || *count == 0) break;
  }
  client.close();
}

// How many requests were answered whole.
size_t exchange(Bytes input, size_t fragment) {
  io::EventLoop loop;
  Echo handler;
  ServerOptions options;
  options.limits.head_bytes = 2000;
  options.limits.body_bytes = 5000;
  options.limits.streams = 20;
  auto server = Server::create(loop, handler, options);
  auto [client, end] = io::make_memory_pipe(loop, 1 << 20);
  server->serve_stream(std::make_unique<io::FragmentingStream>(std::move(end), fragment));
  io::TaskGroup group(loop);
  group.spawn(send(*client, input));
  loop.block_on(receive(*client));
  loop.block_on(group.drained());
  loop.block_on(server->drain(std::chrono::seconds(1)));
  const auto& counters = server->counters();
  if (counters.requests_active != 0 || counters.connections_open != 0) std::abort();
  if (handler.seen.size() > counters.requests) std::abort();
  return counters.requests + counters.requests_rejected;
}

}  // namespace
}  // namespace spindle::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1 || size > 20'000) return 0;
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  std::vector<uint8_t> input(kPreface.begin(), kPreface.end());
  input.insert(input.end(), data + 1, data + size);
  spindle::http::exchange(input, SIZE_MAX);
  spindle::http::exchange(input, data[0] % 16 + 1u);
  return 0;
}
