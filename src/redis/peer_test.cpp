#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "redis/test_peer.h"

// The scripted server of test_peer.h.

namespace spindle::redis {

struct TestPeer::State {
  std::unique_ptr<io::ByteStream> stream;
  ReplyReader reader;
  std::string heard;
  std::deque<std::vector<std::string>> asked;
  std::deque<std::string> replies;
  Script script;
  std::string outgoing;
  bool is_sending = false;

  // What can be answered now.
  void prepare() {
    while (!asked.empty()) {
      if (script) {
        outgoing += script(asked.front());
      } else if (!replies.empty()) {
        outgoing += replies.front();
        replies.pop_front();
      } else {
        return;
      }
      asked.pop_front();
    }
  }
};

TestPeer::TestPeer(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream)
    : state_(std::make_shared<State>()), tasks_(loop) {
  state_->stream = std::move(stream);
  tasks_.spawn(serve(state_));
}

TestPeer::~TestPeer() {
  state_->stream->close();
}

void TestPeer::answer(std::vector<std::string> replies) {
  std::ranges::move(replies, std::back_inserter(state_->replies));
  say({});
}

void TestPeer::answer_each(Script script) {
  state_->script = std::move(script);
  say({});
}

void TestPeer::say(std::string text) {
  state_->outgoing += text;
  tasks_.spawn(send(state_));
}

void TestPeer::close() {
  state_->stream->close();
}

std::string TestPeer::heard() const {
  return state_->heard;
}

io::Task<void> TestPeer::send(std::shared_ptr<State> state) {
  if (state->is_sending) co_return;
  state->is_sending = true;
  state->prepare();
  while (!state->outgoing.empty()) {
    const std::string text = std::exchange(state->outgoing, {});
    const io::Piece piece(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    auto writing = io::write_all(*state->stream, piece);
    auto written = co_await std::move(writing);
    if (!written) break;
    state->prepare();
  }
  state->is_sending = false;
}

io::Task<void> TestPeer::serve(std::shared_ptr<State> state) {
  std::array<uint8_t, 4096> buffer;
  while (true) {
    auto reading = state->stream->read_some(buffer);
    auto count = co_await std::move(reading);
    if (!count || *count == 0) co_return;
    const auto bytes = std::span(buffer).first(*count);
    state->heard.append(bytes.begin(), bytes.end());
    if (!state->reader.feed(bytes)) co_return;
    while (true) {
      auto command = state->reader.next();
      if (!command || !*command) break;
      auto& words = state->asked.emplace_back();
      for (const auto& word : (*command)->elements) words.push_back(word.text);
    }
    // Commands that come while this writes are answered by the same round.
    auto sending = send(state);
    co_await std::move(sending);
  }
}

}  // namespace spindle::redis
