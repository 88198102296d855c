// The older faces. Their types are parts of those of spin:postgres@4, under the same names.
#include "host/postgres/postgres.h"
#include "host/postgres/statement.h"
#include "host/rdbms.h"

namespace spindle::host::postgres {
namespace {

using View = api::ParameterValueView;

// Cases that not every interface has: instants in one, unsigned integers in the others.
template <typename From, typename Case>
Result<WireParameter> encode_rest(const Case& v) {
  if constexpr (requires { typename From::Date; }) {
    if constexpr (std::same_as<Case, typename From::Date>) {
      return encode_parameter(View{View::Date{v.value}});
    } else if constexpr (std::same_as<Case, typename From::Time>) {
      return encode_parameter(View{View::Time{v.value}});
    } else if constexpr (std::same_as<Case, typename From::Datetime>) {
      return encode_parameter(View{View::Datetime{v.value}});
    } else {
      static_assert(std::same_as<Case, typename From::Timestamp>);
      return encode_parameter(View{View::Timestamp{v.value}});
    }
  } else {
    return spindle::Error::invalid_input("Postgres does not support unsigned integers");
  }
}

template <typename To, typename Case>
Result<WireParameter> encode_same(const Case& v) {
  return encode_parameter(View{To{v.value}});
}

template <typename From>
Result<WireParameter> encode_older(const From& from) {
  const Overloaded encode = {
      [](const typename From::Boolean& v) { return encode_same<View::Boolean>(v); },
      [](const typename From::Int8& v) { return encode_same<View::Int8>(v); },
      [](const typename From::Int16& v) { return encode_same<View::Int16>(v); },
      [](const typename From::Int32& v) { return encode_same<View::Int32>(v); },
      [](const typename From::Int64& v) { return encode_same<View::Int64>(v); },
      [](const typename From::Floating32& v) { return encode_same<View::Floating32>(v); },
      [](const typename From::Floating64& v) { return encode_same<View::Floating64>(v); },
      [](const typename From::Str& v) { return encode_same<View::Str>(v); },
      [](const typename From::Binary& v) { return encode_same<View::Binary>(v); },
      [](const typename From::DbNull&) { return encode_parameter(View{View::DbNull{}}); },
      [](const auto& v) { return encode_rest<From>(v); },
  };
  return std::visit(encode, from.value);
}

// What the older interface has no case for.
template <typename To, typename Case>
To rest_to(Case& v) {
  using From = api::DbValue;
  if constexpr (requires { typename To::Date; }) {
    if constexpr (std::same_as<Case, From::Date>) return {typename To::Date{v.value}};
    if constexpr (std::same_as<Case, From::Time>) return {typename To::Time{v.value}};
    if constexpr (std::same_as<Case, From::Datetime>) return {typename To::Datetime{v.value}};
  }
  return {typename To::Unsupported{}};
}

template <typename To>
To value_to(api::DbValue& from, std::type_identity<To>) {
  const Overloaded convert = {common_values<To, api::DbValue>(),
                              [](auto& v) { return rest_to<To>(v); }};
  return std::visit(convert, from.value);
}

template <typename To, typename Case>
To rest_of_types(const Case&) {
  using From = api::DbDataType;
  if constexpr (requires { To::Date; }) {
    if constexpr (std::same_as<Case, From::Date>) return To::Date;
    if constexpr (std::same_as<Case, From::Time>) return To::Time;
    if constexpr (std::same_as<Case, From::Datetime>) return To::Datetime;
  }
  return To::Other;
}

template <typename To>
To type_to(const api::DbDataType& from, std::type_identity<To>) {
  using From = api::DbDataType;
  const Overloaded convert = {
      [](const From::Boolean&) { return To::Boolean; },
      [](const From::Int8&) { return To::Int8; },
      [](const From::Int16&) { return To::Int16; },
      [](const From::Int32&) { return To::Int32; },
      [](const From::Int64&) { return To::Int64; },
      [](const From::Floating32&) { return To::Floating32; },
      [](const From::Floating64&) { return To::Floating64; },
      [](const From::Str&) { return To::Str; },
      [](const From::Binary&) { return To::Binary; },
      [](const auto& other) { return rest_of_types<To>(other); },
  };
  return std::visit(convert, from.value);
}

template <typename To>
To rows_to(api::RowSet& from) {
  return host::rows_to<To>(
      from, [](const api::DbDataType& type, auto to) { return type_to(type, to); },
      [](api::DbValue& value, auto to) { return value_to(value, to); });
}

std::string text_of(const api::QueryError& error) {
  if (const auto* text = std::get_if<api::QueryError::Text>(&error.value)) return text->value;
  return std::get<api::QueryError::DbError>(error.value).value.as_text;
}

template <typename To>
To failure_to(const Failure& from) {
  return host::failure_to<To>(from, &text_of);
}

// A parameter that cannot be sent: unsigned integers are told alike everywhere.
template <typename Parameter>
Failure unfit_for_query(const spindle::Error& why) {
  if constexpr (requires { typename Parameter::Uint8; }) {
    if (why.message().contains("unsigned")) return {Failure::ValueConversionFailed{why.message()}};
  }
  return bad_parameter(why);
}

template <typename Parameter>
Outcome<Statement> statement_for_query(std::string_view text,
                                       const std::vector<Parameter>& parameters) {
  auto made = make_statement<&encode_older<Parameter>>(text, parameters);
  if (!made) return std::unexpected(unfit_for_query<Parameter>(made.error()));
  return made.take_value();
}

template <typename Parameter>
Outcome<Statement> statement_for_command(std::string_view text,
                                         const std::vector<Parameter>& parameters) {
  auto made = make_statement<&encode_older<Parameter>>(text, parameters);
  if (!made) {
    if (made.error().message().contains("unsigned"))
      return std::unexpected(Failure{Failure::ValueConversionFailed{made.error().message()}});
    return std::unexpected(conversion_failed(made.error()));
  }
  return made.take_value();
}

template <typename Connection, typename E>
io::Task<Result<std::expected<std::unique_ptr<Connection>, E>>> open_older(Opener& opener,
                                                                           std::string address) {
  using Opened = std::expected<std::unique_ptr<Connection>, E>;
  auto opening = opener.open(std::move(address), "");
  auto session = co_await std::move(opening);
  if (!session) co_return Opened(std::unexpect, failure_to<E>(session.error()));
  co_return Opened(std::make_unique<Connection>(*std::move(session)));
}

template <typename RowSet, typename E>
io::Task<Result<std::expected<RowSet, E>>> query_older(Session& session,
                                                       Outcome<Statement> statement) {
  using Queried = std::expected<RowSet, E>;
  if (!statement) co_return Queried(std::unexpect, failure_to<E>(statement.error()));
  auto querying = session.query(*std::move(statement));
  auto rows = co_await std::move(querying);
  if (!rows) co_return Queried(std::unexpect, failure_to<E>(rows.error()));
  co_return Queried(rows_to<RowSet>(*rows));
}

template <typename E>
io::Task<Result<std::expected<uint64_t, E>>> execute_older(Session& session,
                                                           Outcome<Statement> statement) {
  using Executed = std::expected<uint64_t, E>;
  if (!statement) co_return Executed(std::unexpect, failure_to<E>(statement.error()));
  auto executing = session.execute(*std::move(statement));
  auto count = co_await std::move(executing);
  if (!count) co_return Executed(std::unexpect, failure_to<E>(count.error()));
  co_return Executed(*count);
}

using E1 = v1::postgres::PgError;
using E2 = v2::rdbms_types::Error;
using E3 = v3::Error;
using Rows1 = v1::rdbms_types::RowSet;
using Rows2 = v2::rdbms_types::RowSet;

io::Task<Result<std::expected<Rows1, E1>>> query_once(Opener& opener, std::string address,
                                                      Outcome<Statement> statement) {
  auto opening = opener.open(std::move(address), "");
  auto session = co_await std::move(opening);
  if (!session) co_return std::expected<Rows1, E1>(std::unexpect, failure_to<E1>(session.error()));
  auto querying = query_older<Rows1, E1>(**session, std::move(statement));
  auto rows = co_await std::move(querying);
  co_return rows;
}

io::Task<Result<std::expected<uint64_t, E1>>> execute_once(Opener& opener, std::string address,
                                                           Outcome<Statement> statement) {
  auto opening = opener.open(std::move(address), "");
  auto session = co_await std::move(opening);
  if (!session)
    co_return std::expected<uint64_t, E1>(std::unexpect, failure_to<E1>(session.error()));
  auto executing = execute_older<E1>(**session, std::move(statement));
  auto count = co_await std::move(executing);
  co_return count;
}

}  // namespace

auto PostgresV3::connection_open(std::string_view address) -> Older<std::unique_ptr<Connection>> {
  return open_older<Connection, E3>(opener_, std::string(address));
}

auto PostgresV3::connection_query(Connection& self, std::string_view statement,
                                  const Parameters& params) -> Older<v3::RowSet> {
  return query_older<v3::RowSet, E3>(self.session(), statement_for_query(statement, params));
}

auto PostgresV3::connection_execute(Connection& self, std::string_view statement,
                                    const Parameters& params) -> Older<uint64_t> {
  return execute_older<E3>(self.session(), statement_for_command(statement, params));
}

auto PostgresV2::connection_open(std::string_view address) -> Older<std::unique_ptr<Connection>> {
  return open_older<Connection, E2>(opener_, std::string(address));
}

auto PostgresV2::connection_query(Connection& self, std::string_view statement,
                                  const Parameters& params) -> Older<Rows2> {
  return query_older<Rows2, E2>(self.session(), statement_for_query(statement, params));
}

auto PostgresV2::connection_execute(Connection& self, std::string_view statement,
                                    const Parameters& params) -> Older<uint64_t> {
  return execute_older<E2>(self.session(), statement_for_command(statement, params));
}

auto PostgresV1::query(std::string_view address, std::string_view statement,
                       const Parameters& params) -> Older<Rows1> {
  return query_once(opener_, std::string(address), statement_for_query(statement, params));
}

auto PostgresV1::execute(std::string_view address, std::string_view statement,
                         const Parameters& params) -> Older<uint64_t> {
  return execute_once(opener_, std::string(address), statement_for_command(statement, params));
}

}  // namespace spindle::host::postgres
