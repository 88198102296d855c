#include "http/h2/test_client.h"

namespace spindle::http::h2 {

class TestClient::Stream final : public CodecStream {
 public:
  Stream(TestClient& client, Ask ask) : client_(client), ask_(std::move(ask)) {}

  Reply reply;
  StreamId id = 0;
  const Ask& ask() const { return ask_; }

 private:
  void begin_head() override { fields_.clear(); }
  void field(std::string_view name, std::string_view value) override {
    EXPECT_FALSE(fields_.contains(std::string(name))) << name;
    fields_[std::string(name)] = value;
  }
  void end_head(bool is_last) override {
    auto status = fields_.find(":status");
    if (status == fields_.end()) {
      reply.trailers = fields_;
    } else if (status->second.starts_with('1')) {
      reply.interims += 1;
    } else {
      reply.status = status->second;
      fields_.erase(status);
      reply.fields = fields_;
    }
    if (is_last) reply.is_complete = true;
  }
  void data(Bytes bytes) override {
    reply.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!ask_.is_stuck) client_.codec_->consume(id, bytes.size());
  }
  void end_body() override { reply.is_complete = true; }
  BodyStep next_body(size_t max) override {
    const size_t count = std::min(max, ask_.body.size() - at_);
    return {.count = count, .is_last = !ask_.is_open && at_ + count == ask_.body.size()};
  }
  void append_body(size_t count, std::string& out) override {
    out.append(ask_.body, at_, count);
    at_ += count;
    client_.body_sent_ += count;
  }
  HeaderView trailers_to_send() override { return ask_.trailers; }
  void sent_last() override {}
  void closed(ErrorCode code) override { reply.closed = code; }

  TestClient& client_;
  const Ask ask_;
  size_t at_ = 0;
  std::map<std::string, std::string> fields_;
};

TestClient::TestClient(TestServer& server, std::unique_ptr<io::ByteStream> wire, uint32_t window)
    : server_(server), wire_(std::move(wire)), tasks_(server.loop), progress_(server.loop) {
  auto made = Codec::create(
      {.role = Role::Client, .stream_window = window, .connection_window = 1 << 20}, *this);
  EXPECT_TRUE(made.has_value());
  codec_ = made.take_value();
  tasks_.spawn(read_forever());
}

TestClient::~TestClient() {
  close();
  server_.loop.block_on(tasks_.drained());
}

void TestClient::close() {
  wire_->close();
}

StreamId TestClient::ask(const Ask& wanted) {
  auto stream = std::make_unique<Stream>(*this, wanted);
  std::vector<Header> fields = {{":method", wanted.method}, {":scheme", "http"}};
  if (!wanted.authority.empty()) fields.push_back({":authority", wanted.authority});
  fields.push_back({":path", wanted.path});
  std::ranges::copy(wanted.fields, std::back_inserter(fields));
  const bool has_body = wanted.is_open || !wanted.body.empty() || !wanted.trailers.empty();
  auto id = codec_->request(*stream, fields, has_body ? HasBody::Yes : HasBody::No);
  EXPECT_TRUE(id.has_value());
  stream->id = *id;
  streams_[*id] = std::move(stream);
  push();
  return *id;
}

const Reply& TestClient::reply(StreamId id) const {
  return streams_.at(id)->reply;
}

void TestClient::reset(StreamId id, ErrorCode code) {
  codec_->reset(id, code);
  push();
}

void TestClient::push() {
  if (is_writing_ || is_over_) return;
  out_.clear();
  EXPECT_TRUE(codec_->produce(out_, 1 << 16).has_value());
  if (out_.empty()) return;
  is_writing_ = true;
  tasks_.spawn(write_all());
}

io::Task<void> TestClient::write_all() {
  auto written = co_await io::write_all(*wire_, as_bytes(out_));
  is_writing_ = false;
  if (written) push();
}

io::Task<void> TestClient::read_forever() {
  std::array<uint8_t, 8192> buffer;
  while (true) {
    auto count = co_await wire_->read_some(buffer);
    if (!count || *count == 0) break;
    auto received = codec_->receive(Bytes(buffer).first(*count));
    EXPECT_TRUE(received.has_value());
    push();
    progress_.set();
  }
  is_over_ = true;
  progress_.set();
}

io::Task<void> TestClient::wait_until(const std::function<bool()>& holds) {
  while (!holds() && !is_over_) {
    progress_.reset();
    co_await progress_.wait();
  }
}

void TestClient::talk_until(const std::function<bool()>& holds) {
  server_.loop.block_on(wait_until(holds));
}

const Reply& TestClient::finish(StreamId id) {
  talk_until([this, id] { return reply(id).closed.has_value(); });
  return reply(id);
}

const Reply& TestClient::get(const std::string& path) {
  return finish(ask({.path = path}));
}

std::string u32(uint32_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
  return text;
}

std::string Frame::bytes() const {
  return u32(static_cast<uint32_t>(payload.size())).substr(1) + static_cast<char>(type) +
         static_cast<char>(flags) + u32(stream) + payload;
}

namespace {

// A length with a prefix of seven bits, without Huffman coding.
std::string length(size_t size) {
  if (size < 127) return {static_cast<char>(size)};
  std::string text = "\x7f";
  size -= 127;
  for (; size >= 128; size >>= 7) text += static_cast<char>(size % 128 + 128);
  return text + static_cast<char>(size);
}

}  // namespace

std::string block(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += '\0';
    text += length(name.size()) + name + length(value.size()) + value;
  }
  return text;
}

std::string request_block(std::string path,
                          const std::vector<std::pair<std::string, std::string>>& more) {
  return block({{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", path}}) +
         block(more);
}

std::string headers(uint32_t stream, std::string fields, uint8_t flags) {
  const auto all = static_cast<uint8_t>(flags | kEndHeaders);
  return Frame{Frame::Headers, all, stream, std::move(fields)}.bytes();
}

std::string data(uint32_t stream, std::string text, uint8_t flags) {
  return Frame{Frame::Data, flags, stream, std::move(text)}.bytes();
}

std::string opening() {
  return std::string(kPreface) + Frame{.type = Frame::Settings}.bytes();
}

std::vector<Frame> parse_frames(std::string_view bytes) {
  std::vector<Frame> frames;
  while (bytes.size() >= 9) {
    auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes[at]); };
    auto number = [&](size_t at) {
      return static_cast<uint32_t>(byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 |
                                   byte(at + 3));
    };
    const size_t size = number(0) >> 8;
    EXPECT_GE(bytes.size(), size + 9);
    frames.push_back({byte(3), byte(4), number(5), std::string(bytes.substr(9, size))});
    bytes.remove_prefix(std::min(bytes.size(), size + 9));
  }
  EXPECT_TRUE(bytes.empty());
  return frames;
}

}  // namespace spindle::http::h2
