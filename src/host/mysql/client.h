#pragma once

// Client: one connection to a MySQL or MariaDB server. Boost.MySQL does the
// work and is seen by client.cpp only.
//
//   auto client = co_await Client::connect(loop, address, endpoint);
//   co_await client->begin(statement);         // columns() are known
//   co_await client->read();                   // rows in pieces; none: the end
//
// A statement without parameters goes as text, one with them is prepared. A
// wait that is canceled leaves the client broken; is_idle() tells.

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings/spin/mysql_3/mysql.h"
#include "host/mysql/address.h"
#include "io/event_loop.h"
#include "io/stream.h"

namespace spindle::host::mysql {

// The types of spin:mysql@3.0.0 are this folder's own.
namespace api = bindings::spin::mysql_3::mysql;

using Failure = api::Error;
template <typename T>
using Outcome = std::expected<T, Failure>;

inline constexpr unsigned kConnectSeconds = 30;
// The largest message of the server that is taken: a row, or a part of one.
inline constexpr size_t kMessageBytesMax = size_t{64} << 20;

inline Failure connection_failed(std::string why) {
  return {Failure::ConnectionFailed{std::move(why)}};
}
inline Failure other_failure(std::string why) {
  return {Failure::Other{std::move(why)}};
}

struct Statement {
  std::string text;
  std::vector<api::ParameterValue> parameters;
};

class Client {
 public:
  // To `endpoint`, an address of the host that was checked.
  static io::Task<Outcome<std::unique_ptr<Client>>> connect(io::EventLoop& loop, Address address,
                                                            io::Endpoint endpoint);
  virtual ~Client() = default;

  virtual io::Task<Outcome<void>> begin(Statement statement) = 0;
  virtual std::vector<api::Column> columns() const = 0;
  virtual io::Task<Outcome<std::vector<api::Row>>> read() = 0;
  // No statement is under way, and none broke off.
  virtual bool is_idle() const = 0;
  // What the server calls this connection.
  virtual std::optional<uint32_t> id() const = 0;
};

}  // namespace spindle::host::mysql
