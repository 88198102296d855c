// Arbitrary bytes as what a server says on one connection, cut into fragments: no crash, no hang,
// and every cut and every way of reading gives the same answer.

#include "http/client/response_fuzz.h"
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

Outcome<std::string> exchange(Bytes input, size_t fragment, Method method, size_t read_size) {
  io::EventLoop loop;
  Pipe pipe(loop, input, fragment);
  Client client(loop, pipe, {.head_bytes = 30'000});
  return loop.block_on(read_response(client, method, {}, read_size));
}

}  // namespace
}  // namespace spindle::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return spindle::http::try_responses(data, size, spindle::http::exchange);
}
