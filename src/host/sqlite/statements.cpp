#include "host/sqlite/statements.h"

namespace spindle::host {
namespace {

SqlCounters counters_of(const GuestConnection& connection) {
  return {connection.last_insert_rowid(), connection.changes()};
}

Result<SqlResult> run_all(GuestConnection& connection, SqlStatement statement) {
  auto query = TRY(connection.prepare(statement.text, std::move(statement.parameters)));
  SqlResult result;
  result.columns = query->columns();
  TRY(query->next(result.rows, {}));
  result.counters = counters_of(connection);
  return result;
}

SqlBatch next_batch(GuestConnection& connection, Query& query) {
  SqlBatch batch;
  auto got = query.next(batch.rows, {.rows = kBatchRows, .enough_bytes = kBatchBytes});
  batch.is_ended = query.is_ended();
  if (!got.has_value()) batch.failure = got.take_error();
  batch.counters = counters_of(connection);
  return batch;
}

const SqlCounters& counters_of(const SqlResult& result) {
  return result.counters;
}
const SqlCounters& counters_of(const SqlStarted& started) {
  return started.first.counters;
}

template <typename T>
io::Task<Result<T>> finish(std::unique_ptr<SqlCall<T>> call,
                           std::shared_ptr<SqlCounters> counters) {
  co_await call->wait();
  auto result = call->take();
  if (result.has_value()) *counters = counters_of(result.value());
  co_return result;
}

}  // namespace

io::Eventual<SqlResult> execute_all(io::EventLoop& loop, const OpenConnection& connection,
                                    SqlStatement statement) {
  auto call = std::make_unique<SqlCall<SqlResult>>(
      loop, connection.session(), [statement = std::move(statement)](GuestConnection& own) mutable {
        return run_all(own, std::move(statement));
      });
  return finish(std::move(call), connection.counters);
}

io::Eventual<SqlStarted> start_rows(io::EventLoop& loop, const OpenConnection& connection,
                                    SqlStatement statement) {
  auto work = [statement = std::move(statement), session = connection.database.session.get()](
                  GuestConnection& own) mutable -> Result<SqlStarted> {
    auto query = TRY(own.prepare(statement.text, std::move(statement.parameters)));
    SqlStarted started;
    started.columns = query->columns();
    started.first = next_batch(own, *query);
    if (!query->is_ended()) started.query = QueryHandle(std::move(session), std::move(query));
    return started;
  };
  auto call = std::make_unique<SqlCall<SqlStarted>>(loop, connection.session(), std::move(work));
  return finish(std::move(call), connection.counters);
}

std::unique_ptr<BatchCall> fetch_rows(io::EventLoop& loop, const QueryHandle& query) {
  // The handle lets go of the query after the calls that were made.
  auto work = [own_query = query.query()](GuestConnection& own) -> Result<SqlBatch> {
    return next_batch(own, *own_query);
  };
  return std::make_unique<BatchCall>(loop, *query.session(), std::move(work));
}

}  // namespace spindle::host
