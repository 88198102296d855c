#pragma once

// spin:mysql/mysql@3.0.0, fermyon:spin/mysql@2.0.0, and the unversioned
// fermyon:spin/mysql.
//
// Works:   every function of all; the types of spin-compat: integers, floats,
// strings, bytes. Rows
//          of 3.0.0 come as the server sends them. TLS where the address asks
//          for it.
// Refused: addresses that are not in allowed_outbound_hosts, options of the
// address that are not
//          known, values of other types (DECIMAL, DATE, JSON, BIT:
//          `value-conversion-failed`), results of more than kResultBytesMax in
//          one piece.
// Differs: `caching_sha2_password` works over TLS, or where the server
// remembers the password.
//          Connections are not kept for the next instance. Of a procedure's
//          results only the first is given, as in Spin.

#include <memory>
#include <string>

#include "bindings/fermyon/spin/mysql.h"
#include "bindings/fermyon/spin_2/mysql.h"
#include "bindings/spin/mysql_3/mysql.h"
#include "host/mysql/access.h"
#include "host/mysql/resources.h"
#include "host/mysql/session.h"
#include "host/outbound/access.h"

namespace spindle::host {

namespace mysql {

namespace v2 = bindings::fermyon::spin_2;
namespace v1 = bindings::fermyon::spin;

// Opens sessions for one instance. All of it outlives the instance.
class Opener {
 public:
  Opener(const Services& services, const MysqlAccess& access, OutboundPermission& permission)
      : services_(services), access_(access), permission_(permission) {}

  io::Task<Outcome<std::shared_ptr<Session>>> open(std::string address);

 private:
  Outcome<Address> check(std::string_view address);

  const Services& services_;
  const MysqlAccess& access_;
  OutboundPermission& permission_;
};

class MysqlV3 final : public api::Host {
 public:
  explicit MysqlV3(Opener& opener) : opener_(opener) {}

  using Connection = MysqlConnectionV3;
  using Parameters = std::vector<api::ParameterValueView>;
  template <typename T>
  using Answer = io::Eventual<Outcome<T>>;

  Answer<std::unique_ptr<Connection>> connection_open(std::string_view address) override;
  Answer<Streamed> connection_query(Connection& self, std::string_view statement,
                                    const Parameters& params) override;
  Answer<void> connection_execute(Connection& self, std::string_view statement,
                                  const Parameters& params) override;

 private:
  Opener& opener_;
};

class MysqlV2 final : public v2::mysql::Host {
 public:
  explicit MysqlV2(Opener& opener) : opener_(opener) {}

  using Connection = MysqlConnectionV2;
  using Parameters = std::vector<v2::rdbms_types::ParameterValueView>;
  template <typename T>
  using Answer = io::Eventual<std::expected<T, v2::rdbms_types::Error>>;

  Answer<std::unique_ptr<Connection>> connection_open(std::string_view address) override;
  Answer<v2::rdbms_types::RowSet> connection_query(Connection& self, std::string_view statement,
                                                   const Parameters& params) override;
  Answer<void> connection_execute(Connection& self, std::string_view statement,
                                  const Parameters& params) override;

 private:
  Opener& opener_;
};

// A connection for each call.
class MysqlV1 final : public v1::mysql::Host {
 public:
  explicit MysqlV1(Opener& opener) : opener_(opener) {}

  using Parameters = std::vector<v1::rdbms_types::ParameterValueView>;
  template <typename T>
  using Answer = io::Eventual<std::expected<T, v1::mysql::MysqlError>>;

  Answer<v1::rdbms_types::RowSet> query(std::string_view address, std::string_view statement,
                                        const Parameters& params) override;
  Answer<void> execute(std::string_view address, std::string_view statement,
                       const Parameters& params) override;

 private:
  Opener& opener_;
};

}  // namespace mysql
}  // namespace spindle::host
