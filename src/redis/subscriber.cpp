#include "redis/subscriber.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "redis/command.h"
#include "redis/connection.h"

namespace spindle::redis {
namespace {

io::Piece bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string subscription(std::string_view command, const std::vector<std::string>& names) {
  std::vector<std::string_view> words{command};
  words.insert(words.end(), names.begin(), names.end());
  return encode_command(words);
}

bool is_texts(std::span<const Reply> replies) {
  return std::ranges::all_of(replies, [](const Reply& reply) { return reply.is_text(); });
}

}  // namespace

io::Task<Result<std::unique_ptr<Subscriber>>> Subscriber::open(
    io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream, Login login,
    Subscriptions subscriptions, io::Clock::duration silence) {
  auto opening = Connection::open(loop, std::move(stream), std::move(login));
  auto connection = CO_TRY(co_await std::move(opening));
  std::unique_ptr<Subscriber> subscriber(
      new Subscriber(loop, std::move(*connection).take_stream(), silence));
  auto subscribing = subscriber->subscribe(std::move(subscriptions));
  auto subscribed = co_await std::move(subscribing);
  CO_TRY(std::move(subscribed));
  co_return subscriber;
}

io::Task<Result<void>> Subscriber::subscribe(Subscriptions subscriptions) {
  std::string commands;
  if (!subscriptions.channels.empty()) {
    commands += subscription("SUBSCRIBE", subscriptions.channels);
  }
  if (!subscriptions.patterns.empty()) {
    commands += subscription("PSUBSCRIBE", subscriptions.patterns);
  }
  auto writing = io::write_all(*stream_, bytes_of(commands));
  auto written = co_await std::move(writing);
  CO_TRY(std::move(written));
  const size_t wanted = subscriptions.channels.size() + subscriptions.patterns.size();
  while (confirmed_ < wanted) {
    auto reading = read();
    auto read_some = co_await std::move(reading);
    CO_TRY(std::move(read_some));
  }
  co_return Result<void>();
}

io::Task<Result<Message>> Subscriber::next() {
  while (messages_.empty()) {
    auto reading = read();
    auto read_some = co_await std::move(reading);
    CO_TRY(std::move(read_some));
  }
  Message message = std::move(messages_.front());
  messages_.pop_front();
  co_return message;
}

io::Task<Result<void>> Subscriber::read() {
  bool is_asked = false;
  while (true) {
    if (is_closed_) co_return Error::canceled("the subscriber is closed");
    bool is_silent = false;
    auto armed = loop_.deadlines().arm(silence_, [this, &is_silent] {
      is_silent = true;
      stream_->cancel();
    });
    auto reading = stream_->read_some(buffer_);
    auto count = co_await std::move(reading);
    armed.disarm();
    if (count && *count == 0) co_return Error::unavailable("the server closed the connection");
    if (count) {
      CO_TRY(reader_.feed(std::span(buffer_).first(*count)));
      break;
    }
    if (!is_silent || is_closed_) co_return count.take_error();
    if (is_asked) co_return Error::timeout("the server does not answer");
    is_asked = true;
    const std::string ping = encode_command({"PING"});
    const io::Piece piece = bytes_of(ping);
    auto sent = stream_->try_write(std::span(&piece, 1));
    if (!sent) co_return sent.take_error();
    // A server that does not even take these bytes has gone.
    if (*sent != ping.size()) co_return Error::timeout("the server does not read");
  }
  while (true) {
    auto reply = CO_TRY(reader_.next());
    if (!reply) co_return Result<void>();
    CO_TRY(take(std::move(*reply)));
  }
}

Result<void> Subscriber::take(Reply reply) {
  if (reply.is_error()) {
    return Error::denied(fmt::format("the server refused the subscription: {}", reply.text));
  }
  auto& parts = reply.elements;
  const bool is_event = reply.kind == Reply::Kind::Array && !parts.empty() && parts[0].is_text();
  const std::string_view event = is_event ? std::string_view(parts[0].text) : std::string_view();
  if (event == "message" && parts.size() == 3 && is_texts(parts)) {
    messages_.push_back(
        {.channel = std::move(parts[1].text), .pattern = {}, .payload = std::move(parts[2].text)});
  } else if (event == "pmessage" && parts.size() == 4 && is_texts(parts)) {
    messages_.push_back({.channel = std::move(parts[2].text),
                         .pattern = std::move(parts[1].text),
                         .payload = std::move(parts[3].text)});
  } else if (event == "subscribe" || event == "psubscribe") {
    ++confirmed_;
  } else if (event != "pong") {
    return Error::invalid_input("the server sent what is no message of a subscription");
  }
  return {};
}

void Subscriber::close() {
  is_closed_ = true;
  stream_->close();
}

}  // namespace spindle::redis
