#include "host/mysql/mysql.h"

#include <fmt/format.h>

#include "host/rdbms.h"

namespace spindle::host::mysql {
namespace {

template <typename T, typename E>
using Tried = Result<std::expected<T, E>>;

// All versions name the cases alike. A guest's memory is copied before anything
// waits.
template <typename View>
api::ParameterValue own(const View& from) {
  using To = api::ParameterValue;
  const Overloaded convert = {
      [](const typename View::Boolean& v) { return To{To::Boolean{v.value}}; },
      [](const typename View::Int8& v) { return To{To::Int8{v.value}}; },
      [](const typename View::Int16& v) { return To{To::Int16{v.value}}; },
      [](const typename View::Int32& v) { return To{To::Int32{v.value}}; },
      [](const typename View::Int64& v) { return To{To::Int64{v.value}}; },
      [](const typename View::Uint8& v) { return To{To::Uint8{v.value}}; },
      [](const typename View::Uint16& v) { return To{To::Uint16{v.value}}; },
      [](const typename View::Uint32& v) { return To{To::Uint32{v.value}}; },
      [](const typename View::Uint64& v) { return To{To::Uint64{v.value}}; },
      [](const typename View::Floating32& v) { return To{To::Floating32{v.value}}; },
      [](const typename View::Floating64& v) { return To{To::Floating64{v.value}}; },
      [](const typename View::Str& v) { return To{To::Str{std::string(v.value)}}; },
      [](const typename View::Binary& v) {
        return To{To::Binary{{v.value.begin(), v.value.end()}}};
      },
      [](const typename View::DbNull&) { return To{To::DbNull{}}; },
  };
  return std::visit(convert, from.value);
}

template <typename View>
size_t size_of(const View& from) {
  if (const auto* text = std::get_if<typename View::Str>(&from.value)) return text->value.size();
  if (const auto* bytes = std::get_if<typename View::Binary>(&from.value))
    return bytes->value.size();
  return sizeof(from);
}

template <typename View>
Outcome<Statement> make_statement(std::string_view text, const std::vector<View>& parameters) {
  size_t size = text.size();
  for (const auto& parameter : parameters) size += size_of(parameter);
  if (size > kStatementBytesMax)
    return std::unexpected(Failure{Failure::BadParameter{
        fmt::format("the statement is larger than {} bytes", kStatementBytesMax)}});
  Statement statement{.text = std::string(text), .parameters = {}};
  for (const auto& parameter : parameters) statement.parameters.push_back(own(parameter));
  return statement;
}

template <typename To>
To failure_to(const Failure& from) {
  return host::failure_to<To>(from, [](const std::string& text) { return text; });
}

template <typename To>
To value_to(api::DbValue& from, std::type_identity<To>) {
  using From = api::DbValue;
  const Overloaded convert = {
      common_values<To, From>(),
      [](From::Uint8& v) { return To{typename To::Uint8{v.value}}; },
      [](From::Uint16& v) { return To{typename To::Uint16{v.value}}; },
      [](From::Uint32& v) { return To{typename To::Uint32{v.value}}; },
      [](From::Uint64& v) { return To{typename To::Uint64{v.value}}; },
      [](From::Unsupported&) { return To{typename To::Unsupported{}}; },
  };
  return std::visit(convert, from.value);
}

template <typename To>
To rows_to(RowSet& from) {
  return host::rows_to<To>(
      from,
      // The cases have the same order.
      []<typename Type>(api::DbDataType type, std::type_identity<Type>) {
        return static_cast<Type>(type);
      },
      [](api::DbValue& value, auto to) { return value_to(value, to); });
}

template <typename Connection, typename E>
io::Task<Tried<std::unique_ptr<Connection>, E>> open(Opener& opener, std::string address) {
  using Opened = std::expected<std::unique_ptr<Connection>, E>;
  auto opening = opener.open(std::move(address));
  auto session = co_await std::move(opening);
  if (!session) co_return Opened(std::unexpect, failure_to<E>(session.error()));
  co_return Opened(std::make_unique<Connection>(*std::move(session)));
}

template <typename Set, typename E>
io::Task<Tried<Set, E>> query(Session& session, Outcome<Statement> statement) {
  using Queried = std::expected<Set, E>;
  if (!statement) co_return Queried(std::unexpect, failure_to<E>(statement.error()));
  auto querying = session.query(*std::move(statement));
  auto rows = co_await std::move(querying);
  if (!rows) co_return Queried(std::unexpect, failure_to<E>(rows.error()));
  co_return Queried(rows_to<Set>(*rows));
}

template <typename E>
io::Task<Tried<void, E>> execute(Session& session, Outcome<Statement> statement) {
  using Executed = std::expected<void, E>;
  if (!statement) co_return Executed(std::unexpect, failure_to<E>(statement.error()));
  auto executing = session.execute(*std::move(statement));
  const auto done = co_await std::move(executing);
  if (!done) co_return Executed(std::unexpect, failure_to<E>(done.error()));
  co_return Executed();
}

io::Task<Result<Outcome<Streamed>>> stream(Session& session, Outcome<Statement> statement) {
  if (!statement) co_return Outcome<Streamed>(std::unexpect, std::move(statement).error());
  auto streaming = session.stream(*std::move(statement));
  auto streamed = co_await std::move(streaming);
  co_return streamed;
}

using E1 = v1::mysql::MysqlError;
using E2 = v2::rdbms_types::Error;
using Rows1 = v1::rdbms_types::RowSet;
using Rows2 = v2::rdbms_types::RowSet;

io::Task<Tried<Rows1, E1>> query_once(Opener& opener, std::string address,
                                      Outcome<Statement> statement) {
  auto opening = opener.open(std::move(address));
  auto session = co_await std::move(opening);
  if (!session) co_return std::expected<Rows1, E1>(std::unexpect, failure_to<E1>(session.error()));
  auto querying = query<Rows1, E1>(**session, std::move(statement));
  auto rows = co_await std::move(querying);
  co_return rows;
}

io::Task<Tried<void, E1>> execute_once(Opener& opener, std::string address,
                                       Outcome<Statement> statement) {
  auto opening = opener.open(std::move(address));
  auto session = co_await std::move(opening);
  if (!session) co_return std::expected<void, E1>(std::unexpect, failure_to<E1>(session.error()));
  auto executing = execute<E1>(**session, std::move(statement));
  auto done = co_await std::move(executing);
  co_return done;
}

}  // namespace

Outcome<Address> Opener::check(std::string_view address) {
  if (!access_.is_granted || services_.dialer == nullptr)
    return std::unexpected(other_failure("\"spin:mysql/mysql\" is not permitted"));
  if (address.size() > kAddressBytesMax)
    return std::unexpected(
        connection_failed(fmt::format("the address is longer than {} bytes", kAddressBytesMax)));
  if (!permission_.permits(address, "mysql"))
    return std::unexpected(connection_failed(fmt::format("address {} is not permitted", address)));
  auto parsed = parse_address(address);
  if (!parsed) return std::unexpected(connection_failed(parsed.error().message()));
  return parsed.take_value();
}

io::Task<Outcome<std::shared_ptr<Session>>> Opener::open(std::string address) {
  auto checked = check(address);
  if (!checked) co_return std::unexpected(std::move(checked).error());
  auto opening = Session::open(services_, permission_.limits(), *std::move(checked));
  auto session = co_await std::move(opening);
  co_return session;
}

auto MysqlV3::connection_open(std::string_view address) -> Answer<std::unique_ptr<Connection>> {
  return open<Connection, Failure>(opener_, std::string(address));
}

auto MysqlV3::connection_query(Connection& self, std::string_view statement,
                               const Parameters& params) -> Answer<Streamed> {
  return stream(self.session(), make_statement(statement, params));
}

auto MysqlV3::connection_execute(Connection& self, std::string_view statement,
                                 const Parameters& params) -> Answer<void> {
  return execute<Failure>(self.session(), make_statement(statement, params));
}

auto MysqlV2::connection_open(std::string_view address) -> Answer<std::unique_ptr<Connection>> {
  return open<Connection, E2>(opener_, std::string(address));
}

auto MysqlV2::connection_query(Connection& self, std::string_view statement,
                               const Parameters& params) -> Answer<Rows2> {
  return query<Rows2, E2>(self.session(), make_statement(statement, params));
}

auto MysqlV2::connection_execute(Connection& self, std::string_view statement,
                                 const Parameters& params) -> Answer<void> {
  return execute<E2>(self.session(), make_statement(statement, params));
}

auto MysqlV1::query(std::string_view address, std::string_view statement, const Parameters& params)
    -> Answer<Rows1> {
  return query_once(opener_, std::string(address), make_statement(statement, params));
}

auto MysqlV1::execute(std::string_view address, std::string_view statement,
                      const Parameters& params) -> Answer<void> {
  return execute_once(opener_, std::string(address), make_statement(statement, params));
}

}  // namespace spindle::host::mysql
