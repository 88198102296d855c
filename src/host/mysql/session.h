#pragma once

// Session: what a guest has open: one connection, and statements on it, one at
// a time.
//
//   Session   the guest's handle and the streams of its rows hold it; what
//   works for it in the
//             background ends with it
//   Core      the connection and whose turn it is; held by whoever uses it
//   right now
//
// Rows of a stream are read ahead by one piece. When nobody wants the rest of a
// stream, it is read and thrown away, and the next statement waits for that. A
// session that goes in the middle of a statement closes its connection and asks
// the server, by another one, to end the statement.

#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "component/host/stream.h"
#include "host/mysql/client.h"
#include "host/outbound/connection_limits.h"
#include "host/services.h"
#include "io/background_tasks.h"
#include "io/event.h"

namespace spindle::host::mysql {

// What query() collects, and what a statement with its parameters takes.
inline constexpr size_t kResultBytesMax = size_t{128} << 20;
inline constexpr size_t kStatementBytesMax = size_t{128} << 20;

using Rows = component::Stream<api::Row>;
using End = component::Future<std::expected<void, Failure>>;
using Streamed = std::tuple<std::vector<api::Column>, Rows, End>;

struct RowSet {
  std::vector<api::Column> columns;
  std::vector<api::Row> rows;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // In its turn, where `limits` count.
  static io::Task<Outcome<std::shared_ptr<Session>>> open(const Services& services,
                                                          ConnectionLimits& limits,
                                                          Address address);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  io::Task<Outcome<void>> execute(Statement statement);
  io::Task<Outcome<RowSet>> query(Statement statement);
  io::Task<Outcome<Streamed>> stream(Statement statement);

 private:
  struct Core;
  struct Flow;
  class Turn;
  class RowSource;

  explicit Session(std::shared_ptr<Core> core);
  static io::Task<void> take_turn(Core& core);
  static io::Task<void> pump(std::shared_ptr<Flow> flow, Turn turn);

  std::shared_ptr<Core> core_;
  io::BackgroundTasks tasks_;
};

}  // namespace spindle::host::mysql
