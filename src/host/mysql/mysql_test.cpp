// Against a real server.
#include "host/mysql/mysql.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/test_network.h"
#include "host/test_server.h"
#include "http/client/client.h"
#include "http/client/connector.h"
#include "io/cancel.h"
#include "wasi/core/http/outbound.h"

namespace spindle::host::mysql {
namespace {

using Value = api::DbValue;
using View = api::ParameterValueView;

const testing::TestServer& server() {
  static const testing::TestServer kServer("mariadb");
  return kServer;
}

std::string address(std::string_view rest = "") {
  return fmt::format("mysql://spin:spin@localhost:{}/spin_dev{}", server().port(), rest);
}

io::Task<std::vector<api::Row>> collect(Rows& rows) {
  std::vector<api::Row> all;
  while (true) {
    auto reading = rows.next();
    auto row = co_await std::move(reading);
    if (!row) co_return all;
    all.push_back(*std::move(row));
  }
}

io::Task<std::optional<std::expected<void, Failure>>> end_of(End& end) {
  auto getting = end.get();
  auto got = co_await std::move(getting);
  co_return got;
}

std::string text(const Failure& failure) {
  return std::visit([](const auto& of) { return of.value; }, failure.value);
}

struct Fixture : testing::TestNetwork {
  explicit Fixture(std::vector<std::string> hosts = {"mysql://*:*"},
                   const app::OutboundConfig& config = {})
      : TestNetwork(std::move(hosts), config) {
    services.outbound = &outbound;
  }
  // What ends statements that somebody left.
  ~Fixture() { loop.block_on(tasks.drained()); }

  template <typename T>
  T run(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual))).value();
  }
  Outcome<std::unique_ptr<MysqlConnectionV3>> try_open(const std::string& to = address()) {
    return run(face.connection_open(to));
  }
  std::unique_ptr<MysqlConnectionV3> open(const std::string& to = address()) {
    auto opened = try_open(to);
    if (!opened) ADD_FAILURE() << text(opened.error());
    return *std::move(opened);
  }
  struct Answered {
    std::vector<api::Column> columns;
    std::vector<api::Row> rows;
    std::expected<void, Failure> end;
  };
  Outcome<Answered> query(MysqlConnectionV3& connection, std::string_view statement,
                          const std::vector<View>& parameters = {}) {
    auto streamed = run(face.connection_query(connection, statement, parameters));
    if (!streamed) return std::unexpected(std::move(streamed).error());
    auto& [columns, rows, end] = *streamed;
    Answered answered{.columns = std::move(columns), .rows = {}, .end = {}};
    answered.rows = loop.block_on(collect(rows));
    answered.end = loop.block_on(end_of(end)).value();
    return answered;
  }
  Value value(MysqlConnectionV3& connection, std::string_view statement,
              const std::vector<View>& parameters = {}) {
    auto answered = query(connection, statement, parameters);
    if (!answered || !answered->end) {
      ADD_FAILURE() << statement << ": "
                    << text(answered ? answered->end.error() : answered.error());
      return {};
    }
    EXPECT_EQ(answered->rows.size(), 1u) << statement;
    return answered->rows.at(0).at(0);
  }
  void execute(MysqlConnectionV3& connection, std::string_view statement) {
    const auto done = run(face.connection_execute(connection, statement, {}));
    if (!done) ADD_FAILURE() << statement << ": " << text(done.error());
  }

  struct : http::Connector {
    io::Task<http::Outcome<http::Connected>> connect(const http::Origin&) override {
      co_return http::Failure{http::FailureCode::ConnectionRefused, "nobody"};
    }
  } connector;
  http::Client client{loop, connector};
  io::TaskGroup tasks{loop};
  wasi::OutboundServices outbound{client, tasks};
  MysqlAccess access{.is_granted = true};
  Opener opener{services, access, permission};
  MysqlV3 face{opener};
};

TEST(Mysql, ReadsEveryType) {
  Fixture f;
  const auto connection = f.open();
  struct Case {
    const char* type;
    const char* literal;
    api::DbDataType expected_type;
    Value expected;
  };
  using enum api::DbDataType;
  const Case kCases[] = {
      {"TINYINT", "-128", Int8, {Value::Int8{-128}}},
      {"TINYINT UNSIGNED", "255", Uint8, {Value::Uint8{255}}},
      {"BOOLEAN", "TRUE", Int8, {Value::Int8{1}}},
      {"SMALLINT", "-5", Int16, {Value::Int16{-5}}},
      {"SMALLINT UNSIGNED", "65535", Uint16, {Value::Uint16{65535}}},
      {"MEDIUMINT", "-8388608", Int32, {Value::Int32{-8388608}}},
      {"MEDIUMINT UNSIGNED", "7", Uint32, {Value::Uint32{7}}},
      {"INT", "-7", Int32, {Value::Int32{-7}}},
      {"INT UNSIGNED", "4294967295", Uint32, {Value::Uint32{4294967295}}},
      {"BIGINT", "-9223372036854775808", Int64, {Value::Int64{INT64_MIN}}},
      {"BIGINT UNSIGNED", "18446744073709551615", Uint64, {Value::Uint64{UINT64_MAX}}},
      {"FLOAT", "1.5", Floating32, {Value::Floating32{1.5F}}},
      {"DOUBLE", "-0.1", Floating64, {Value::Floating64{-0.1}}},
      {"CHAR(5)", "'schön'", Str, {Value::Str{"schön"}}},
      {"VARCHAR(9)", "''", Str, {Value::Str{""}}},
      {"TEXT", "'t'", Str, {Value::Str{"t"}}},
      {"LONGTEXT", "'t'", Str, {Value::Str{"t"}}},
      {"ENUM('a','b')", "'b'", Str, {Value::Str{"b"}}},
      {"BLOB", "x'00ff'", Binary, {Value::Binary{{0, 255}}}},
      {"BINARY(2)", "x'0102'", Binary, {Value::Binary{{1, 2}}}},
      {"VARBINARY(9)", "x'0102'", Binary, {Value::Binary{{1, 2}}}},
      {"INT", "NULL", Int32, {Value::DbNull{}}},
      {"DATE", "NULL", Other, {Value::DbNull{}}},
  };
  const std::vector<View> one = {{View::Int32{1}}};
  for (const auto& [type, literal, expected_type, expected] : kCases) {
    f.execute(*connection, fmt::format("CREATE OR REPLACE TEMPORARY TABLE t (v {})", type));
    f.execute(*connection, fmt::format("INSERT INTO t VALUES ({})", literal));
    // As text, and prepared.
    EXPECT_EQ(f.value(*connection, "SELECT v FROM t"), expected) << type;
    EXPECT_EQ(f.value(*connection, "SELECT v FROM t WHERE ? = 1", one), expected) << type;
    const auto answered = f.query(*connection, "SELECT v AS name FROM t");
    EXPECT_EQ(answered->columns.at(0), (api::Column{"name", expected_type})) << type;
  }
}

TEST(Mysql, SendsEveryType) {
  Fixture f;
  const auto connection = f.open();
  const std::vector<uint8_t> binary = {0, 255};
  const std::pair<View, const char*> kCases[] = {
      {{View::Boolean{true}}, "1"},
      {{View::Int8{-1}}, "-1"},
      {{View::Int16{-300}}, "-300"},
      {{View::Int32{-70000}}, "-70000"},
      {{View::Int64{INT64_MIN}}, "-9223372036854775808"},
      {{View::Uint8{255}}, "255"},
      {{View::Uint16{65535}}, "65535"},
      {{View::Uint32{4294967295}}, "4294967295"},
      {{View::Uint64{UINT64_MAX}}, "18446744073709551615"},
      {{View::Floating32{0.5F}}, "0.5"},
      {{View::Floating64{-0.25}}, "-0.25"},
      {{View::Str{"O'Neil; --"}}, "O'Neil; --"},
      {{View::DbNull{}}, "none"},
  };
  for (const auto& [parameter, expected] : kCases) {
    EXPECT_EQ(f.value(*connection, "SELECT COALESCE(CAST(? AS CHAR), 'none')", {parameter}),
              Value{Value::Str{expected}})
        << expected;
  }
  EXPECT_EQ(f.value(*connection, "SELECT HEX(?)", {View{View::Binary{binary}}}),
            Value{Value::Str{"00FF"}});
}

TEST(Mysql, RefusesValuesThatTheInterfaceDoesNotHave) {
  Fixture f;
  const auto connection = f.open();
  for (const char* value : {"1.5", "CURRENT_DATE", "NOW()", "CURRENT_TIME", "b'1'"}) {
    f.execute(*connection,
              fmt::format("CREATE OR REPLACE TEMPORARY TABLE t AS SELECT {} AS v", value));
    if (value == std::string_view("b'1'"))
      f.execute(*connection, "CREATE OR REPLACE TEMPORARY TABLE t (v BIT(1)) AS SELECT 1 AS v");
    const auto answered = f.query(*connection, "SELECT v FROM t");
    ASSERT_TRUE(answered.has_value()) << value;
    ASSERT_FALSE(answered->end.has_value()) << value;
    EXPECT_TRUE(
        std::holds_alternative<Failure::ValueConversionFailed>(answered->end.error().value));
    EXPECT_EQ(f.value(*connection, "SELECT 'still here'"), Value{Value::Str{"still here"}});
  }
}

TEST(Mysql, TellsWhatTheDatabaseSaid) {
  Fixture f;
  const auto connection = f.open();
  const auto failed = f.query(*connection, "SELECT * FROM missing");
  ASSERT_FALSE(failed.has_value());
  EXPECT_TRUE(std::holds_alternative<Failure::QueryFailed>(failed.error().value));
  EXPECT_TRUE(text(failed.error()).contains("Table 'spin_dev.missing' doesn't exist"));
  const auto unfit = f.query(*connection, "SELECT 1", {View{View::Int32{1}}});
  EXPECT_TRUE(std::holds_alternative<Failure::BadParameter>(unfit.error().value));
  EXPECT_EQ(f.value(*connection, "SELECT ?", {View{View::Str{"on"}}}), Value{Value::Str{"on"}});
}

TEST(Mysql, RefusesAddresses) {
  Fixture f({"mysql://db.example", fmt::format("mysql://localhost:{}", server().port())});
  const std::pair<std::string, std::string> kCases[] = {
      {"mysql://spin:spin@localhost:3306/spin_dev",
       "address mysql://spin:spin@localhost:3306/spin_dev is not permitted"},
      {"mysql://u@db.example@evil.example/d",
       "address mysql://u@db.example@evil.example/d is not permitted"},
      {"postgres://db.example/d", "address postgres://db.example/d is not permitted"},
      {"mysql://u@db.example/d?socket=/tmp/x", "option `socket` is not supported"},
      {address("?nonsense=1"), "option `nonsense` is not supported"},
  };
  for (const auto& [to, message] : kCases) {
    const auto opened = f.try_open(to);
    ASSERT_FALSE(opened.has_value()) << to;
    EXPECT_EQ(opened.error(), connection_failed(message)) << to;
  }
  EXPECT_TRUE(f.try_open().has_value());
  f.gate.closed = server().port();
  EXPECT_FALSE(f.try_open().has_value());
  MysqlAccess none;
  Opener denied(f.services, none, f.permission);
  MysqlV3 face(denied);
  EXPECT_EQ(f.run(face.connection_open(address())).error(),
            other_failure("\"spin:mysql/mysql\" is not permitted"));
}

TEST(Mysql, SaysWhyAConnectionFailed) {
  Fixture f;
  const auto wrong =
      f.try_open(fmt::format("mysql://spin:wrong@localhost:{}/spin_dev", server().port()));
  EXPECT_TRUE(text(wrong.error()).contains("Access denied for user 'spin'"));
  const auto closed = f.try_open("mysql://spin@127.0.0.1:2/x");
  EXPECT_TRUE(std::holds_alternative<Failure::ConnectionFailed>(closed.error().value));
  // A certificate that no authority of the system signed.
  const auto tls = f.try_open(address("?ssl-mode=REQUIRED"));
  EXPECT_TRUE(text(tls.error()).contains("certificate verify failed")) << text(tls.error());
  EXPECT_TRUE(f.try_open(address("?SSL-MODE=disabled&pool_max=3")).has_value());
}

TEST(Mysql, StreamsRows) {
  Fixture f;
  const auto connection = f.open();
  const auto answered = f.query(*connection, "SELECT seq, REPEAT('x', 1000) FROM seq_1_to_20000");
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->rows.size(), 20'000u);
  EXPECT_TRUE(answered->end.has_value());
}

TEST(Mysql, GoesOnAfterAStreamThatNobodyReadsToItsEnd) {
  Fixture f;
  const auto connection = f.open();
  {
    auto streamed =
        f.run(f.face.connection_query(*connection, "SELECT seq FROM seq_1_to_100000", {}));
    ASSERT_TRUE(streamed.has_value());
  }
  EXPECT_EQ(f.value(*connection, "SELECT 'next'"), Value{Value::Str{"next"}});
}

TEST(Mysql, KeepsAStreamWhoseConnectionIsDropped) {
  Fixture f;
  auto connection = f.open();
  auto streamed = f.run(f.face.connection_query(*connection, "SELECT seq FROM seq_1_to_5000", {}));
  connection.reset();
  EXPECT_EQ(f.loop.block_on(collect(std::get<Rows>(*streamed))).size(), 5000u);
}

TEST(Mysql, LeavesNothingBehindWhenAGuestGoes) {
  Fixture f;
  {
    auto connection = f.open();
    io::CancelSource source(f.loop);
    auto executing = f.face.connection_execute(*connection, "DO SLEEP(600)", {});
    auto armed = f.loop.deadlines().arm(std::chrono::milliseconds(300), [&] {
      source.cancel(Error::canceled("the guest went away"));
    });
    EXPECT_FALSE(f.loop.block_on(source.run(executing.take_task())).has_value());
  }
  const auto connection = f.open();
  const char* sleeping =
      "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'";
  Value left;
  for (int i = 0; i < 500; ++i) {
    left = f.value(*connection, sleeping);
    if (left == Value{Value::Int64{0}}) break;
    f.loop.block_on(io::sleep_for(f.loop, std::chrono::milliseconds(20)));
  }
  EXPECT_EQ(left, Value{Value::Int64{0}});
}

TEST(Mysql, OlderFacesSayTheSame) {
  Fixture f;
  MysqlV2 v2_face(f.opener);
  MysqlV1 v1_face(f.opener);
  using Types2 = v2::rdbms_types::DbValue;
  using Parameter2 = v2::rdbms_types::ParameterValueView;
  const auto two = *f.run(v2_face.connection_open(address()));
  const auto rows2 = f.run(v2_face.connection_query(*two, "SELECT CAST(? AS CHAR), NULL",
                                                    {Parameter2{Parameter2::Uint64{7}}}));
  ASSERT_TRUE(rows2.has_value());
  EXPECT_EQ(rows2->rows.at(0).at(0), Types2{Types2::Str{"7"}});
  EXPECT_EQ(rows2->rows.at(0).at(1), Types2{Types2::DbNull{}});
  EXPECT_EQ(rows2->columns.at(0).data_type, v2::rdbms_types::DbDataType::Str);
  EXPECT_TRUE(f.run(v2_face.connection_execute(*two, "DO 1", {})).has_value());

  using Error1 = v1::mysql::MysqlError;
  EXPECT_EQ(f.run(v1_face.query(address(), "SELECT 1", {}))->rows.size(), 1u);
  EXPECT_TRUE(f.run(v1_face.execute(address(), "DO 1", {})).has_value());
  const auto failed = f.run(v1_face.execute(address(), "nonsense", {}));
  EXPECT_TRUE(std::holds_alternative<Error1::QueryFailed>(failed.error().value));
}

TEST(Mysql, OpensNoMoreConnectionsThanTheOperatorAllows) {
  for (const auto& config :
       {app::OutboundConfig{.mysql_connections = 1}, app::OutboundConfig{.total_connections = 1}}) {
    Fixture f({"mysql://*:*"}, config);
    auto first = f.open();
    bool has_room = false;
    auto waiting = f.face.connection_open(address());
    auto armed = f.loop.deadlines().arm(std::chrono::milliseconds(50), [&] {
      has_room = true;
      first.reset();
    });
    EXPECT_TRUE(f.run(std::move(waiting)) && has_room);
  }
  Fixture none({"mysql://*:*"}, {.mysql_connections = 0});
  EXPECT_EQ(text(none.try_open().error()), "no connections are allowed (outbound_mysql)");
}

}  // namespace
}  // namespace spindle::host::mysql
