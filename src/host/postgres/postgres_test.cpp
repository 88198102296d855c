// Against a real server.
#include "host/postgres/postgres.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "host/test_network.h"
#include "host/test_server.h"
#include "io/cancel.h"

namespace spindle::host::postgres {
namespace {

using Value = api::DbValue;
using View = api::ParameterValueView;

const testing::TestServer& server() {
  static const testing::TestServer kServer("postgres");
  return kServer;
}

std::string address(std::string_view rest = "?sslmode=disable") {
  return fmt::format("postgres://spin:spin@localhost:{}/spin_dev{}", server().port(), rest);
}

struct Fixture : testing::TestNetwork {
  explicit Fixture(std::vector<std::string> hosts = {"postgres://*:*"},
                   const app::OutboundConfig& config = {})
      : TestNetwork(std::move(hosts), config) {}

  template <typename T>
  T run(io::Eventual<T> eventual) {
    return loop.block_on(io::Eventual<T>::wait(std::move(eventual))).value();
  }
  Outcome<std::unique_ptr<PostgresConnectionV4>> try_open(const std::string& to = address()) {
    return run(face.connection_open(to));
  }
  std::unique_ptr<PostgresConnectionV4> open(const std::string& to = address()) {
    auto opened = try_open(to);
    if (!opened) ADD_FAILURE() << text(opened.error());
    return *std::move(opened);
  }
  Outcome<api::RowSet> query(PostgresConnectionV4& connection, std::string_view statement,
                             const std::vector<View>& parameters = {}) {
    return run(face.connection_query(connection, statement, parameters));
  }
  // The one value of the one row.
  Value value(PostgresConnectionV4& connection, std::string_view statement,
              const std::vector<View>& parameters = {}) {
    auto set = query(connection, statement, parameters);
    if (!set) {
      ADD_FAILURE() << statement << ": " << text(set.error());
      return {};
    }
    EXPECT_EQ(set->rows.size(), 1u) << statement;
    return set->rows.at(0).at(0);
  }
  static std::string text(const Failure& failure) {
    return std::visit(
        [](const auto& of) -> std::string {
          if constexpr (requires { std::string(of.value); }) {
            return of.value;
          } else if (const auto* plain = std::get_if<api::QueryError::Text>(&of.value.value)) {
            return plain->value;
          } else {
            return std::get<api::QueryError::DbError>(of.value.value).value.as_text;
          }
        },
        failure.value);
  }

  PostgresAccess pools = PostgresAccess::create(access.limits());
  Opener opener{services, pools, permission};
  PostgresV4 face{opener};
};

using Kind = api::RangeBoundKind;

std::vector<uint8_t> bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(Postgres, ReadsEveryType) {
  Fixture f;
  const auto connection = f.open();
  const std::pair<const char*, Value> kCases[] = {
      {"true", {Value::Boolean{true}}},
      {"(-5)::int2", {Value::Int16{-5}}},
      {"(-2147483648)::int4", {Value::Int32{-2147483647 - 1}}},
      {"9223372036854775807::int8", {Value::Int64{INT64_MAX}}},
      {"1.5::float4", {Value::Floating32{1.5F}}},
      {"(-0.1)::float8", {Value::Floating64{-0.1}}},
      {"'schön'::text", {Value::Str{"schön"}}},
      {"'a'::varchar(3)", {Value::Str{"a"}}},
      {"'a'::char(3)", {Value::Str{"a  "}}},
      {"'\\x00ff'::bytea", {Value::Binary{{0, 255}}}},
      {"'2024-02-29'::date", {Value::Date{{2024, 2, 29}}}},
      {"'0044-03-15 BC'::date", {Value::Date{{-43, 3, 15}}}},
      {"'4713-01-01 BC'::date", {Value::Date{{-4712, 1, 1}}}},
      {"'5874897-12-31'::date", {Value::Date{{5874897, 12, 31}}}},
      {"'23:59:58.000001'::time", {Value::Time{{23, 59, 58, 1000}}}},
      {"'1999-12-31 23:59:59.5'::timestamp",
       {Value::Datetime{{1999, 12, 31, 23, 59, 59, 500'000'000}}}},
      {"'2024-01-01 02:00:00+02'::timestamptz", {Value::Datetime{{2024, 1, 1, 0, 0, 0, 0}}}},
      {"'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid",
       {Value::Uuid{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}}},
      {"'{\"a\": [1]}'::jsonb", {Value::Jsonb{bytes("{\"a\": [1]}")}}},
      {"0::numeric", {Value::Decimal{"0"}}},
      {"(-0.00120)::numeric", {Value::Decimal{"-0.00120"}}},
      {"12345678901234567890.1234567::numeric", {Value::Decimal{"12345678901234567890.1234567"}}},
      {"1e20::numeric", {Value::Decimal{"100000000000000000000"}}},
      {"10000.5::numeric", {Value::Decimal{"10000.5"}}},
      {"'NaN'::numeric", {Value::Decimal{"NaN"}}},
      {"'-Infinity'::numeric", {Value::Decimal{"-Infinity"}}},
      {"'[1,5)'::int4range",
       {Value::RangeInt32{{std::tuple(1, Kind::Inclusive), std::tuple(5, Kind::Exclusive)}}}},
      {"'(,5)'::int4range", {Value::RangeInt32{{std::nullopt, std::tuple(5, Kind::Exclusive)}}}},
      {"'empty'::int4range",
       {Value::RangeInt32{{std::tuple(0, Kind::Exclusive), std::tuple(0, Kind::Exclusive)}}}},
      {"'[7,)'::int8range", {Value::RangeInt64{{std::tuple(7, Kind::Inclusive), std::nullopt}}}},
      {"'(1.5,2.5]'::numrange",
       {Value::RangeDecimal{
           {std::tuple("1.5", Kind::Exclusive), std::tuple("2.5", Kind::Inclusive)}}}},
      {"'{1,NULL,-3}'::int4[]", {Value::ArrayInt32{{1, std::nullopt, -3}}}},
      {"'{}'::int8[]", {Value::ArrayInt64{}}},
      {"'{9}'::int8[]", {Value::ArrayInt64{{9}}}},
      {"'{1.5,NULL}'::numeric[]", {Value::ArrayDecimal{{"1.5", std::nullopt}}}},
      {"'{a,NULL,\"b c\"}'::text[]", {Value::ArrayStr{{"a", std::nullopt, "b c"}}}},
      {"'{a}'::varchar[]", {Value::ArrayStr{{"a"}}}},
      {"'1 year 2 days -3 seconds'::interval", {Value::Interval{{-3'000'000, 2, 12}}}},
      {"NULL::int4", {Value::DbNull{}}},
      {"'1'::json", {Value::Unsupported{bytes("1")}}},
      {"'x'::name", {Value::Unsupported{bytes("x")}}},
      {"'127.0.0.1'::inet", {Value::Unsupported{{2, 32, 0, 4, 127, 0, 0, 1}}}},
  };
  for (const auto& [expression, expected] : kCases)
    EXPECT_EQ(f.value(*connection, fmt::format("SELECT {}", expression)), expected) << expression;
}

TEST(Postgres, SendsEveryType) {
  Fixture f;
  const auto connection = f.open();
  const std::vector<uint8_t> binary = {0, 1, 255}, json = bytes("{\"k\": \"v\"}");
  struct Case {
    View parameter;
    const char* expression;
    const char* text;
  };
  const Case kCases[] = {
      {{View::Boolean{true}}, "$1::bool", "true"},
      {{View::Int8{65}}, "$1::\"char\"", "A"},
      {{View::Int16{-7}}, "$1::int2", "-7"},
      {{View::Int32{-70000}}, "$1::int4", "-70000"},
      {{View::Int64{INT64_MIN}}, "$1::int8", "-9223372036854775808"},
      {{View::Floating32{0.5F}}, "$1::float4", "0.5"},
      {{View::Floating64{1e300}}, "$1::float8", "1e+300"},
      {{View::Str{"O'Neil; --"}}, "$1::text", "O'Neil; --"},
      {{View::Str{"10.1.2.3"}}, "$1::inet", "10.1.2.3/32"},
      {{View::Binary{binary}}, "$1::bytea", "\\x0001ff"},
      {{View::Date{{-43, 3, 15}}}, "$1::date", "0044-03-15 BC"},
      {{View::Time{{1, 2, 3, 4000}}}, "$1::time", "01:02:03.000004"},
      {{View::Datetime{{2024, 2, 29, 1, 2, 3, 500'000'000}}},
       "$1::timestamp",
       "2024-02-29 01:02:03.5"},
      {{View::Datetime{{2024, 2, 29, 1, 2, 3, 0}}},
       "$1::timestamptz AT TIME ZONE 'UTC'",
       "2024-02-29 01:02:03"},
      {{View::Timestamp{-1}}, "$1::timestamptz AT TIME ZONE 'UTC'", "1969-12-31 23:59:59"},
      {{View::Uuid{"A0EEBC999C0B4EF8BB6D6BB9BD380A11"}},
       "$1::uuid",
       "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {{View::Jsonb{json}}, "$1::jsonb->>'k'", "v"},
      {{View::Jsonb{json}}, "$1::json->>'k'", "v"},
      {{View::Decimal{"-12.50"}}, "$1::numeric", "-12.50"},
      {{View::RangeInt32{{std::tuple(1, Kind::Inclusive), std::tuple(5, Kind::Inclusive)}}},
       "$1::int4range",
       "[1,6)"},
      {{View::RangeInt64{{std::nullopt, std::tuple(5, Kind::Exclusive)}}}, "$1::int8range", "(,5)"},
      {{View::RangeDecimal{{std::tuple("1.5", Kind::Exclusive), std::nullopt}}},
       "$1::numrange",
       "(1.5,)"},
      {{View::ArrayInt32{{1, std::nullopt}}}, "$1::int4[]", "{1,NULL}"},
      {{View::ArrayInt64{}}, "$1::int8[]", "{}"},
      {{View::ArrayDecimal{{"1.5", std::nullopt}}}, "$1::numeric[]", "{1.5,NULL}"},
      {{View::ArrayStr{{"a\"b\\", "", "NULL", std::nullopt}}},
       "array_to_string($1::text[],'|','-')",
       "a\"b\\||NULL|-"},
      {{View::Interval{{-3'000'000, 2, 12}}}, "$1::interval", "1 year 2 days -00:00:03"},
      {{View::DbNull{}}, "coalesce($1::int4, 9)", "9"},
  };
  for (const auto& [parameter, expression, text] : kCases) {
    const auto statement = fmt::format("SELECT ({})::text", expression);
    EXPECT_EQ(f.value(*connection, statement, {parameter}), Value{Value::Str{text}}) << expression;
  }
}

TEST(Postgres, RefusesParametersThatCannotBeSent) {
  Fixture f;
  const auto connection = f.open();
  const std::vector<uint8_t> zero = {0};
  const View kCases[] = {
      {View::Decimal{"1; DROP"}},
      {View::Decimal{""}},
      {View::RangeDecimal{{std::tuple("1,2", Kind::Exclusive), std::nullopt}}},
      {View::ArrayDecimal{{"1,2"}}},
      {View::Date{{2023, 2, 29}}},
      {View::Time{{24, 0, 0, 0}}},
      {View::Datetime{{2023, 13, 1, 0, 0, 0, 0}}},
      {View::Timestamp{INT64_MAX}},
      {View::Uuid{"x"}},
      {View::Uuid{"a0eebc999c0b4ef8bb6d6bb9bd380a110"}},
      {View::Str{std::string_view("a\0b", 3)}},
      {View::ArrayStr{{std::string_view("a\0b", 3)}}},
      {View::Jsonb{zero}},
  };
  for (const auto& parameter : kCases) {
    const auto queried = f.query(*connection, "SELECT $1", {parameter});
    ASSERT_FALSE(queried.has_value());
    EXPECT_TRUE(std::holds_alternative<Failure::BadParameter>(queried.error().value));
    const auto executed = f.run(f.face.connection_execute(*connection, "SELECT $1", {parameter}));
    ASSERT_FALSE(executed.has_value());
    EXPECT_TRUE(std::holds_alternative<Failure::ValueConversionFailed>(executed.error().value));
  }
  EXPECT_EQ(f.value(*connection, "SELECT 1"), Value{Value::Int32{1}});
}

TEST(Postgres, NamesTheTypesOfColumns) {
  Fixture f;
  const auto connection = f.open();
  f.query(*connection, "DROP TYPE IF EXISTS mood; ");
  ASSERT_TRUE(f.query(*connection, "DROP TYPE IF EXISTS mood").has_value());
  ASSERT_TRUE(f.query(*connection, "CREATE TYPE mood AS ENUM ('glad')").has_value());
  const auto set =
      f.query(*connection, "SELECT 1 AS one, 'glad'::mood AS mood, '1'::json AS json WHERE false");
  ASSERT_TRUE(set.has_value());
  const std::vector<api::Column> expected = {
      {"one", {api::DbDataType::Int32{}}},
      {"mood", {api::DbDataType::Other{"mood"}}},
      {"json", {api::DbDataType::Other{"json"}}},
  };
  EXPECT_EQ(set->columns, expected);
  EXPECT_TRUE(set->rows.empty());
  EXPECT_EQ(f.value(*connection, "SELECT 'glad'::mood"), Value{Value::Unsupported{bytes("glad")}});
  ASSERT_TRUE(f.query(*connection, "DROP TYPE mood").has_value());
}

TEST(Postgres, TellsWhatTheDatabaseSaid) {
  Fixture f;
  const auto connection = f.open();
  const auto made = "CREATE TEMP TABLE t (id int4 CONSTRAINT positive CHECK (id > 0))";
  EXPECT_EQ(f.run(f.face.connection_execute(*connection, made, {})), 0u);
  EXPECT_EQ(f.run(f.face.connection_execute(*connection, "INSERT INTO t VALUES (1), (2)", {})), 2u);
  const auto failed =
      f.run(f.face.connection_execute(*connection, "INSERT INTO t VALUES (-1)", {}));
  const auto& error = std::get<api::QueryError::DbError>(
                          std::get<Failure::QueryFailed>(failed.error().value).value.value)
                          .value;
  EXPECT_EQ(error.severity, "ERROR");
  EXPECT_EQ(error.code, "23514");
  EXPECT_EQ(error.message, "new row for relation \"t\" violates check constraint \"positive\"");
  EXPECT_EQ(error.detail, "Failing row contains (-1).");
  EXPECT_TRUE(error.as_text.starts_with("db error: ERROR: new row for relation"));
  std::map<std::string, std::string> extras;
  for (const auto& [key, text] : error.extras) extras[key] = text;
  EXPECT_EQ(extras["table"], "t");
  EXPECT_EQ(extras["constraint"], "positive");
  EXPECT_TRUE(extras.contains("routine"));
  // The connection goes on.
  EXPECT_EQ(f.value(*connection, "SELECT count(*) FROM t"), Value{Value::Int64{2}});
}

TEST(Postgres, RefusesAddressesThatAreNotAllowed) {
  Fixture f({"postgres://db.example:5432"});
  const std::pair<const char*, const char*> kCases[] = {
      {"postgres://u@localhost:5432/d", "address postgres://localhost:5432 is not permitted"},
      {"host=localhost user=u", "address postgres://localhost is not permitted"},
      {"postgres://u@db.example,evil.example/d",
       "address postgres://evil.example:5432 is not permitted"},
      {"host=/tmp user=u", "unix sockets are not supported"},
      {"nonsense", "missing \"=\" after \"nonsense\" in connection info string"},
  };
  for (const auto& [to, message] : kCases) {
    const auto opened = f.try_open(to);
    ASSERT_FALSE(opened.has_value()) << to;
    EXPECT_EQ(opened.error(), connection_failed(message)) << to;
  }
  const auto builder = f.face.connection_builder_new("host=localhost user=u").value();
  EXPECT_EQ(f.run(f.face.connection_builder_build(*builder)).error(),
            connection_failed("address postgres://localhost is not permitted"));
}

TEST(Postgres, ConnectsOnlyToPermittedNetworks) {
  Fixture f;
  f.gate.closed = server().port();
  EXPECT_FALSE(f.try_open().has_value());
}

TEST(Postgres, SaysWhyAConnectionFailed) {
  Fixture f;
  const auto wrong = f.try_open(
      fmt::format("postgres://spin:wrong@localhost:{}/spin_dev?sslmode=disable", server().port()));
  EXPECT_NE(f.text(wrong.error()).find("password authentication failed"), std::string::npos);
  const auto closed = f.try_open("postgres://spin@127.0.0.1:2/x");
  EXPECT_NE(f.text(closed.error()).find("Connection refused"), std::string::npos);
  EXPECT_TRUE(std::holds_alternative<Failure::ConnectionFailed>(closed.error().value));
}

TEST(Postgres, TakesNothingFromTheHostsEnvironment) {
  const std::pair<const char*, const char*> kVariables[] = {
      {"PGPASSWORD", "spin"},        {"PGPASSFILE", "/tmp/none"}, {"PGUSER", "nobody"},
      {"PGSSLMODE", "require"},      {"PGHOSTADDR", "10.0.0.1"},  {"PGOPTIONS", "-c work_mem=77MB"},
      {"PGCLIENTENCODING", "LATIN1"}};
  for (const auto& [name, value] : kVariables) ::setenv(name, value, 1);
  Fixture f;
  const auto port = server().port();
  EXPECT_FALSE(
      f.try_open(fmt::format("postgres://spin@localhost:{}/spin_dev?sslmode=disable", port)));
  const auto connection = f.open();
  EXPECT_NE(f.value(*connection, "SHOW work_mem"), Value{Value::Str{"77MB"}});
  EXPECT_EQ(f.value(*connection, "SELECT current_user::text"), Value{Value::Str{"spin"}});
  for (const auto& [name, value] : kVariables) ::unsetenv(name);
}

TEST(Postgres, VerifiesCertificates) {
  Fixture f;
  std::ifstream file(server().folder() + "/ca.pem");
  const std::string ca((std::istreambuf_iterator<char>(file)), {});
  for (const char* mode : {"?sslmode=require", ""}) {
    const auto refused = f.try_open(address(mode));
    ASSERT_FALSE(refused.has_value()) << mode;
    EXPECT_NE(f.text(refused.error()).find("certificate verify failed"), std::string::npos);
    const auto builder = f.face.connection_builder_new(address(mode)).value();
    ASSERT_TRUE(f.face.connection_builder_set_ca_root(*builder, ca)->has_value());
    auto opened = f.run(f.face.connection_builder_build_async(*builder));
    ASSERT_TRUE(opened.has_value()) << f.text(opened.error());
    EXPECT_EQ(f.value(**opened, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
              Value{Value::Boolean{true}});
  }
  const auto builder = f.face.connection_builder_new(address()).value();
  EXPECT_FALSE(f.face.connection_builder_set_ca_root(*builder, "no certificate")->has_value());
}

TEST(Postgres, ReusesConnectionsAfterAReset) {
  Fixture f;
  const char* who = "SELECT pg_backend_pid()";
  auto connection = f.open();
  const auto first = f.value(*connection, who);
  f.value(*connection, "SELECT set_config('work_mem', '99MB', false)");
  connection.reset();
  connection = f.open();
  EXPECT_EQ(f.value(*connection, who), first);
  EXPECT_NE(f.value(*connection, "SHOW work_mem"), Value{Value::Str{"99MB"}});
  // Not one in the middle of a transaction.
  ASSERT_TRUE(f.query(*connection, "BEGIN").has_value());
  connection.reset();
  connection = f.open();
  EXPECT_NE(f.value(*connection, who), first);
  // Nor one that the server closed meanwhile.
  const auto second = f.value(*connection, who);
  connection.reset();
  Fixture other;
  const auto killer = other.open();
  const auto pid = std::get<Value::Int32>(second.value).value;
  other.value(*killer, fmt::format("SELECT pg_terminate_backend({}, 5000)", pid));
  connection = f.open();
  EXPECT_NE(f.value(*connection, who), second);
}

io::Task<size_t> count(Rows& rows) {
  size_t count = 0;
  while (true) {
    auto reading = rows.next();
    const auto row = co_await std::move(reading);
    if (!row) co_return count;
    ++count;
  }
}

io::Task<std::optional<std::expected<void, Failure>>> end_of(End& end) {
  auto getting = end.get();
  auto got = co_await std::move(getting);
  co_return got;
}

TEST(Postgres, StreamsRows) {
  Fixture f;
  const auto connection = f.open();
  auto [columns, rows, end] = *f.run(f.face.connection_query_async(
      *connection, "SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) AS i", {}));
  EXPECT_EQ(columns.size(), 2u);
  EXPECT_EQ(f.loop.block_on(count(rows)), 20'000u);
  EXPECT_TRUE(f.loop.block_on(end_of(end))->has_value());
  EXPECT_EQ(f.value(*connection, "SELECT 1"), Value{Value::Int32{1}});
}

TEST(Postgres, EndsAStreamWithWhatWentWrong) {
  Fixture f;
  const auto connection = f.open();
  auto [columns, rows, end] = *f.run(f.face.connection_query_async(
      *connection, "SELECT 1 / (500 - i) FROM generate_series(1, 20000) AS i", {}));
  EXPECT_EQ(f.loop.block_on(count(rows)), 499u);
  const auto outcome = f.loop.block_on(end_of(end));
  EXPECT_TRUE(f.text(outcome->error()).contains("division by zero"));
  // One that fails before its first row is no stream.
  EXPECT_FALSE(f.run(f.face.connection_query_async(*connection, "SELECT 1 / 0", {})).has_value());
  EXPECT_EQ(f.value(*connection, "SELECT 1"), Value{Value::Int32{1}});
}

TEST(Postgres, GoesOnAfterAStreamThatNobodyReadsToItsEnd) {
  Fixture f;
  const auto connection = f.open();
  {
    auto streamed = f.run(f.face.connection_query_async(
        *connection, "SELECT i FROM generate_series(1, 100000) AS i", {}));
    ASSERT_TRUE(streamed.has_value());
  }
  EXPECT_EQ(f.value(*connection, "SELECT 2"), Value{Value::Int32{2}});
}

TEST(Postgres, LeavesNothingBehindWhenAGuestGoes) {
  Fixture f;
  {
    auto connection = f.open();
    io::CancelSource source(f.loop);
    auto querying = f.face.connection_query(*connection, "SELECT pg_sleep(600)", {});
    auto armed = f.loop.deadlines().arm(std::chrono::milliseconds(300), [&] {
      source.cancel(Error::canceled("the guest went away"));
    });
    EXPECT_FALSE(f.loop.block_on(source.run(querying.take_task())).has_value());
  }
  const auto connection = f.open();
  const char* sleeping =
      "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
      "'%pg_sleep(600)%'"
      " AND pid <> pg_backend_pid()";
  Value left;
  for (int i = 0; i < 500; ++i) {
    left = f.value(*connection, sleeping);
    if (left == Value{Value::Int64{0}}) break;
    f.loop.block_on(io::sleep_for(f.loop, std::chrono::milliseconds(20)));
  }
  EXPECT_EQ(left, Value{Value::Int64{0}});
}

TEST(Postgres, WaitsForAConnectionWhenAllAreTaken) {
  Fixture f;
  std::vector<std::unique_ptr<PostgresConnectionV4>> taken;
  for (unsigned i = 0; i < kConnectionsPerPool; ++i) taken.push_back(f.open());
  auto waiting = f.face.connection_open(address());
  auto armed = f.loop.deadlines().arm(std::chrono::milliseconds(50), [&] { taken.pop_back(); });
  EXPECT_TRUE(f.run(std::move(waiting)).has_value());
  EXPECT_EQ(taken.size(), kConnectionsPerPool - 1);
}

TEST(Postgres, OpensNoMoreConnectionsThanTheOperatorAllows) {
  for (const auto& config : {app::OutboundConfig{.postgres_connections = 2},
                             app::OutboundConfig{.total_connections = 2}}) {
    Fixture f({"postgres://*:*"}, config);
    auto first = f.open();
    const auto second = f.open(address("?sslmode=disable&application_name=second"));
    bool has_room = false;
    auto waiting = f.face.connection_open(address("?sslmode=disable&application_name=third"));
    auto armed = f.loop.deadlines().arm(std::chrono::milliseconds(50), [&] {
      has_room = true;
      first.reset();
    });
    const auto third = f.run(std::move(waiting));
    EXPECT_TRUE(third && has_room);
  }
}

TEST(Postgres, WhatRestsInOnePoolMakesRoomForAnother) {
  Fixture f({"postgres://*:*"}, {.postgres_connections = 1});
  f.open().reset();
  const auto other = f.open(address("?sslmode=disable&application_name=other"));
  EXPECT_TRUE(f.query(*other, "SELECT 1").has_value());
  // The name of a type that users defined would take another connection.
  EXPECT_TRUE(f.query(*other, "CREATE TYPE pg_temp.mood AS ENUM ('ok')").has_value());
  EXPECT_TRUE(f.query(*other, "SELECT 'ok'::pg_temp.mood").has_value());
}

TEST(Postgres, ALimitOfZeroAllowsNone) {
  Fixture f({"postgres://*:*"}, {.postgres_connections = 0});
  EXPECT_THAT(Fixture::text(f.try_open().error()),
              ::testing::HasSubstr("no connections are allowed"));
}

TEST(Postgres, TakesNoRowThatIsTooLarge) {
  Fixture f;
  auto connection = f.open();
  const auto large = f.query(*connection, "SELECT length(t), t FROM repeat('x', 40000000) t");
  ASSERT_TRUE(large.has_value());
  const auto refused = f.query(*connection, "SELECT repeat('x', 100000000)");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(Fixture::text(refused.error()), "a row is larger than 67108864 bytes");
  connection = f.open();
  EXPECT_TRUE(f.query(*connection, "SELECT 1").has_value());
}

TEST(Postgres, RefusesToCopy) {
  Fixture f;
  auto connection = f.open();
  EXPECT_FALSE(f.query(*connection, "COPY (SELECT 1) TO STDOUT").has_value());
  EXPECT_FALSE(f.query(*connection, "SELECT 1").has_value());
  connection = f.open();
  EXPECT_TRUE(f.query(*connection, "SELECT 1").has_value());
}

TEST(Postgres, OlderFacesSayWhatTheyKnow) {
  Fixture f;
  PostgresV3 v3_face(f.opener);
  PostgresV2 v2_face(f.opener);
  PostgresV1 v1_face(f.opener);
  const char* statement = "SELECT $1 AS a, '2024-01-02'::date AS d, 1.5::numeric AS n";

  const auto three = *f.run(v3_face.connection_open(address()));
  const auto rows3 = f.run(v3_face.connection_query(
      *three, statement, {v3::ParameterValueView{v3::ParameterValueView::Int32{4}}}));
  const v3::Row expected3 = {
      {v3::DbValue::Int32{4}}, {v3::DbValue::Date{{2024, 1, 2}}}, {v3::DbValue::Unsupported{}}};
  EXPECT_EQ(rows3->rows.at(0), expected3);
  EXPECT_EQ(rows3->columns.at(2).data_type, v3::DbDataType::Other);

  using Types2 = v2::rdbms_types::DbValue;
  using Parameter2 = v2::rdbms_types::ParameterValueView;
  const auto two = *f.run(v2_face.connection_open(address()));
  const auto rows2 =
      f.run(v2_face.connection_query(*two, statement, {Parameter2{Parameter2::Int32{4}}}));
  EXPECT_EQ(rows2->rows.at(0).at(1), Types2{Types2::Unsupported{}});
  const auto unsigned2 =
      f.run(v2_face.connection_query(*two, statement, {Parameter2{Parameter2::Uint8{4}}}));
  using Error2 = v2::rdbms_types::Error;
  EXPECT_EQ(unsigned2.error(),
            Error2{Error2::ValueConversionFailed{"Postgres does not support unsigned integers"}});

  using Error1 = v1::postgres::PgError;
  using Parameter1 = v1::rdbms_types::ParameterValueView;
  EXPECT_EQ(f.run(v1_face.query(address(), "SELECT 7::int8", {}))->rows.size(), 1u);
  EXPECT_EQ(f.run(v1_face.execute("postgres://u@localhost:1/d", "SELECT 1",
                                  {Parameter1{Parameter1::Uint64{4}}}))
                .error()
                .value.index(),
            Error1{Error1::ConnectionFailed{}}.value.index());
}

}  // namespace
}  // namespace spindle::host::postgres
