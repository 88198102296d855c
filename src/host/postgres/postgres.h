#pragma once

// spin:postgres/postgres@4.0 to 4.2 and @3.0.0, fermyon:spin/postgres@2.0.0, and the unversioned
// fermyon:spin/postgres.
//
// Works:   every function of all; types as spin-postgres 4.2 has them, older faces see what they do
//          not know as `unsupported` and `other`. TLS with the system's roots and those that a
//          builder was given. Rows of `query-async` come as the server sends them.
// Refused: addresses that are not in allowed_outbound_hosts (each host of several), unix sockets,
//          words of the address that name files or identities of the host (settings.h), COPY from
//          and to the client, results of more than kResultBytesMax in one piece.
// Differs: an empty result has its columns (Spin: none). Parameters keep the type that the guest
//          gave them, where the statement can use it, also if it is not exactly the inferred one.
//          An empty range is one from 0 to 0 without its bounds (Spin: an unbounded one). The
//          synchronous `build` asks for permission too.
//
// One object per instance and interface; all share an Opener.

#include <memory>
#include <string>

#include "bindings/fermyon/spin/postgres.h"
#include "bindings/fermyon/spin_2/postgres.h"
#include "bindings/spin/postgres_3/postgres.h"
#include "bindings/spin/postgres_4/postgres.h"
#include "host/outbound/access.h"
#include "host/postgres/access.h"
#include "host/postgres/resources.h"
#include "host/postgres/session.h"

namespace spindle::host {

namespace postgres {

inline constexpr size_t kCaRootBytesMax = 65'536;

// Opens sessions for one instance.
class Opener {
 public:
  // All of it outlives the instance.
  Opener(const Services& services, const PostgresAccess& access, OutboundPermission& permission)
      : services_(services), access_(access), permission_(permission) {}

  io::Task<Outcome<std::shared_ptr<Session>>> open(std::string address, std::string ca_pem);

 private:
  Outcome<std::shared_ptr<Pool>> find_pool(std::string_view address, std::string_view ca_pem);

  const Services& services_;
  const PostgresAccess& access_;
  OutboundPermission& permission_;
};

template <typename T>
using Answer = io::Eventual<Outcome<T>>;

class PostgresV4 final : public api::Host {
 public:
  explicit PostgresV4(Opener& opener) : opener_(opener) {}

  using Builder = PostgresBuilder;
  using Connection = PostgresConnectionV4;
  using Parameters = std::vector<api::ParameterValueView>;

  Result<std::unique_ptr<Builder>> connection_builder_new(std::string_view address) override;
  Result<Outcome<void>> connection_builder_set_ca_root(Builder& self,
                                                       std::string_view certificate) override;
  Answer<std::unique_ptr<Connection>> connection_builder_build(Builder& self) override;
  Answer<std::unique_ptr<Connection>> connection_builder_build_async(Builder& self) override;
  Answer<std::unique_ptr<Connection>> connection_open(std::string_view address) override;
  Answer<std::unique_ptr<Connection>> connection_open_async(std::string_view address) override;
  Answer<api::RowSet> connection_query(Connection& self, std::string_view statement,
                                       const Parameters& params) override;
  Answer<Streamed> connection_query_async(Connection& self, std::string_view statement,
                                          const Parameters& params) override;
  Answer<uint64_t> connection_execute(Connection& self, std::string_view statement,
                                      const Parameters& params) override;
  Answer<uint64_t> connection_execute_async(Connection& self, std::string_view statement,
                                            const Parameters& params) override;

 private:
  Opener& opener_;
};

namespace v3 = bindings::spin::postgres_3::postgres;
namespace v2 = bindings::fermyon::spin_2;
namespace v1 = bindings::fermyon::spin;

class PostgresV3 final : public v3::Host {
 public:
  explicit PostgresV3(Opener& opener) : opener_(opener) {}

  using Connection = PostgresConnectionV3;
  using Parameters = std::vector<v3::ParameterValueView>;
  template <typename T>
  using Older = io::Eventual<std::expected<T, v3::Error>>;

  Older<std::unique_ptr<Connection>> connection_open(std::string_view address) override;
  Older<v3::RowSet> connection_query(Connection& self, std::string_view statement,
                                     const Parameters& params) override;
  Older<uint64_t> connection_execute(Connection& self, std::string_view statement,
                                     const Parameters& params) override;

 private:
  Opener& opener_;
};

class PostgresV2 final : public v2::postgres::Host {
 public:
  explicit PostgresV2(Opener& opener) : opener_(opener) {}

  using Connection = PostgresConnectionV2;
  using Parameters = std::vector<v2::rdbms_types::ParameterValueView>;
  template <typename T>
  using Older = io::Eventual<std::expected<T, v2::rdbms_types::Error>>;

  Older<std::unique_ptr<Connection>> connection_open(std::string_view address) override;
  Older<v2::rdbms_types::RowSet> connection_query(Connection& self, std::string_view statement,
                                                  const Parameters& params) override;
  Older<uint64_t> connection_execute(Connection& self, std::string_view statement,
                                     const Parameters& params) override;

 private:
  Opener& opener_;
};

// A connection for each call.
class PostgresV1 final : public v1::postgres::Host {
 public:
  explicit PostgresV1(Opener& opener) : opener_(opener) {}

  using Parameters = std::vector<v1::rdbms_types::ParameterValueView>;
  template <typename T>
  using Older = io::Eventual<std::expected<T, v1::postgres::PgError>>;

  Older<v1::rdbms_types::RowSet> query(std::string_view address, std::string_view statement,
                                       const Parameters& params) override;
  Older<uint64_t> execute(std::string_view address, std::string_view statement,
                          const Parameters& params) override;

 private:
  Opener& opener_;
};

}  // namespace postgres
}  // namespace spindle::host
