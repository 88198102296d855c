#pragma once

// Session: what a guest has open: one leased connection, and statements on it, one at a time.
//
// A statement that follows another waits for its turn; rows that nobody read are thrown away first.
// Everything that waits shares the session, so that a guest may drop its handle at any time.

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "component/host/stream.h"
#include "host/postgres/pool.h"

namespace spindle::host::postgres {

// What query() collects, and what a statement's parameters take.
inline constexpr size_t kResultBytesMax = size_t{128} << 20;
inline constexpr size_t kParameterBytesMax = size_t{128} << 20;
// Rows that one step of a stream gives at most: others run in between.
inline constexpr size_t kRowsPerStep = 256;

using Rows = component::Stream<api::Row>;
using End = component::Future<std::expected<void, Failure>>;
using Streamed = std::tuple<std::vector<api::Column>, Rows, End>;

struct Statement {
  std::string text;
  std::vector<WireParameter> parameters;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Lease lease, const Services& services)
      : lease_(std::move(lease)), services_(services), free_(services.loop) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  io::Task<Outcome<uint64_t>> execute(Statement statement);
  io::Task<Outcome<api::RowSet>> query(Statement statement);
  io::Task<Outcome<Streamed>> stream(Statement statement);

 private:
  class Turn;
  class RowSource;

  io::Task<void> take_turn();
  void end_turn();
  // Until the first row or the end.
  io::Task<Step> begin(Statement statement);
  io::Task<std::vector<api::Column>> columns();

  Client& client() { return lease_.client(); }

  Lease lease_;
  const Services& services_;
  io::Event free_;
  bool is_taken_ = false;
};

// The current row of a client.
Outcome<api::Row> decode_row(const Client& client, std::span<const ColumnInfo> columns);

}  // namespace spindle::host::postgres
