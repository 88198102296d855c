#pragma once

// The rows of a statement as a stream for guests, and the future that says how it ended.
//
// A batch is fetched when the guest waits and nothing is left of the one before; it belongs to the
// stream, not to the wait, which may be given up and begun again. The end of the stream, or its
// drop, lets go of the statement and of its lock on the file; a stream that is dropped early did
// not fail.

#include <memory>

#include "bindings/spin/sqlite_3/sqlite.h"
#include "host/sqlite/statements.h"

namespace spindle::host {

struct RowStream {
  using Failure = bindings::spin::sqlite_3::sqlite::Error;
  component::Stream<bindings::spin::sqlite_3::sqlite::RowResult> rows;
  component::Future<std::expected<void, Failure>> outcome;
};

RowStream stream_rows(io::EventLoop& loop, SqlStarted started,
                      std::shared_ptr<SqlCounters> counters);
// Of a statement that failed before it had rows.
RowStream no_rows(const Error& failure);

}  // namespace spindle::host
