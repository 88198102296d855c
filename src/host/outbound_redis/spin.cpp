#include "host/outbound_redis/spin.h"

#include <fmt/format.h>

#include <deque>

#include "host/answer.h"
#include "host/outbound_redis/replies.h"
#include "redis/command.h"

namespace spindle::host {
namespace {

using redis::Reply;

std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

RedisWords words_of(std::string_view command, std::string_view key, const RedisWords& rest) {
  RedisWords words{command, key};
  words.insert(words.end(), rest.begin(), rest.end());
  return words;
}

RedisWords words_of(std::string_view command, const RedisWords& rest) {
  RedisWords words{command};
  words.insert(words.end(), rest.begin(), rest.end());
  return words;
}

// The words of execute(); numbers are written into `numbers`, which keeps its elements in place.
template <typename Parameter>
RedisWords words_of(std::string_view command, const std::vector<Parameter>& arguments,
                    std::deque<std::string>& numbers) {
  RedisWords words{command};
  for (const auto& argument : arguments) {
    if (const auto* number = std::get_if<typename Parameter::Int64>(&argument.value)) {
      words.push_back(numbers.emplace_back(fmt::format("{}", number->value)));
    } else {
      words.push_back(text_of(std::get<typename Parameter::Binary>(argument.value).value));
    }
  }
  return words;
}

template <typename Error>
Error error_of(RedisFailure failure) {
  switch (failure.kind) {
    case RedisFailure::Kind::InvalidAddress: return {typename Error::InvalidAddress{}};
    case RedisFailure::Kind::TooManyConnections: return {typename Error::TooManyConnections{}};
    case RedisFailure::Kind::TypeError: return {typename Error::TypeError{}};
    case RedisFailure::Kind::Other: break;
  }
  return {typename Error::Other{std::move(failure.message)}};
}

template <>
redis_v1::Error error_of<redis_v1::Error>(RedisFailure) {
  return redis_v1::Error::Error;
}

template <typename Value>
std::vector<Value> values_of(std::vector<RedisValue> values) {
  std::vector<Value> out;
  out.reserve(values.size());
  for (auto& value : values) {
    if (auto* status = std::get_if<RedisStatus>(&value)) {
      out.push_back({typename Value::Status{std::move(status->text)}});
    } else if (auto* number = std::get_if<int64_t>(&value)) {
      out.push_back({typename Value::Int64{*number}});
    } else if (auto* binary = std::get_if<RedisBinary>(&value)) {
      out.push_back({typename Value::Binary{std::move(*binary)}});
    } else {
      out.push_back({typename Value::Nil{}});
    }
  }
  return out;
}

// `take` makes an outcome of the reply, `finish` the answer of what it brought. Only cancellation
// stays an Error.
template <typename Error, typename T, typename Take, typename Finish>
io::Eventual<std::expected<T, Error>> answer_as(io::Eventual<Reply> reply, Take take,
                                                Finish finish) {
  using Answer = std::expected<T, Error>;
  return then(std::move(reply), [take, finish](Result<Reply> brought) -> Result<Answer> {
    if (!brought.has_value()) {
      if (brought.error().kind() == ErrorKind::Canceled) return brought.take_error();
      return Answer(std::unexpect, error_of<Error>(redis_failure(brought.error().to_string())));
    }
    auto outcome = take(brought.take_value());
    if (!outcome) return Answer(std::unexpect, error_of<Error>(std::move(outcome).error()));
    if constexpr (std::is_void_v<T>) {
      (void)finish;
      return Answer();
    } else {
      return Answer(finish(*std::move(outcome)));
    }
  });
}

constexpr auto kAsItIs = [](auto&& value) -> decltype(auto) {
  return std::forward<decltype(value)>(value);
};

template <typename Error, typename T, typename Take>
io::Eventual<std::expected<T, Error>> answer_as(io::Eventual<Reply> reply, Take take) {
  return answer_as<Error, T>(std::move(reply), take, kAsItIs);
}

template <typename Handle, typename Error>
io::Task<Result<std::expected<std::unique_ptr<Handle>, Error>>> open_handle(
    OutboundRedis& redis, redis::Address address) {
  using Answer = std::expected<std::unique_ptr<Handle>, Error>;
  auto opening = redis.open(std::move(address));
  auto opened = CO_TRY(co_await std::move(opening));
  if (!opened) co_return Answer(std::unexpect, error_of<Error>(std::move(opened).error()));
  co_return Answer(std::make_unique<Handle>(*std::move(opened)));
}

}  // namespace

#define SPIN_REDIS(T)                                                                \
  template <typename Interface, typename Error, typename Handle, typename Parameter, \
            typename Value>                                                          \
  auto SpinRedisConnections<Interface, Error, Handle, Parameter, Value>::T

SPIN_REDIS(connection_open)(std::string_view address)->Answer<std::unique_ptr<Handle>> {
  auto checked = redis_.check(address);
  if (!checked) {
    return std::expected<std::unique_ptr<Handle>, Failure>(
        std::unexpect, error_of<Error>(std::move(checked).error()));
  }
  return open_handle<Handle, Error>(redis_, *std::move(checked));
}

SPIN_REDIS(connection_publish)(Handle& self, std::string_view channel,
                               std::span<const uint8_t> payload)
    ->Answer<void> {
  const RedisWords words{"PUBLISH", channel, text_of(payload)};
  return answer_as<Error, void>(self.session().ask(words), &take_done);
}

SPIN_REDIS(connection_get)(Handle& self, std::string_view key)
    ->Answer<std::optional<RedisPayload>> {
  const RedisWords words{"GET", key};
  return answer_as<Error, std::optional<RedisPayload>>(self.session().ask(words), &take_payload);
}

SPIN_REDIS(connection_set)(Handle& self, std::string_view key, std::span<const uint8_t> value)
    ->Answer<void> {
  const RedisWords words{"SET", key, text_of(value)};
  return answer_as<Error, void>(self.session().ask(words), &take_done);
}

SPIN_REDIS(connection_incr)(Handle& self, std::string_view key)->Answer<int64_t> {
  const RedisWords words{"INCRBY", key, "1"};
  return answer_as<Error, int64_t>(self.session().ask(words), &take_integer);
}

SPIN_REDIS(connection_del)(Handle& self, const RedisWords& keys)->Answer<uint32_t> {
  return answer_as<Error, uint32_t>(self.session().ask(words_of("DEL", keys)), &take_count);
}

SPIN_REDIS(connection_sadd)(Handle& self, std::string_view key, const RedisWords& values)
    ->Answer<uint32_t> {
  return answer_as<Error, uint32_t>(self.session().ask(words_of("SADD", key, values)),
                                    &take_count_added);
}

SPIN_REDIS(connection_smembers)(Handle& self, std::string_view key)
    ->Answer<std::vector<std::string>> {
  const RedisWords words{"SMEMBERS", key};
  return answer_as<Error, std::vector<std::string>>(self.session().ask(words), &take_strings);
}

SPIN_REDIS(connection_srem)(Handle& self, std::string_view key, const RedisWords& values)
    ->Answer<uint32_t> {
  return answer_as<Error, uint32_t>(self.session().ask(words_of("SREM", key, values)), &take_count);
}

SPIN_REDIS(connection_execute)(Handle& self, std::string_view command,
                               const std::vector<Parameter>& arguments)
    ->Answer<std::vector<Value>> {
  std::deque<std::string> numbers;
  const auto words = words_of(command, arguments, numbers);
  return answer_as<Error, std::vector<Value>>(self.session().execute(words), &take_values,
                                              &values_of<Value>);
}

#undef SPIN_REDIS

template class SpinRedisConnections<redis_2::Host, redis_2::Error, RedisHandle,
                                    redis_2::RedisParameterView, redis_2::RedisResult>;
template class SpinRedisConnections<redis_3::Host, redis_3::Error, AsyncRedisHandle,
                                    redis_3::RedisParameterView, redis_3::RedisResult>;

io::Eventual<Reply> SpinRedisV1::ask(std::string_view address, const RedisWords& words) {
  auto checked = redis_.check(address);
  if (!checked) return Error::denied("the address is not valid or not permitted");
  return redis_.ask_once(*std::move(checked), redis::encode_command(words));
}

SpinRedisV1::Answer<void> SpinRedisV1::publish(std::string_view address, std::string_view channel,
                                               std::span<const uint8_t> payload) {
  const RedisWords words{"PUBLISH", channel, text_of(payload)};
  return answer_as<redis_v1::Error, void>(ask(address, words), &take_done);
}

SpinRedisV1::Answer<RedisPayload> SpinRedisV1::get(std::string_view address, std::string_view key) {
  const RedisWords words{"GET", key};
  return answer_as<redis_v1::Error, RedisPayload>(
      ask(address, words), &take_payload, [](std::optional<RedisPayload> payload) {
        return std::move(payload).value_or(RedisPayload());
      });
}

SpinRedisV1::Answer<void> SpinRedisV1::set(std::string_view address, std::string_view key,
                                           std::span<const uint8_t> value) {
  const RedisWords words{"SET", key, text_of(value)};
  return answer_as<redis_v1::Error, void>(ask(address, words), &take_done);
}

SpinRedisV1::Answer<int64_t> SpinRedisV1::incr(std::string_view address, std::string_view key) {
  const RedisWords words{"INCRBY", key, "1"};
  return answer_as<redis_v1::Error, int64_t>(ask(address, words), &take_integer);
}

SpinRedisV1::Answer<int64_t> SpinRedisV1::del(std::string_view address, const RedisWords& keys) {
  return answer_as<redis_v1::Error, int64_t>(ask(address, words_of("DEL", keys)), &take_integer);
}

SpinRedisV1::Answer<int64_t> SpinRedisV1::sadd(std::string_view address, std::string_view key,
                                               const RedisWords& values) {
  return answer_as<redis_v1::Error, int64_t>(ask(address, words_of("SADD", key, values)),
                                             &take_integer);
}

SpinRedisV1::Answer<std::vector<std::string>> SpinRedisV1::smembers(std::string_view address,
                                                                    std::string_view key) {
  const RedisWords words{"SMEMBERS", key};
  return answer_as<redis_v1::Error, std::vector<std::string>>(ask(address, words), &take_strings);
}

SpinRedisV1::Answer<int64_t> SpinRedisV1::srem(std::string_view address, std::string_view key,
                                               const RedisWords& values) {
  return answer_as<redis_v1::Error, int64_t>(ask(address, words_of("SREM", key, values)),
                                             &take_integer);
}

SpinRedisV1::Answer<std::vector<redis_v1::RedisResult>> SpinRedisV1::execute(
    std::string_view address, std::string_view command,
    const std::vector<redis_v1::RedisParameterView>& arguments) {
  using Values = std::vector<redis_v1::RedisResult>;
  std::deque<std::string> numbers;
  const auto words = words_of(command, arguments, numbers);
  auto checked = redis_.check(address);
  if (!checked || !redis::has_one_reply(words)) {
    return std::expected<Values, redis_v1::Error>(std::unexpect, redis_v1::Error::Error);
  }
  auto reply = redis_.execute_once(*std::move(checked), redis::encode_command(words));
  return answer_as<redis_v1::Error, Values>(io::Eventual<Reply>(std::move(reply)), &take_values,
                                            &values_of<redis_v1::RedisResult>);
}

}  // namespace spindle::host
