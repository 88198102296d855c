// Arbitrary bytes as what a server of HTTP/2 says once it has a request, cut into fragments: no
// crash, no hang, and every cut and every way of reading gives the same answer. Nothing is left
// open.

#include "http/client/response_fuzz.h"
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

Outcome<std::string> exchange(Bytes input, size_t fragment, Method method, size_t read_size) {
  io::EventLoop loop;
  Server server(loop, input, fragment);
  Client client(loop, server, {.head_bytes = 30'000});
  const std::array<Header, 1> headers = {Header{"x-end", kEnd}};
  auto got = loop.block_on(read_response(client, method, HeaderView(headers), read_size));
  client.close_idle();
  if (client.counters().open != 0) std::abort();
  return got;
}

}  // namespace
}  // namespace spindle::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return spindle::http::try_responses(data, size, spindle::http::exchange);
}
