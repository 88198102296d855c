#include "wasi/p2/http/resources.h"

namespace spindle::wasi::p2 {
namespace {

// Streams that must be dropped before the body they belong to.
class ChildInputStream final : public IncomingBodyStream {
 public:
  ChildInputStream(io::EventLoop& loop, std::shared_ptr<IncomingBodySource> source, Parent& body)
      : IncomingBodyStream(loop, std::move(source)), link_(body) {}

 private:
  Child link_;
};

class ChildOutputStream final : public PipeOutputStream {
 public:
  ChildOutputStream(io::EventLoop& loop, std::shared_ptr<BodyPipe> pipe, Parent& body)
      : PipeOutputStream(loop, std::move(pipe)), link_(body) {}

 private:
  Child link_;
};

}  // namespace

std::unique_ptr<InputStream> IncomingBody::take_stream() {
  if (std::exchange(stream_taken_, true)) return nullptr;
  return std::make_unique<ChildInputStream>(loop_, source_, *this);
}

std::unique_ptr<OutputStream> OutgoingBody::take_stream() {
  if (std::exchange(stream_taken_, true)) return nullptr;
  return std::make_unique<ChildOutputStream>(loop_, pipe_, *this);
}

}  // namespace spindle::wasi::p2
