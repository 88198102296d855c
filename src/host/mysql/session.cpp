#include "host/mysql/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/cancel.h"
#include "wasi/core/http/outbound.h"

namespace spindle::host::mysql {
namespace {

constexpr auto kEndingTime = std::chrono::seconds(10);

size_t size_of(const api::Row& row) {
  size_t size = row.size() * sizeof(api::DbValue);
  for (const auto& value : row) {
    if (const auto* text = std::get_if<api::DbValue::Str>(&value.value)) size += text->value.size();
    if (const auto* bytes = std::get_if<api::DbValue::Binary>(&value.value))
      size += bytes->value.size();
  }
  return size;
}

io::Task<Outcome<std::unique_ptr<Client>>> connect(const Services& services, Address address) {
  auto resolving = services.dialer->resolve(address.host, address.port);
  const auto endpoints = co_await std::move(resolving);
  if (!endpoints) co_return std::unexpected(connection_failed(endpoints.error().to_string()));
  Failure last = connection_failed("no address to connect to");
  for (const auto& endpoint : *endpoints) {
    auto connecting = Client::connect(services.loop, address, endpoint);
    auto client = co_await std::move(connecting);
    if (client) co_return std::move(client);
    last = std::move(client).error();
  }
  co_return std::unexpected(std::move(last));
}

// Nobody hears how it ends.
io::Task<Result<void>> end_statement(const Services& services, Address address, uint32_t id) {
  auto connecting = connect(services, std::move(address));
  const auto client = co_await std::move(connecting);
  if (!client) co_return Error::unavailable("cannot connect");
  Statement kill{.text = fmt::format("KILL QUERY {}", id), .parameters = {}};
  auto beginning = (*client)->begin(std::move(kill));
  const auto begun = co_await std::move(beginning);
  if (!begun) co_return Error::unavailable("refused");
  co_return Result<void>();
}

io::Task<void> end_statement_in_time(const Services& services, Address address, uint32_t id) {
  auto ending = io::with_deadline(services.loop, kEndingTime, "ending a statement",
                                  end_statement(services, std::move(address), id));
  const auto ignored = co_await std::move(ending);
  (void)ignored;
}

}  // namespace

struct Session::Core {
  Core(const Services& its_services, ConnectionLimits::Permit its_permit, Address its_address,
       std::unique_ptr<Client> its_client)
      : services(its_services),
        permit(std::move(its_permit)),
        address(std::move(its_address)),
        client(std::move(its_client)),
        free(services.loop) {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core() {
    const auto id = client->id();
    const bool is_busy = !client->is_idle();
    client.reset();
    if (!is_busy || !id || services.outbound == nullptr) return;
    services.outbound->tasks.spawn(end_statement_in_time(services, std::move(address), *id));
  }

  const Services& services;
  ConnectionLimits::Permit permit;
  Address address;
  std::unique_ptr<Client> client;
  io::Event free;
  bool is_taken = false;
};

// Ends with its owner, whatever happens to him.
class Session::Turn {
 public:
  explicit Turn(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  Turn(Turn&&) noexcept = default;
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (!core_) return;
    core_->is_taken = false;
    core_->free.set();
  }
  Client& client() const { return *core_->client; }

 private:
  std::shared_ptr<Core> core_;
};

// Between what reads from the server and the stream of the guest.
struct Session::Flow {
  using Told = component::Promise<std::expected<void, Failure>>;

  Flow(io::EventLoop& loop, Told promise) : told(std::move(promise)), filled(loop), emptied(loop) {}

  std::vector<api::Row> rows;
  size_t given = 0;
  bool is_ended = false;
  bool is_unwanted = false;
  std::expected<void, Failure> outcome;
  Told told;
  io::Event filled;
  io::Event emptied;
};

class Session::RowSource final : public component::StreamSource<api::Row> {
 public:
  RowSource(std::shared_ptr<Session> session, std::shared_ptr<Flow> flow)
      : session_(std::move(session)), flow_(std::move(flow)) {}
  ~RowSource() override {
    flow_->is_unwanted = true;
    flow_->emptied.set();
    if (flow_->told.is_pending()) flow_->told.set({});
  }

  component::StreamStep read(std::span<api::Row> out) override {
    Flow& flow = *flow_;
    const size_t count = std::min(out.size(), flow.rows.size() - flow.given);
    const auto from = flow.rows.begin() + static_cast<ptrdiff_t>(flow.given);
    std::move(from, from + static_cast<ptrdiff_t>(count), out.begin());
    flow.given += count;
    if (flow.given < flow.rows.size()) return {count, false};
    if (flow.is_ended) {
      flow.told.set(std::move(flow.outcome));
      return {count, true};
    }
    flow.rows.clear();
    flow.given = 0;
    flow.filled.reset();
    flow.emptied.set();
    return {count, false};
  }

  io::Task<void> ready() override {
    auto waiting = flow_->filled.wait();
    co_await std::move(waiting);
  }

 private:
  std::shared_ptr<Session> session_;
  std::shared_ptr<Flow> flow_;
};

Session::Session(std::shared_ptr<Core> core)
    : core_(std::move(core)), tasks_(core_->services.loop) {}

io::Task<Outcome<std::shared_ptr<Session>>> Session::open(const Services& services,
                                                          ConnectionLimits& limits,
                                                          Address address) {
  auto waiting = limits.take(ConnectionKind::Mysql, services.loop);
  auto permit = co_await std::move(waiting);
  if (!permit) co_return std::unexpected(connection_failed(permit.error().to_string()));
  auto connecting = connect(services, address);
  auto client = co_await std::move(connecting);
  if (!client) co_return std::unexpected(std::move(client).error());
  auto core =
      std::make_shared<Core>(services, permit.take_value(), std::move(address), *std::move(client));
  co_return std::shared_ptr<Session>(new Session(std::move(core)));
}

io::Task<void> Session::take_turn(Core& core) {
  while (core.is_taken) {
    core.free.reset();
    auto waiting = core.free.wait();
    co_await std::move(waiting);
  }
  core.is_taken = true;
}

io::Task<Outcome<void>> Session::execute(Statement statement) {
  const auto core = core_;
  auto waiting = take_turn(*core);
  co_await std::move(waiting);
  const Turn turn(core);
  auto beginning = core->client->begin(std::move(statement));
  auto begun = co_await std::move(beginning);
  while (begun) {
    auto reading = core->client->read();
    const auto rows = co_await std::move(reading);
    if (!rows) co_return std::unexpected(rows.error());
    if (rows->empty()) break;
  }
  co_return begun;
}

io::Task<Outcome<RowSet>> Session::query(Statement statement) {
  const auto core = core_;
  auto waiting = take_turn(*core);
  co_await std::move(waiting);
  const Turn turn(core);
  auto beginning = core->client->begin(std::move(statement));
  const auto begun = co_await std::move(beginning);
  if (!begun) co_return std::unexpected(begun.error());
  RowSet set{.columns = core->client->columns(), .rows = {}};
  size_t size = 0;
  while (true) {
    auto reading = core->client->read();
    auto rows = co_await std::move(reading);
    if (!rows) co_return std::unexpected(std::move(rows).error());
    if (rows->empty()) co_return set;
    for (auto& row : *rows) {
      size += size_of(row);
      set.rows.push_back(std::move(row));
    }
    if (size > kResultBytesMax)
      co_return std::unexpected(
          other_failure(fmt::format("the result is larger than {} bytes", kResultBytesMax)));
  }
}

io::Task<void> Session::pump(std::shared_ptr<Flow> flow, Turn turn) {
  while (true) {
    auto reading = turn.client().read();
    auto rows = co_await std::move(reading);
    flow->is_ended = !rows || rows->empty();
    if (!rows) flow->outcome = std::unexpected(std::move(rows).error());
    if (rows && !flow->is_unwanted) flow->rows = *std::move(rows);
    flow->emptied.reset();
    flow->filled.set();
    if (flow->is_ended) co_return;
    if (flow->is_unwanted) continue;
    auto waiting = flow->emptied.wait();
    co_await std::move(waiting);
  }
}

io::Task<Outcome<Streamed>> Session::stream(Statement statement) {
  const auto self = shared_from_this();
  const auto core = core_;
  auto waiting = take_turn(*core);
  co_await std::move(waiting);
  Turn turn(core);
  auto beginning = core->client->begin(std::move(statement));
  const auto begun = co_await std::move(beginning);
  if (!begun) co_return std::unexpected(begun.error());
  auto columns = core->client->columns();
  io::EventLoop& loop = core->services.loop;
  auto [told, future] = component::make_future<std::expected<void, Failure>>(loop);
  auto flow = std::make_shared<Flow>(loop, std::move(told));
  tasks_.spawn(pump(flow, std::move(turn)));
  auto source = std::make_unique<RowSource>(self, std::move(flow));
  co_return Streamed(std::move(columns), Rows(std::move(source)), std::move(future));
}

}  // namespace spindle::host::mysql
