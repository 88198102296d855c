#pragma once

// The resources of spin:mysql and fermyon:spin/mysql: an open connection, one
// class per interface.

#include <memory>

#include "component/host/resource.h"

namespace spindle::host {

namespace mysql {
class Session;
}

class MysqlConnection : public component::HostResource {
 public:
  mysql::Session& session() const { return *session_; }

 protected:
  explicit MysqlConnection(std::shared_ptr<mysql::Session> session)
      : session_(std::move(session)) {}

 private:
  std::shared_ptr<mysql::Session> session_;
};

// Of spin:mysql@3.0.0.
class MysqlConnectionV3 final : public MysqlConnection {
 public:
  explicit MysqlConnectionV3(std::shared_ptr<mysql::Session> session)
      : MysqlConnection(std::move(session)) {}
};

// Of fermyon:spin@2.0.0.
class MysqlConnectionV2 final : public MysqlConnection {
 public:
  explicit MysqlConnectionV2(std::shared_ptr<mysql::Session> session)
      : MysqlConnection(std::move(session)) {}
};

}  // namespace spindle::host
