#include "host/mysql/client.h"

#include <fmt/format.h>

#include <boost/mysql/any_connection.hpp>
#include <boost/mysql/connect_params.hpp>
#include <boost/mysql/diagnostics.hpp>
#include <boost/mysql/execution_state.hpp>
#include <boost/mysql/metadata_mode.hpp>
#include <boost/mysql/rows_view.hpp>
#include <boost/mysql/statement.hpp>

#include "base/overloaded.h"
#include "base/utf8.h"
#include "io/asio_ssl.h"
#include "io/cancel.h"

namespace spindle::host::mysql {
namespace {

namespace db = boost::mysql;
using Value = api::DbValue;
using Type = api::DbDataType;

constexpr auto kToken = boost::asio::as_tuple(boost::asio::deferred);

std::string text_of(const boost::system::error_code& code, const db::diagnostics& said) {
  const std::string_view server = said.server_message();
  if (server.empty()) return code.message();
  return fmt::format("{} ({})", server, code.message());
}

Failure query_failure(const boost::system::error_code& code, const db::diagnostics& said) {
  return {Failure::QueryFailed{text_of(code, said)}};
}

db::field_view field_of(const api::ParameterValue& value) {
  using Case = api::ParameterValue;
  return std::visit(
      Overloaded{
          [](const Case::Boolean& v) { return db::field_view(int64_t{v.value ? 1 : 0}); },
          [](const Case::Str& v) { return db::field_view(v.value); },
          [](const Case::Binary& v) { return db::field_view(db::blob_view(v.value)); },
          [](const Case::DbNull&) { return db::field_view(); },
          [](const auto& number) { return db::field_view(number.value); },
      },
      value.value);
}

Type integer_type(db::column_type type, bool is_unsigned) {
  switch (type) {
    case db::column_type::tinyint: return is_unsigned ? Type::Uint8 : Type::Int8;
    case db::column_type::smallint: return is_unsigned ? Type::Uint16 : Type::Int16;
    case db::column_type::bigint: return is_unsigned ? Type::Uint64 : Type::Int64;
    default: return is_unsigned ? Type::Uint32 : Type::Int32;
  }
}

Type type_of(const db::metadata& column) {
  using enum db::column_type;
  switch (column.type()) {
    case tinyint:
    case smallint:
    case mediumint:
    case int_:
    case bigint: return integer_type(column.type(), column.is_unsigned());
    case float_: return Type::Floating32;
    case double_: return Type::Floating64;
    case char_:
    case varchar:
    case text:
    case enum_:
    case set: return Type::Str;
    case binary:
    case varbinary:
    case blob: return Type::Binary;
    default: return Type::Other;
  }
}

template <typename T>
T number(db::field_view field) {
  return field.is_uint64() ? static_cast<T>(field.get_uint64()) : static_cast<T>(field.get_int64());
}

Outcome<Value> decode_bytes(Type type, db::field_view field, std::string_view column) {
  if (type == Type::Str && field.is_string()) {
    const std::string_view text = field.get_string();
    if (is_valid_utf8(text)) return Value{Value::Str{std::string(text)}};
  }
  if (type == Type::Binary && field.is_blob()) {
    const auto bytes = field.get_blob();
    return Value{Value::Binary{{bytes.begin(), bytes.end()}}};
  }
  return std::unexpected(Failure{Failure::ValueConversionFailed{
      fmt::format("the value of column `{}` has a type that is not supported", column)}});
}

Outcome<Value> decode(Type type, db::field_view field, std::string_view column) {
  if (field.is_null()) return Value{Value::DbNull{}};
  switch (type) {
      // clang-format off
    case Type::Int8: return Value{Value::Int8{number<int8_t>(field)}};
    case Type::Int16: return Value{Value::Int16{number<int16_t>(field)}};
    case Type::Int32: return Value{Value::Int32{number<int32_t>(field)}};
    case Type::Int64: return Value{Value::Int64{number<int64_t>(field)}};
    case Type::Uint8: return Value{Value::Uint8{number<uint8_t>(field)}};
    case Type::Uint16: return Value{Value::Uint16{number<uint16_t>(field)}};
    case Type::Uint32: return Value{Value::Uint32{number<uint32_t>(field)}};
    case Type::Uint64: return Value{Value::Uint64{number<uint64_t>(field)}};
    case Type::Floating32: return Value{Value::Floating32{field.get_float()}};
    case Type::Floating64: return Value{Value::Floating64{field.get_double()}};
    default: return decode_bytes(type, field, column);
      // clang-format on
  }
}

// Lives as long as its connection refers to it.
class Tls {
 public:
  explicit Tls(const std::string& host) : context_(boost::asio::ssl::context::tls_client) {
    boost::system::error_code ignored;
    context_.set_default_verify_paths(ignored);
    context_.set_verify_mode(boost::asio::ssl::verify_peer, ignored);
    context_.set_verify_callback(boost::asio::ssl::host_name_verification(host), ignored);
  }
  boost::asio::ssl::context& context() { return context_; }

 private:
  boost::asio::ssl::context context_;
};

db::any_connection_params params_of(Tls* tls) {
  db::any_connection_params params;
  params.ssl_context = tls == nullptr ? nullptr : &tls->context();
  params.max_buffer_size = kMessageBytesMax;
  return params;
}

class BoostClient final : public Client {
 public:
  BoostClient(io::EventLoop& loop, const Address& address)
      : loop_(loop),
        tls_(address.has_tls ? std::make_unique<Tls>(address.host) : nullptr),
        connection_(loop.executor(), params_of(tls_.get())) {
    connection_.set_meta_mode(db::metadata_mode::full);
  }

  io::Task<Result<void>> open(Address address, io::Endpoint endpoint) {
    db::connect_params params;
    params.server_address.emplace_host_and_port(endpoint.address_string(), endpoint.port);
    params.username = std::move(address.user);
    params.password = std::move(address.password);
    params.database = std::move(address.database);
    params.ssl = address.has_tls ? db::ssl_mode::require : db::ssl_mode::disable;
    db::diagnostics said;
    const auto [code] = co_await connection_.async_connect(params, said, kToken);
    if (code) co_return Error::unavailable(text_of(code, said));
    co_return Result<void>();
  }

  io::Task<Outcome<void>> begin(Statement statement) override {
    auto cleaning = clean_up();
    co_await std::move(cleaning);
    is_idle_ = false;
    state_ = {};
    auto starting = start(statement);
    auto started = co_await std::move(starting);
    if (started) co_return started;
    if (is_canceled_) {
      // A canceled wait of the library ends like others; the next one of ours unwinds.
      auto unwinding = io::yield(loop_);
      co_await std::move(unwinding);
    } else {
      // The server refused the statement; the connection goes on.
      is_idle_ = true;
    }
    co_return started;
  }

  std::vector<api::Column> columns() const override {
    std::vector<api::Column> columns;
    for (const auto& column : state_.meta())
      columns.push_back({std::string(column.column_name()), type_of(column)});
    return columns;
  }

  io::Task<Outcome<std::vector<api::Row>>> read() override {
    std::vector<api::Row> rows;
    while (rows.empty() && !state_.complete()) {
      db::diagnostics said;
      boost::system::error_code code;
      if (!state_.should_read_rows()) {
        // Of a procedure: only its first result counts.
        is_first_ = false;
        std::tie(code) = co_await connection_.async_read_resultset_head(state_, said, kToken);
        if (code) co_return std::unexpected(failure_of(code, said));
        continue;
      }
      auto [read_code, batch] = co_await connection_.async_read_some_rows(state_, said, kToken);
      if (read_code) co_return std::unexpected(failure_of(read_code, said));
      take(batch, rows);
    }
    if (!rows.empty()) co_return rows;
    is_first_ = true;
    is_idle_ = true;
    if (failure_) co_return std::unexpected(*std::exchange(failure_, std::nullopt));
    co_return rows;
  }

  bool is_idle() const override { return is_idle_; }
  std::optional<uint32_t> id() const override {
    const auto id = connection_.connection_id();
    if (!id) return std::nullopt;
    return *id;
  }

 private:
  Failure failure_of(const boost::system::error_code& code, const db::diagnostics& said) {
    if (code == boost::asio::error::operation_aborted) is_canceled_ = true;
    return query_failure(code, said);
  }

  // What is left of the last statement.
  io::Task<void> clean_up() {
    while (!is_idle_) {
      auto reading = read();
      const auto rows = co_await std::move(reading);
      if (!rows || rows->empty()) break;
    }
    if (!prepared_) co_return;
    db::diagnostics said;
    co_await connection_.async_close_statement(*prepared_, said, kToken);
    prepared_.reset();
  }

  io::Task<Outcome<void>> start(const Statement& statement) {
    db::diagnostics said;
    if (statement.parameters.empty()) {
      const auto [code] =
          co_await connection_.async_start_execution(statement.text, state_, said, kToken);
      if (code) co_return std::unexpected(failure_of(code, said));
      co_return Outcome<void>();
    }
    const auto [prepare_code, prepared] =
        co_await connection_.async_prepare_statement(statement.text, said, kToken);
    if (prepare_code) co_return std::unexpected(failure_of(prepare_code, said));
    prepared_ = prepared;
    if (prepared.num_params() != statement.parameters.size()) {
      co_return std::unexpected(Failure{
          Failure::BadParameter{fmt::format("the statement has {} parameters, and {} are given",
                                            prepared.num_params(), statement.parameters.size())}});
    }
    std::vector<db::field_view> fields;
    for (const auto& parameter : statement.parameters) fields.push_back(field_of(parameter));
    const auto bound = prepared.bind(fields.begin(), fields.end());
    const auto [code] = co_await connection_.async_start_execution(bound, state_, said, kToken);
    if (code) co_return std::unexpected(failure_of(code, said));
    co_return Outcome<void>();
  }

  // Once a value cannot be told, the rest is only read.
  void take(db::rows_view batch, std::vector<api::Row>& rows) {
    if (!is_first_) return;
    for (const auto row : batch) {
      if (failure_) return;
      auto decoded = decode_row(row);
      if (decoded) {
        rows.push_back(*std::move(decoded));
      } else {
        failure_ = std::move(decoded).error();
      }
    }
  }

  Outcome<api::Row> decode_row(db::row_view fields) const {
    api::Row row;
    row.reserve(fields.size());
    for (size_t i = 0; i < fields.size(); ++i) {
      const auto& column = state_.meta()[i];
      auto value = decode(type_of(column), fields[i], column.column_name());
      if (!value) return std::unexpected(std::move(value).error());
      row.push_back(*std::move(value));
    }
    return row;
  }

  io::EventLoop& loop_;
  std::unique_ptr<Tls> tls_;
  db::any_connection connection_;
  db::execution_state state_;
  std::optional<db::statement> prepared_;
  std::optional<Failure> failure_;
  bool is_first_ = true;
  bool is_idle_ = true;
  bool is_canceled_ = false;
};

}  // namespace

io::Task<Outcome<std::unique_ptr<Client>>> Client::connect(io::EventLoop& loop, Address address,
                                                           io::Endpoint endpoint) {
  auto client = std::make_unique<BoostClient>(loop, address);
  auto opening = io::with_deadline(loop, std::chrono::seconds(kConnectSeconds),
                                   "connecting to " + endpoint.to_string(),
                                   client->open(std::move(address), endpoint));
  const auto opened = co_await std::move(opening);
  if (!opened) co_return std::unexpected(connection_failed(opened.error().to_string()));
  co_return std::unique_ptr<Client>(std::move(client));
}

}  // namespace spindle::host::mysql
