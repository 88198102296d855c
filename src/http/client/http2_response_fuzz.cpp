// Arbitrary bytes as what a server of HTTP/2 says once it has a request, cut into fragments: no
// crash, no hang, and every cut and every way of reading gives the same answer. Nothing is left
// open.

#include <cstdlib>

#include "http/client/client.h"
#include "io/test_streams.h"

namespace spindle::http {
namespace {

// Huffman's code would make it longer, so it is sent as it is.
constexpr std::string_view kEnd = "^^^^";

class Server final : public Connector {
 public:
  Server(io::EventLoop& loop, Bytes input, size_t fragment)
      : loop_(loop), tasks_(loop), input_(input), fragment_(fragment) {}
  ~Server() override {
    tasks_.cancel();
    loop_.block_on(tasks_.drained());
  }

  io::Task<Outcome<Connected>> connect(const Origin&) override {
    auto [near, far] = io::make_memory_pipe(loop_, 1 << 16);
    tasks_.spawn(answer(std::move(far)));
    co_return Connected{
        .stream = std::make_unique<io::FragmentingStream>(std::move(near), fragment_),
        .protocol = Protocol::Http2};
  }

 private:
  io::Task<void> answer(std::unique_ptr<io::ByteStream> stream) {
    std::array<uint8_t, 4096> buffer;
    std::string seen;
    while (!seen.contains(kEnd)) {
      auto count = co_await stream->read_some(buffer);
      if (!count || *count == 0) co_return;
      seen.append(reinterpret_cast<const char*>(buffer.data()), *count);
    }
    auto writing = io::write_all(*stream, input_);
    (void)co_await std::move(writing);
    stream->shutdown_write();
    while (true) {
      auto count = co_await stream->read_some(buffer);
      if (!count || *count == 0) co_return;
    }
  }

  io::EventLoop& loop_;
  io::TaskGroup tasks_;
  Bytes input_;
  size_t fragment_;
};

io::Task<Outcome<std::string>> read(Client& client, Method method, size_t read_size) {
  ClientRequest request{.origin = {.scheme = Scheme::Http, .host = "a", .port = 80},
                        .method = to_string(method)};
  request.authority = "a";
  const std::array<Header, 1> headers = {Header{"x-end", kEnd}};
  request.headers = HeaderView(headers);
  auto opening = client.open(request);
  auto exchange = CO_TRY(co_await std::move(opening));
  auto receiving = exchange->receive_head();
  CO_TRY(co_await std::move(receiving));
  auto& response = exchange->response();
  std::string text = std::to_string(response.status());
  std::vector<uint8_t> buffer(read_size);
  while (true) {
    auto step = response.try_read(buffer);
    if (!step) {
      co_return Outcome<std::string>(FailureCode::InternalError, step.error().to_string());
    }
    text.append(reinterpret_cast<const char*>(buffer.data()), step->count);
    if (step->is_ended) break;
    if (step->count > 0) continue;
    auto ready = response.wait_readable();
    (void)co_await io::Eventual<void>::wait(std::move(ready));
  }
  for (const auto& list : {response.headers(), response.trailers()}) {
    for (const auto& header : list) {
      text.append(header.name).append(":").append(header.value).append(";");
    }
  }
  co_return text;
}

Outcome<std::string> exchange(Bytes input, size_t fragment, Method method, size_t read_size) {
  io::EventLoop loop;
  Server server(loop, input, fragment);
  Client client(loop, server, {.head_bytes = 30'000});
  auto got = loop.block_on(read(client, method, read_size));
  client.close_idle();
  if (client.counters().open != 0) std::abort();
  return got;
}

}  // namespace
}  // namespace spindle::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using spindle::http::Method;
  if (size < 1 || size > 20'000) return 0;
  spindle::http::Bytes input(data + 1, size - 1);
  auto method = (data[0] & 0x80) != 0 ? Method::Head : Method::Get;
  auto whole = spindle::http::exchange(input, SIZE_MAX, method, 4'096);
  auto cut = spindle::http::exchange(input, data[0] % 16 + 1u, method, 3);
  // Which of several faults is met first depends on the cut; whether there is one does not.
  bool is_same = whole.has_value() == cut.has_value() && (!whole || *whole == *cut);
  if (!is_same) std::abort();
  return 0;
}
