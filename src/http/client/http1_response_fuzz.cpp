// Arbitrary bytes as what a server says on one connection, cut into fragments: no crash, no hang,
// and every cut and every way of reading gives the same answer.

#include <cstdlib>

#include "http/client/client.h"
#include "io/test_streams.h"

namespace spindle::http {
namespace {

class Pipe final : public Connector {
 public:
  Pipe(io::EventLoop& loop, Bytes input, size_t fragment)
      : loop_(loop), input_(input), fragment_(fragment) {}

  io::Task<Outcome<Connected>> connect(const Origin&) override {
    auto [near, far] = io::make_memory_pipe(loop_, 1 << 20);
    if (!input_.empty()) {
      const io::Piece piece = input_;
      if (far->try_write(std::span(&piece, 1)).value() != input_.size()) std::abort();
    }
    far->shutdown_write();
    far_ = std::move(far);
    auto stream = std::make_unique<io::FragmentingStream>(std::move(near), fragment_);
    co_return Connected{.stream = std::move(stream)};
  }

 private:
  io::EventLoop& loop_;
  Bytes input_;
  size_t fragment_;
  std::unique_ptr<io::ByteStream> far_;
};

io::Task<Outcome<std::string>> read(Client& client, Method method, size_t read_size) {
  ClientRequest request{.origin = {.scheme = Scheme::Http, .host = "a", .port = 80},
                        .method = to_string(method)};
  request.authority = "a";
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
      if (header.name.empty() || header.name.data() == nullptr) std::abort();
      text.append(header.name).append(":").append(header.value).append(";");
    }
  }
  co_return text;
}

Outcome<std::string> exchange(Bytes input, size_t fragment, Method method, size_t read_size) {
  io::EventLoop loop;
  Pipe pipe(loop, input, fragment);
  Client client(loop, pipe, {.head_bytes = 30'000});
  return loop.block_on(read(client, method, read_size));
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
