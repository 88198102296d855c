#include "trial/redis_server.h"

#include "io/test_streams.h"
#include "redis/reply_reader.h"

namespace spindle::trial {
namespace {

constexpr size_t kPipeBytes = 64 * 1024;
constexpr size_t kReadBytes = 16 * 1024;

// The replies to all commands that are complete; an error where the client speaks something else.
Result<std::string> answer(redis::ReplyReader& reader, RedisData& data) {
  std::string replies;
  while (auto command = TRY(reader.next())) {
    std::vector<std::string> words;
    for (auto& word : command->elements) words.push_back(std::move(word.text));
    replies += encode_reply(data.execute(words));
  }
  return replies;
}

}  // namespace

std::unique_ptr<io::ByteStream> RedisServer::connect() {
  auto [near, far] = io::make_memory_pipe(loop_, kPipeBytes);
  tasks_.spawn(serve(data_, std::move(far)));
  return std::move(near);
}

io::Task<void> RedisServer::serve(std::shared_ptr<RedisData> data,
                                  std::shared_ptr<io::ByteStream> stream) {
  // Commands are arrays of texts, as replies may be.
  redis::ReplyReader reader;
  std::vector<uint8_t> buffer(kReadBytes);
  while (true) {
    auto reading = stream->read_some(buffer);
    auto count = co_await std::move(reading);
    if (!count || *count == 0) co_return;
    if (!reader.feed(std::span(buffer).first(*count))) co_return;
    const auto replies = answer(reader, *data);
    if (!replies) co_return;
    const io::Piece piece(reinterpret_cast<const uint8_t*>(replies->data()), replies->size());
    auto writing = io::write_all(*stream, piece);
    if (!co_await std::move(writing)) co_return;
  }
}

}  // namespace spindle::trial
