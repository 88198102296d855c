#pragma once

// Client: one connection to a PostgreSQL server, driven by the loop that it is attached to (libpq's
// asynchronous calls; only client.cpp sees libpq's connections).
//
//   auto client = co_await Client::connect(loop, target);       // Outcome<unique_ptr<Client>>
//   client->send(statement, parameters);
//   while (co_await client->next() == Step::Row) client->field(0) ...
//   client->outcome();                                          // rows affected, or what failed
//
// One statement at a time. A statement is one round trip: its rows come one by one, as the socket
// brings them, so that a slow reader holds the server back. A client that is not is_idle() is of no
// use to others. Destroying one in the middle of a statement asks the server to cancel it.

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/outbound/connection_limits.h"
#include "host/postgres/settings.h"
#include "host/postgres/values.h"
#include "io/blocking_pool.h"
#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::host::postgres {

// A failure that the guest sees.
using Failure = api::Error;
template <typename T>
using Outcome = std::expected<T, Failure>;

inline constexpr unsigned kConnectSeconds = 30;

inline Failure connection_failed(std::string why) {
  return {Failure::ConnectionFailed{std::move(why)}};
}
inline Failure other_failure(std::string why) {
  return {Failure::Other{std::move(why)}};
}

// The certificates to trust, as a file that exists only in memory: libpq takes no other form.
class TrustedRoots {
 public:
  // The system's, and `extra_pem` beside them.
  static Result<std::shared_ptr<const TrustedRoots>> create(std::string_view extra_pem);
  ~TrustedRoots();
  TrustedRoots(const TrustedRoots&) = delete;
  TrustedRoots& operator=(const TrustedRoots&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit TrustedRoots(int fd);
  int fd_;
  std::string path_;
};

// One attempt: an address that was checked, and the name that its certificate must have.
struct Target {
  std::string host;
  io::Endpoint endpoint;
  const Settings* settings;
  const TrustedRoots* roots;
};

enum class Step : uint8_t {
  Row,
  Done,
  // ready(), then again.
  Wait,
};

struct ColumnInfo {
  std::string name;
  uint32_t type;
};

class Client {
 public:
  // `cancels` runs requests to cancel, which block.
  static io::Task<Outcome<std::unique_ptr<Client>>> connect(io::EventLoop& loop, Target target,
                                                            io::BlockingPool& cancels);
  virtual ~Client() = default;

  // A client rests without a loop, and may be attached to another one.
  virtual Result<void> attach(io::EventLoop& loop) = 0;
  virtual void detach() = 0;
  // Nothing is under way, not even a transaction.
  virtual bool is_idle() const = 0;

  // The client is idle or in a transaction.
  virtual void send(const std::string& statement, std::vector<WireParameter> parameters) = 0;
  virtual Step step() = 0;
  // Until a step has something to do.
  virtual io::Task<void> ready() = 0;
  io::Task<Step> next();

  // Of the statement; known from its first row, or its end.
  virtual std::vector<ColumnInfo> columns() const = 0;
  // Of the current row; nothing for NULL.
  virtual std::optional<std::span<const uint8_t>> field(size_t column) const = 0;
  // After Done: the rows affected.
  virtual Outcome<uint64_t> outcome() const = 0;

  // Given back when the connection is closed.
  void hold(ConnectionLimits::Permit permit) { permit_ = std::move(permit); }

 private:
  ConnectionLimits::Permit permit_;
};

}  // namespace spindle::host::postgres
