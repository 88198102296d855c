#pragma once

// The resources of spin:postgres and fermyon:spin/postgres: an open connection, one class per
// interface (handles of one are not handles of another), and the builder of connections.

#include <memory>
#include <string>

#include "component/host/resource.h"

namespace spindle::host {

namespace postgres {
class Session;
}

class PostgresConnection : public component::HostResource {
 public:
  postgres::Session& session() const { return *session_; }

 protected:
  explicit PostgresConnection(std::shared_ptr<postgres::Session> session)
      : session_(std::move(session)) {}

 private:
  std::shared_ptr<postgres::Session> session_;
};

// Of spin:postgres@4.
class PostgresConnectionV4 final : public PostgresConnection {
 public:
  explicit PostgresConnectionV4(std::shared_ptr<postgres::Session> session)
      : PostgresConnection(std::move(session)) {}
};

// Of spin:postgres@3.
class PostgresConnectionV3 final : public PostgresConnection {
 public:
  explicit PostgresConnectionV3(std::shared_ptr<postgres::Session> session)
      : PostgresConnection(std::move(session)) {}
};

// Of fermyon:spin@2.0.0.
class PostgresConnectionV2 final : public PostgresConnection {
 public:
  explicit PostgresConnectionV2(std::shared_ptr<postgres::Session> session)
      : PostgresConnection(std::move(session)) {}
};

// Of spin:postgres@4.
class PostgresBuilder final : public component::HostResource {
 public:
  explicit PostgresBuilder(std::string address) : address_(std::move(address)) {}

  const std::string& address() const { return address_; }
  const std::string& ca_pem() const { return ca_pem_; }
  void set_ca_pem(std::string pem) { ca_pem_ = std::move(pem); }

 private:
  std::string address_;
  std::string ca_pem_;
};

}  // namespace spindle::host
