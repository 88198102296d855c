#include <gtest/gtest.h>

#include "http/client/test_upstream.h"

namespace spindle::http {

namespace {

Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string to_text(HeaderView headers) {
  std::string text;
  for (const auto& header : headers) {
    text.append(header.name).append("=").append(header.value).append(";");
  }
  return text;
}

}  // namespace

Upstream::~Upstream() {
  close();
}

void Upstream::close() {
  tasks_.cancel();
  loop_.block_on(tasks_.drained());
}

io::Task<Outcome<Connected>> Upstream::connect(const Origin&) {
  if (options_.never_connects) co_await never_.wait();
  auto [near, far] = io::make_memory_pipe(loop_, options_.capacity);
  std::unique_ptr<io::ByteStream> stream = std::move(near);
  if (options_.fragment > 0) {
    stream = std::make_unique<io::FragmentingStream>(std::move(stream), options_.fragment);
  }
  if (options_.fail_at) {
    stream = std::make_unique<io::FailingStream>(std::move(stream), *options_.fail_at);
  }
  received.emplace_back();
  tasks_.spawn(serve(received.size() - 1, std::move(far)));
  co_return Connected{.stream = std::move(stream), .protocol = options_.protocol};
}

io::Task<void> Upstream::serve(size_t number, std::unique_ptr<io::ByteStream> stream) {
  const auto& script = scripts_[std::min(number, scripts_.size() - 1)];
  std::array<uint8_t, 4096> buffer;
  size_t seen = 0;
  for (const auto& answer : script.answers) {
    size_t end = 0;
    while ((end = received[number].find(script.request_end, seen)) == std::string::npos) {
      auto count = co_await stream->read_some(buffer);
      if (!count || *count == 0) co_return;
      received[number].append(reinterpret_cast<const char*>(buffer.data()), *count);
    }
    seen = end + script.request_end.size();
    auto sent = co_await io::write_all(*stream, as_bytes(answer));
    if (!sent) co_return;
  }
  if (script.ending == Ending::Close) stream->close();
  if (script.ending == Ending::Reset) stream->abort();
  if (script.ending == Ending::Hold) co_await never_.wait();
}

namespace {

io::Task<Outcome<void>> send_body(RequestSink& writer, const Sent& sent) {
  auto writing = writer.write(as_bytes(*sent.body));
  CO_TRY(co_await std::move(writing));
  auto finishing = writer.finish(HeaderView(sent.trailers));
  CO_TRY(co_await std::move(finishing));
  co_return Outcome<void>();
}

io::Task<Result<void>> read_body(IncomingResponse& reader, size_t read_size, std::string& body) {
  std::vector<uint8_t> buffer(read_size);
  while (true) {
    if (read_size == 0) {
      auto next = reader.read();
      auto piece = CO_TRY(co_await io::Eventual<Bytes>::wait(std::move(next)));
      if (piece.empty()) co_return Result<void>();
      body.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      continue;
    }
    auto step = CO_TRY(reader.try_read(buffer));
    body.append(reinterpret_cast<const char*>(buffer.data()), step.count);
    if (step.is_ended) co_return Result<void>();
    if (step.count > 0) continue;
    auto ready = reader.wait_readable();
    CO_TRY(co_await io::Eventual<void>::wait(std::move(ready)));
  }
}

io::Task<Outcome<void>> run(Exchange& exchange, const Sent& sent, Seen& seen) {
  if (sent.body) {
    auto sending = send_body(exchange.request(), sent);
    CO_TRY(co_await std::move(sending));
  }
  auto receiving = exchange.receive_head();
  CO_TRY(co_await std::move(receiving));
  auto& response = exchange.response();
  seen.status = response.status();
  auto reading = read_body(response, sent.read_size, seen.body);
  auto read = co_await std::move(reading);
  // Views of the head outlive the body.
  seen.headers = to_text(response.headers());
  seen.trailers = to_text(response.trailers());
  if (read) co_return Outcome<void>();
  auto failure = Failure::from_error(read.error());
  co_return failure.value_or(Failure{FailureCode::InternalError, read.error().to_string()});
}

}  // namespace

ClientRequest request_of(const Sent& sent, Origin origin) {
  ClientRequest request{.origin = std::move(origin), .method = sent.method, .target = sent.target};
  request.authority = "up";
  request.headers = HeaderView(sent.headers);
  request.timeouts = sent.timeouts;
  if (sent.body) request.length = BodyLength::known(sent.body->size());
  if (sent.is_streamed) request.length = BodyLength::streamed();
  return request;
}

io::Task<Seen> finish_exchange(Outcome<std::unique_ptr<Exchange>> opened, Sent sent) {
  Seen seen;
  auto outcome = opened ? Outcome<void>() : Outcome<void>(opened.error());
  if (opened) {
    auto running = run(**opened, sent, seen);
    outcome = co_await std::move(running);
  }
  if (!outcome) {
    seen.failure = outcome.error().code;
    seen.message = outcome.error().message;
  }
  co_return seen;
}

io::Task<Seen> exchange(Client& client, Sent sent, Origin origin) {
  auto opening = client.open(request_of(sent, std::move(origin)));
  auto opened = co_await std::move(opening);
  auto finishing = finish_exchange(std::move(opened), std::move(sent));
  auto seen = co_await std::move(finishing);
  co_return seen;
}

}  // namespace spindle::http
