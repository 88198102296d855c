#include "redis/reply_reader.h"

#include <fmt/format.h>
#include <hiredis/read.h>

#include <utility>

#include "base/verify.h"

namespace spindle::redis {
namespace {

// hiredis creates the parts of a reply through these. The object of an element is its place in the
// vector of its array, which is not touched again before the element is complete.
struct Budget {
  size_t bytes_max = 0;
  size_t bytes = 0;
  bool is_exceeded = false;

  bool take(size_t count) {
    bytes += count;
    is_exceeded = is_exceeded || bytes > bytes_max;
    return !is_exceeded;
  }
};

Reply::Kind kind_of(int type) {
  switch (type) {
    case REDIS_REPLY_STRING: return Reply::Kind::Bulk;
    case REDIS_REPLY_ARRAY: return Reply::Kind::Array;
    case REDIS_REPLY_INTEGER: return Reply::Kind::Integer;
    case REDIS_REPLY_STATUS: return Reply::Kind::Status;
    case REDIS_REPLY_ERROR: return Reply::Kind::Error;
    case REDIS_REPLY_DOUBLE: return Reply::Kind::Double;
    case REDIS_REPLY_BOOL: return Reply::Kind::Boolean;
    case REDIS_REPLY_MAP: return Reply::Kind::Map;
    case REDIS_REPLY_SET: return Reply::Kind::Set;
    case REDIS_REPLY_ATTR: return Reply::Kind::Attribute;
    case REDIS_REPLY_PUSH: return Reply::Kind::Push;
    case REDIS_REPLY_BIGNUM: return Reply::Kind::BigNumber;
    case REDIS_REPLY_VERB: return Reply::Kind::Verbatim;
    default: return Reply::Kind::Nil;
  }
}

// Null where the reply is too large; hiredis then gives up.
Reply* create(const redisReadTask* task, Reply reply, size_t bytes) noexcept {
  if (!static_cast<Budget*>(task->privdata)->take(sizeof(Reply) + bytes)) return nullptr;
  if (task->parent == nullptr) return std::make_unique<Reply>(std::move(reply)).release();
  auto& siblings = static_cast<Reply*>(task->parent->obj)->elements;
  return &siblings.emplace_back(std::move(reply));
}

void* create_string(const redisReadTask* task, char* text, size_t size) noexcept {
  const auto kind = kind_of(task->type);
  // `txt:` in front of a verbatim string.
  const size_t skipped = kind == Reply::Kind::Verbatim && size >= 4 ? 4 : 0;
  // A copy only when there is room for it.
  auto* reply = create(task, {.kind = kind}, size);
  if (reply != nullptr) reply->text.assign(text + skipped, size - skipped);
  return reply;
}

void* create_array(const redisReadTask* task, size_t) noexcept {
  return create(task, {.kind = kind_of(task->type)}, 0);
}

void* create_integer(const redisReadTask* task, long long value) noexcept {
  return create(task, {.kind = Reply::Kind::Integer, .integer = value}, 0);
}

void* create_double(const redisReadTask* task, double, char* text, size_t size) noexcept {
  return create(task, {.kind = Reply::Kind::Double, .text = std::string(text, size)}, size);
}

void* create_nil(const redisReadTask* task) noexcept {
  return create(task, {}, 0);
}

void* create_bool(const redisReadTask* task, int value) noexcept {
  return create(task, {.kind = Reply::Kind::Boolean, .integer = value}, 0);
}

void free_object(void* object) noexcept {
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(object));
}

redisReplyObjectFunctions kFunctions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
    .createDouble = create_double,
    .createNil = create_nil,
    .createBool = create_bool,
    .freeObject = free_object,
};

}  // namespace

struct ReplyReader::State {
  redisReader* reader = redisReaderCreateWithFunctions(&kFunctions);
  Budget budget;

  Error failure() const {
    if (budget.is_exceeded) {
      return Error::limit_exceeded(
          fmt::format("a Redis reply of more than {} bytes", budget.bytes_max));
    }
    return Error::invalid_input(fmt::format("the server does not speak Redis: {}", reader->errstr));
  }
};

ReplyReader::ReplyReader(size_t bytes_max) : state_(std::make_unique<State>()) {
  VERIFY(state_->reader != nullptr);
  state_->budget.bytes_max = bytes_max;
  state_->reader->privdata = &state_->budget;
  state_->reader->maxdepth = kReplyDepthMax;
}

ReplyReader::~ReplyReader() {
  redisReaderFree(state_->reader);
}

Result<void> ReplyReader::feed(std::span<const uint8_t> bytes) {
  redisReader* reader = state_->reader;
  // What has arrived of a text that is not complete counts too.
  const size_t waiting = reader->len - reader->pos;
  Budget& budget = state_->budget;
  if (budget.is_exceeded || budget.bytes + waiting + bytes.size() > budget.bytes_max) {
    budget.is_exceeded = true;
    return state_->failure();
  }
  if (redisReaderFeed(reader, reinterpret_cast<const char*>(bytes.data()), bytes.size()) !=
      REDIS_OK) {
    return state_->failure();
  }
  return {};
}

Result<std::optional<Reply>> ReplyReader::next() {
  void* object = nullptr;
  if (redisReaderGetReply(state_->reader, &object) != REDIS_OK) return state_->failure();
  if (object == nullptr) return std::optional<Reply>();
  const std::unique_ptr<Reply> reply(static_cast<Reply*>(object));
  state_->budget.bytes = 0;
  return std::optional<Reply>(std::move(*reply));
}

}  // namespace spindle::redis
