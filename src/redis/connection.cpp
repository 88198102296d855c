#include "redis/connection.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <utility>
#include <vector>

#include "base/verify.h"
#include "redis/command.h"
#include "redis/limits.h"
#include "redis/reply_reader.h"

namespace spindle::redis {
namespace {

// Read at a time.
constexpr size_t kBufferBytes = size_t{16} << 10;

}  // namespace

struct Connection::Waiter {
  explicit Waiter(io::EventLoop& loop) : done(loop) {}
  io::Event done;
  std::optional<Result<Reply>> reply;
};

// Shared with the tasks that read and write.
struct Connection::State {
  State(io::EventLoop& loop_of, std::unique_ptr<io::ByteStream> stream_of)
      : loop(loop_of), stream(std::move(stream_of)) {}

  void fail(const Error& error) {
    if (failure) return;
    failure = error;
    for (auto& waiter : std::exchange(waiting, {})) {
      waiter->reply.emplace(error);
      waiter->done.set();
    }
    outgoing.clear();
    sent = 0;
    stream->close();
  }

  Result<void> take(std::span<const uint8_t> bytes) {
    TRY(reader.feed(bytes));
    while (true) {
      auto reply = TRY(reader.next());
      if (!reply) return {};
      using Kind = Reply::Kind;
      if (reply->kind == Kind::Push || reply->kind == Kind::Attribute) continue;
      if (waiting.empty()) return Error::invalid_input("the server answered more than was asked");
      auto waiter = std::move(waiting.front());
      waiting.pop_front();
      waiter->reply.emplace(std::move(*reply));
      waiter->done.set();
    }
  }

  io::EventLoop& loop;
  std::unique_ptr<io::ByteStream> stream;
  ReplyReader reader;
  std::deque<std::shared_ptr<Waiter>> waiting;
  std::string outgoing;
  size_t sent = 0;
  std::optional<Error> failure;
  bool is_reading = false;
  bool is_writing = false;
  std::array<uint8_t, kBufferBytes> buffer;
};

Connection::Connection(io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream)
    : state_(std::make_shared<State>(loop, std::move(stream))), tasks_(loop) {}

Connection::~Connection() {
  if (state_->stream) state_->fail(Error::canceled("the Redis connection was given up"));
}

io::Task<Result<std::unique_ptr<Connection>>> Connection::open(
    io::EventLoop& loop, std::unique_ptr<io::ByteStream> stream, Login login) {
  std::unique_ptr<Connection> connection(new Connection(loop, std::move(stream)));
  auto logging_in = connection->log_in(std::move(login));
  auto logged_in = co_await std::move(logging_in);
  CO_TRY(std::move(logged_in));
  co_return connection;
}

std::vector<std::string> login_commands(const Login& login) {
  std::vector<std::string> commands;
  if (!login.user.empty()) {
    commands.push_back(encode_command({"AUTH", login.user, login.password}));
  } else if (!login.password.empty()) {
    commands.push_back(encode_command({"AUTH", login.password}));
  }
  if (login.database != 0) {
    commands.push_back(encode_command({"SELECT", fmt::format("{}", login.database)}));
  }
  return commands;
}

io::Task<Result<void>> Connection::log_in(Login login) {
  for (auto& command : login_commands(login)) {
    auto asking = ask(std::move(command));
    const Reply reply = CO_TRY(co_await std::move(asking));
    if (!reply.is_ok()) {
      co_return Error::denied(fmt::format("the Redis server refused the login: {}", reply.text));
    }
  }
  co_return Result<void>();
}

Result<Connection::Ticket> Connection::send(std::string command) {
  State& state = *state_;
  if (state.failure) return *state.failure;
  if (state.waiting.size() >= kPipelinedMax) {
    return Error::limit_exceeded(fmt::format(
        "{} commands wait for replies of the Redis server, no more are allowed", kPipelinedMax));
  }
  if (state.outgoing.size() - state.sent + command.size() > kOutgoingBytesMax) {
    return Error::limit_exceeded(
        fmt::format("more than {} bytes wait to be sent to the Redis server", kOutgoingBytesMax));
  }
  auto waiter = std::make_shared<Waiter>(state.loop);
  state.waiting.push_back(waiter);
  if (state.outgoing.empty()) {
    state.outgoing = std::move(command);
  } else {
    state.outgoing += command;
  }
  if (!state.is_writing) flush(state_);
  if (state.failure) return Ticket(std::move(waiter));
  if (!state.outgoing.empty() && !state.is_writing) {
    state.is_writing = true;
    tasks_.spawn(write_rest(state_));
  }
  if (!state.is_reading) {
    state.is_reading = true;
    tasks_.spawn(read_replies(state_));
  }
  return Ticket(std::move(waiter));
}

// What the stream takes now.
void Connection::flush(const std::shared_ptr<State>& state) {
  while (state->sent < state->outgoing.size()) {
    const io::Piece rest(reinterpret_cast<const uint8_t*>(state->outgoing.data()) + state->sent,
                         state->outgoing.size() - state->sent);
    auto written = state->stream->try_write(std::span(&rest, 1));
    if (!written) return state->fail(written.error());
    if (*written == 0) return;
    state->sent += *written;
  }
  state->outgoing.clear();
  state->sent = 0;
}

io::Task<void> Connection::write_rest(std::shared_ptr<State> state) {
  while (!state->failure && !state->outgoing.empty()) {
    auto waiting = state->stream->writable();
    auto writable = co_await std::move(waiting);
    if (!writable) {
      state->fail(writable.error());
      break;
    }
    if (!state->failure) flush(state);
  }
  state->is_writing = false;
}

io::Task<void> Connection::read_replies(std::shared_ptr<State> state) {
  while (!state->failure && !state->waiting.empty()) {
    auto reading = state->stream->read_some(state->buffer);
    auto count = co_await std::move(reading);
    if (state->failure) break;
    if (!count) {
      state->fail(count.error());
    } else if (*count == 0) {
      state->fail(Error::unavailable("the Redis server closed the connection"));
    } else {
      auto taken = state->take(std::span(state->buffer).first(*count));
      if (!taken) state->fail(taken.error());
    }
  }
  state->is_reading = false;
}

io::Task<Result<Reply>> Connection::ask(std::string command) {
  auto ticket = send(std::move(command));
  if (!ticket) co_return ticket.take_error();
  auto waiting = std::move(*ticket).reply();
  auto reply = co_await std::move(waiting);
  co_return reply;
}

io::Task<Result<Reply>> Connection::Ticket::reply() && {
  return wait(std::move(waiter_));
}

io::Task<Result<Reply>> Connection::Ticket::wait(std::shared_ptr<Waiter> waiter) {
  while (!waiter->reply) {
    auto done = waiter->done.wait();
    co_await std::move(done);
  }
  co_return std::move(*waiter->reply);
}

bool Connection::is_healthy() const {
  return !state_->failure;
}

size_t Connection::waiting() const {
  return state_->waiting.size();
}

bool Connection::is_quiet() {
  State& state = *state_;
  if (state.failure || !state.waiting.empty() || state.is_reading || state.is_writing) return false;
  auto step = state.stream->try_read(std::span(state.buffer).first(1));
  return step.has_value() && step->count == 0 && !step->is_ended;
}

std::unique_ptr<io::ByteStream> Connection::take_stream() && {
  VERIFY(state_->waiting.empty() && !state_->failure);
  return std::move(state_->stream);
}

}  // namespace spindle::redis
