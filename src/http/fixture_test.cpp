#include "http/test_fixture.h"

namespace spindle::http {

io::Eventual<void> TestHandler::handle(Request& request, ResponseWriter& response) {
  entered_.set();
  auto path = request.head().path();
  if (path == "/hello") {
    ResponseHead head{.status = 200, .headers = {}};
    return response.send(head, as_bytes("hello"));
  }
  if (path == "/echo") return echo(request, response);
  if (path == "/read") return read(request, response);
  if (path == "/stream") return stream(request, response);
  if (path == "/wait") return wait(request, response);
  if (path == "/pieces") return pieces(request, response);
  if (path == "/steps" || path == "/sized-steps") return steps(request, response);
  if (path == "/status") {
    auto status = parse_decimal(*request.head().query());
    ResponseHead head{.status = static_cast<uint16_t>(*status), .headers = {}};
    return response.send(head, {});
  }
  return misbehave(path, response);
}

io::Task<Result<void>> TestHandler::echo(Request& request, ResponseWriter& response) {
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

// Notes the head and the body, answers with the size of the body.
io::Task<Result<void>> TestHandler::read(Request& request, ResponseWriter& response) {
  std::string note = request.scheme() == Scheme::Https ? "https " : "";
  note += std::string(request.head().method_name) + " " + std::string(request.head().authority) +
          " " + std::string(request.head().path_and_query);
  for (const auto& header : request.head().headers) {
    note += " [" + std::string(header.name) + "=" + std::string(header.value) + "]";
  }
  size_t size = 0;
  while (true) {
    auto ready = request.body().wait_readable();
    CO_TRY(co_await io::Eventual<void>::wait(std::move(ready)));
    auto next = request.body().read(3);
    auto piece = CO_TRY(co_await io::Eventual<Bytes>::wait(std::move(next)));
    if (piece.empty()) break;
    EXPECT_LE(piece.size(), 3u);
    size += piece.size();
  }
  notes.push_back(note);
  auto text = std::to_string(size);
  ResponseHead head{.status = 200, .headers = {}};
  auto sent = response.send(head, as_bytes(text));
  auto result = co_await io::Eventual<void>::wait(std::move(sent));
  co_return result;
}

// As many bytes as the query says, in pieces of 10,000.
io::Task<Result<void>> TestHandler::stream(Request& request, ResponseWriter& response) {
  auto left = *parse_decimal(*request.head().query());
  ResponseHead head{.status = 200, .headers = {}};
  CO_TRY(response.start(head, BodyLength::known(left)));
  std::string piece(10'000, 'x');
  while (left > 0) {
    auto part = as_bytes(piece).first(std::min<uint64_t>(left, piece.size()));
    left -= part.size();
    auto written = response.write(part);
    CO_TRY(co_await io::Eventual<void>::wait(std::move(written)));
  }
  auto end = response.finish();
  auto result = co_await io::Eventual<void>::wait(std::move(end));
  co_return result;
}

// Until the client leaves.
io::Task<Result<void>> TestHandler::wait(Request& request, ResponseWriter& response) {
  ResponseHead head{.status = 200, .headers = {}};
  if (request.head().query()) CO_TRY(response.start(head, BodyLength::streamed()));
  request.on_client_gone([this] { gone_.set(); });
  co_await gone_.wait();
  co_return Error::canceled("the client left");
}

// Small pieces, the loop running in between.
io::Task<Result<void>> TestHandler::pieces(Request&, ResponseWriter& response) {
  ResponseHead head{.status = 200, .headers = {}};
  CO_TRY(response.start(head, BodyLength::streamed()));
  for (std::string_view piece : {"one", "two", "three"}) {
    auto written = response.write(as_bytes(piece));
    CO_TRY(co_await io::Eventual<void>::wait(std::move(written)));
    co_await io::yield(loop_);
    co_await io::yield(loop_);
  }
  std::array<Header, 2> trailers = {Header{"x-sum", "11"}, Header{"content-length", "5"}};
  auto end = response.finish(HeaderView(trailers));
  auto result = co_await io::Eventual<void>::wait(std::move(end));
  co_return result;
}

// As many bytes as the query says, from memory that is overwritten after each step.
io::Task<Result<void>> TestHandler::steps(Request& request, ResponseWriter& response) {
  const size_t size = *parse_decimal(*request.head().query());
  ResponseHead head{.status = 200, .headers = {}};
  const bool is_sized = request.head().path() == "/sized-steps";
  CO_TRY(response.start(head, is_sized ? BodyLength::known(size) : BodyLength::streamed()));
  std::string memory;
  for (size_t at = 0; at < size;) {
    const size_t offered = std::min(size - at, size_t{1} + at % 70'000);
    memory.resize(offered);
    for (size_t i = 0; i < offered; ++i) memory[i] = step_byte(at + i);
    const size_t taken = CO_TRY(response.try_write(as_bytes(memory)));
    std::ranges::fill(memory, '!');
    at += taken;
    if (taken > 0) continue;
    auto waiting = response.writable();
    auto writable = co_await std::move(waiting);
    CO_TRY(std::move(writable));
  }
  auto end = response.finish();
  auto result = co_await io::Eventual<void>::wait(std::move(end));
  co_return result;
}

io::Eventual<void> TestHandler::misbehave(std::string_view path, ResponseWriter& response) {
  ResponseHead head{.status = 200, .headers = {}};
  if (path == "/nothing") return Result<void>();
  if (path == "/fail") return Error::internal("broken handler");
  if (path == "/short") {
    auto started = response.start(head, BodyLength::known(10));
    EXPECT_TRUE(started.has_value());
    auto written = response.write(as_bytes("five!"));
    EXPECT_TRUE(written.is_ready());
    return response.finish();
  }
  if (path == "/long") {
    auto started = response.start(head, BodyLength::known(3));
    EXPECT_TRUE(started.has_value());
    auto written = response.write(as_bytes("five!"));
    EXPECT_FALSE(written.take_ready().has_value());
    written = response.write(as_bytes("abc"));
    return response.finish();
  }
  if (path == "/abort") {
    auto started = response.start(head, BodyLength::streamed());
    EXPECT_TRUE(started.has_value());
    auto written = response.write(as_bytes(std::string(5000, 'x')));
    response.abort();
    return Result<void>();
  }
  if (path == "/splitting") {
    std::array<Header, 1> headers = {Header{"x", "a\r\nset-cookie: b"}};
    head.headers = HeaderView(headers);
    auto refused = response.start(head, BodyLength::empty());
    EXPECT_FALSE(refused.has_value());
    return refused.take_error();
  }
  std::map<std::string_view, Header> one_header = {
      {"/announced", {"Content-Length", "5"}},
      {"/close", {"connection", "close"}},
      {"/dated", {"Date", "today"}},
      {"/te", {"transfer-encoding", "gzip, chunked"}},
  };
  auto found = one_header.find(path);
  if (found == one_header.end()) {
    head.status = 404;
    return response.send(head, {});
  }
  head.headers = HeaderView(std::span(&found->second, 1));
  auto started = response.start(head, BodyLength::streamed());
  EXPECT_TRUE(started.has_value());
  auto written = response.write(as_bytes("12345"));
  EXPECT_TRUE(written.is_ready());
  return response.finish();
}

TestServer::TestServer(Limits limits, Wire wire) : handler(loop), wire_(wire) {
  ServerOptions options;
  options.limits = limits;
  options.tls = wire_.tls;
  if (options.tls) options.scheme = Scheme::Https;
  options.report_error = [this](const Error& error) { errors.push_back(error.to_string()); };
  server = Server::create(loop, handler, options);
}

TestServer::~TestServer() {
  if (!drained) drain();
}

void TestServer::drain(io::Clock::duration deadline) {
  drained = true;
  loop.block_on(server->drain(deadline));
}

std::unique_ptr<io::ByteStream> TestServer::connect() {
  auto [client, other] = io::make_memory_pipe(loop, wire_.capacity);
  std::unique_ptr<io::ByteStream> end = std::move(other);
  if (wire_.fragment > 0) {
    end = std::make_unique<io::FragmentingStream>(std::move(end), wire_.fragment);
  }
  if (wire_.fail_at) end = std::make_unique<io::FailingStream>(std::move(end), *wire_.fail_at);
  server->serve_stream(std::make_unique<io::CountingStream>(std::move(end), counts));
  return std::move(client);
}

io::Task<void> send_text(io::ByteStream& stream, std::string text) {
  auto sent = co_await io::write_all(stream, as_bytes(text));
  // The server may close before it has read everything.
  (void)sent;
}

io::Task<std::string> receive_until(io::ByteStream& stream, std::string end) {
  std::string text;
  std::array<uint8_t, 4096> buffer;
  while (end.empty() || !text.contains(end)) {
    auto count = co_await stream.read_some(buffer);
    if (!count || *count == 0) break;
    text.append(reinterpret_cast<const char*>(buffer.data()), *count);
  }
  co_return text;
}

io::Task<std::string> receive_all(io::ByteStream& stream) {
  auto text = co_await receive_until(stream, "");
  co_return text;
}

std::string without_dates(std::string text) {
  size_t at = 0;
  while ((at = text.find("date: ", at)) != std::string::npos) {
    if (text.compare(at, 7, "date: t") == 0) {
      at += 1;
      continue;
    }
    text.erase(at, text.find("\r\n", at) + 2 - at);
  }
  return text;
}

namespace {

io::Task<void> send_and_end(io::ByteStream& stream, std::string text, bool half_close) {
  co_await send_text(stream, std::move(text));
  if (half_close) stream.shutdown_write();
}

io::Task<std::string> talk(io::EventLoop& loop, io::ByteStream& stream, std::string input,
                           bool half_close) {
  io::TaskGroup group(loop);
  group.spawn(send_and_end(stream, std::move(input), half_close));
  auto output = co_await receive_all(stream);
  stream.close();
  co_await group.drained();
  co_return output;
}

}  // namespace

std::string TestServer::exchange(std::string input) {
  auto client = connect();
  auto output = loop.block_on(talk(loop, *client, std::move(input), wire_.half_close));
  return without_dates(output);
}

}  // namespace spindle::http
