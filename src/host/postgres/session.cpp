#include "host/postgres/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/postgres/types.h"

namespace spindle::host::postgres {
namespace {

Failure conversion_failed(std::string why) {
  return {Failure::ValueConversionFailed{std::move(why)}};
}

size_t size_of(const Client& client, size_t column_count) {
  size_t size = 0;
  for (size_t i = 0; i < column_count; ++i) {
    const auto field = client.field(i);
    size += sizeof(api::DbValue) + (field ? field->size() : 0);
  }
  return size;
}

// Names of types that users defined, asked for on a connection of its own: the session's is in the
// middle of a statement.
io::Task<Outcome<void>> look_up(Client& client, std::vector<api::Column>& columns,
                                std::span<const ColumnInfo> infos) {
  for (size_t i = 0; i < columns.size(); ++i) {
    auto* other = std::get_if<api::DbDataType::Other>(&columns[i].data_type.value);
    if (other == nullptr || !other->value.empty()) continue;
    client.send(
        fmt::format("SELECT typname::text FROM pg_catalog.pg_type WHERE oid = {}", infos[i].type),
        {});
    Step step = Step::Wait;
    while (step != Step::Done) {
      auto stepping = client.next();
      step = co_await std::move(stepping);
      if (step != Step::Row) continue;
      const auto name = client.field(0);
      if (name) other->value.assign(name->begin(), name->end());
    }
    if (const auto outcome = client.outcome(); !outcome) co_return std::unexpected(outcome.error());
  }
  co_return Outcome<void>();
}

}  // namespace

Outcome<api::Row> decode_row(const Client& client, std::span<const ColumnInfo> columns) {
  api::Row row;
  row.reserve(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto field = client.field(i);
    if (!field) {
      row.push_back({api::DbValue::DbNull{}});
      continue;
    }
    auto value = decode_value(columns[i].type, *field);
    if (!value) {
      return std::unexpected(conversion_failed(
          fmt::format("column `{}`: {}", columns[i].name, value.error().to_string())));
    }
    row.push_back(value.take_value());
  }
  return row;
}

// Ends with its owner, whatever happens to him.
class Session::Turn {
 public:
  explicit Turn(std::shared_ptr<Session> session) : session_(std::move(session)) {}
  Turn(Turn&&) noexcept = default;
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (session_) session_->end_turn();
  }
  Session& session() const { return *session_; }

 private:
  std::shared_ptr<Session> session_;
};

// The rows of a statement, as the server sends them.
class Session::RowSource final : public component::StreamSource<api::Row> {
 public:
  using Told = component::Promise<std::expected<void, Failure>>;

  RowSource(Turn turn, std::vector<ColumnInfo> columns, Told told)
      : turn_(std::move(turn)), columns_(std::move(columns)), told_(std::move(told)) {}
  ~RowSource() override {
    if (told_.is_pending()) told_.set({});
  }

  component::StreamStep read(std::span<api::Row> out) override {
    out = out.first(std::min(out.size(), kRowsPerStep));
    size_t count = 0;
    while (count < out.size()) {
      if (!has_row_) {
        const Step step = client().step();
        if (step == Step::Wait) break;
        if (step == Step::Done) return end(count, without_value(client().outcome()));
      }
      has_row_ = false;
      auto row = decode_row(client(), columns_);
      if (!row) return end(count, std::unexpected(std::move(row).error()));
      out[count] = *std::move(row);
      ++count;
    }
    return {count, false};
  }

  io::Task<void> ready() override {
    if (has_row_) co_return;
    auto waiting = client().ready();
    co_await std::move(waiting);
  }

 private:
  Client& client() const { return turn_.session().client(); }
  static std::expected<void, Failure> without_value(Outcome<uint64_t> outcome) {
    if (!outcome) return std::unexpected(std::move(outcome).error());
    return {};
  }
  component::StreamStep end(size_t count, std::expected<void, Failure> outcome) {
    told_.set(std::move(outcome));
    return {count, true};
  }

  Turn turn_;
  std::vector<ColumnInfo> columns_;
  Told told_;
  // The first one came before the stream was made.
  bool has_row_ = true;
};

io::Task<void> Session::take_turn() {
  while (is_taken_) {
    free_.reset();
    auto waiting = free_.wait();
    co_await std::move(waiting);
  }
  is_taken_ = true;
}

void Session::end_turn() {
  is_taken_ = false;
  free_.set();
}

io::Task<Step> Session::begin(Statement statement) {
  // What is left of a statement whose rows nobody wanted.
  Step step = client().step();
  while (step != Step::Done) {
    auto stepping = client().next();
    step = co_await std::move(stepping);
  }
  client().send(statement.text, std::move(statement.parameters));
  auto stepping = client().next();
  step = co_await std::move(stepping);
  co_return step;
}

io::Task<std::vector<api::Column>> Session::columns() {
  const auto infos = client().columns();
  std::vector<api::Column> columns;
  bool is_complete = true;
  for (const auto& info : infos) {
    columns.push_back({info.name, data_type_of(info.type)});
    const auto* other = std::get_if<api::DbDataType::Other>(&columns.back().data_type.value);
    if (other != nullptr && other->value.empty()) is_complete = false;
  }
  if (is_complete) co_return columns;
  auto connecting = lease_.pool().connect_aside(services_);
  auto second = co_await std::move(connecting);
  // A name is for people; the values are there without it.
  if (!second) co_return columns;
  auto looking = look_up(**second, columns, infos);
  co_await std::move(looking);
  co_return columns;
}

io::Task<Outcome<uint64_t>> Session::execute(Statement statement) {
  const auto self = shared_from_this();
  auto waiting = take_turn();
  co_await std::move(waiting);
  const Turn turn(self);
  auto beginning = begin(std::move(statement));
  Step step = co_await std::move(beginning);
  while (step != Step::Done) {
    auto stepping = client().next();
    step = co_await std::move(stepping);
  }
  co_return client().outcome();
}

io::Task<Outcome<api::RowSet>> Session::query(Statement statement) {
  const auto self = shared_from_this();
  auto waiting = take_turn();
  co_await std::move(waiting);
  const Turn turn(self);
  auto beginning = begin(std::move(statement));
  Step step = co_await std::move(beginning);
  api::RowSet set;
  const auto infos = client().columns();
  size_t size = 0;
  for (size_t count = 1; step == Step::Row; ++count) {
    size += size_of(client(), infos.size());
    if (size > kResultBytesMax)
      co_return std::unexpected(
          other_failure(fmt::format("the result is larger than {} bytes", kResultBytesMax)));
    auto row = decode_row(client(), infos);
    if (!row) co_return std::unexpected(std::move(row).error());
    set.rows.push_back(*std::move(row));
    if (count % kRowsPerStep == 0) {
      auto yielding = io::yield(services_.loop);
      co_await std::move(yielding);
    }
    auto stepping = client().next();
    step = co_await std::move(stepping);
  }
  if (const auto outcome = client().outcome(); !outcome) co_return std::unexpected(outcome.error());
  auto naming = columns();
  set.columns = co_await std::move(naming);
  co_return set;
}

io::Task<Outcome<Streamed>> Session::stream(Statement statement) {
  const auto self = shared_from_this();
  auto waiting = take_turn();
  co_await std::move(waiting);
  Turn turn(self);
  auto beginning = begin(std::move(statement));
  const Step step = co_await std::move(beginning);
  if (step == Step::Done) {
    if (const auto outcome = client().outcome(); !outcome)
      co_return std::unexpected(outcome.error());
  }
  auto naming = columns();
  auto columns = co_await std::move(naming);
  if (step == Step::Done) co_return Streamed(std::move(columns), Rows(), End::of({}));
  auto [told, future] = component::make_future<std::expected<void, Failure>>(services_.loop);
  auto source = std::make_unique<RowSource>(std::move(turn), client().columns(), std::move(told));
  co_return Streamed(std::move(columns), Rows(std::move(source)), std::move(future));
}

}  // namespace spindle::host::postgres
