#include "host/postgres/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "io/cancel.h"
#include "io/fd_events.h"
#include "io/received_bytes.h"

namespace spindle::host::postgres {
namespace {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeCancel {
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using ResultSet = std::unique_ptr<PGresult, ClearResult>;
using Cancel = std::unique_ptr<PGcancel, FreeCancel>;

// No file can have this name.
constexpr const char* kNoFile = "/dev/null/none";

// The largest message of the server that is taken: a row.
constexpr uint64_t kMessageBytesMax = uint64_t{64} << 20;

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n' || c == '\t') {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += c;
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

Failure text_failure(std::string text) {
  return {Failure::QueryFailed{{api::QueryError::Text{std::move(text)}}}};
}

std::string field_of(const PGresult& result, int code) {
  const char* text = PQresultErrorField(&result, code);
  return text == nullptr ? "" : text;
}

std::vector<std::tuple<std::string, std::string>> extras_of(const PGresult& result) {
  constexpr std::array<std::pair<int, const char*>, 10> kFields = {{
      {PG_DIAG_COLUMN_NAME, "column"},
      {PG_DIAG_CONSTRAINT_NAME, "constraint"},
      {PG_DIAG_SOURCE_FUNCTION, "routine"},
      {PG_DIAG_MESSAGE_HINT, "hint"},
      {PG_DIAG_TABLE_NAME, "table"},
      {PG_DIAG_DATATYPE_NAME, "datatype"},
      {PG_DIAG_SCHEMA_NAME, "schema"},
      {PG_DIAG_SOURCE_FILE, "file"},
      {PG_DIAG_SOURCE_LINE, "line"},
      {PG_DIAG_CONTEXT, "where_"},
  }};
  std::vector<std::tuple<std::string, std::string>> extras;
  for (const auto& [code, name] : kFields) {
    if (auto text = field_of(result, code); !text.empty()) extras.emplace_back(name, text);
  }
  return extras;
}

Failure database_failure(const PGresult& result) {
  api::DbError error;
  error.severity = field_of(result, PG_DIAG_SEVERITY);
  error.code = field_of(result, PG_DIAG_SQLSTATE);
  error.message = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  if (error.code.empty()) return text_failure(one_line(PQresultErrorMessage(&result)));
  error.as_text = fmt::format("db error: {}: {}", error.severity, error.message);
  if (auto detail = field_of(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    error.as_text += "\nDETAIL: " + detail;
    error.detail = std::move(detail);
  }
  if (const auto hint = field_of(result, PG_DIAG_MESSAGE_HINT); !hint.empty())
    error.as_text += "\nHINT: " + hint;
  error.extras = extras_of(result);
  return {Failure::QueryFailed{{api::QueryError::DbError{std::move(error)}}}};
}

// Requests to cancel that run or wait: each may hold a thread until the server answers.
constexpr unsigned kCancelsMax = 4;
std::atomic<unsigned> cancels_under_way = 0;

class LibpqClient final : public Client {
 public:
  LibpqClient(Connection connection, io::BlockingPool& cancels)
      : connection_(std::move(connection)), cancels_(cancels) {}
  ~LibpqClient() override {
    if (is_busy_) request_cancel();
  }

  Result<void> attach(io::EventLoop& loop) override {
    events_ = TRY(io::FdEvents::create(loop, PQsocket(connection_.get())));
    return {};
  }
  void detach() override { events_.reset(); }

  bool is_idle() const override {
    return !is_busy_ && PQstatus(connection_.get()) == CONNECTION_OK &&
           PQtransactionStatus(connection_.get()) == PQTRANS_IDLE;
  }

  void send(const std::string& statement, std::vector<WireParameter> parameters) override;
  Step step() override;

  io::Task<void> ready() override {
    const auto wish = is_unsent_ ? io::FdEvents::Wish::Either : io::FdEvents::Wish::Read;
    auto waiting = events_->wait(wish);
    co_await std::move(waiting);
  }

  std::vector<ColumnInfo> columns() const override {
    std::vector<ColumnInfo> columns;
    const int count = result_ ? PQnfields(result_.get()) : 0;
    for (int i = 0; i < count; ++i)
      columns.push_back({PQfname(result_.get(), i), PQftype(result_.get(), i)});
    return columns;
  }

  std::optional<std::span<const uint8_t>> field(size_t column) const override {
    const int at = static_cast<int>(column);
    if (PQgetisnull(result_.get(), 0, at) != 0) return std::nullopt;
    return std::span(reinterpret_cast<const uint8_t*>(PQgetvalue(result_.get(), 0, at)),
                     static_cast<size_t>(PQgetlength(result_.get(), 0, at)));
  }

  Outcome<uint64_t> outcome() const override {
    if (failure_) return std::unexpected(*failure_);
    return affected_;
  }

 private:
  void fail(Failure why) {
    if (!failure_) failure_ = std::move(why);
  }
  void fail_with_connection() { fail(text_failure(one_line(PQerrorMessage(connection_.get())))); }
  Step broken() {
    fail_with_connection();
    is_busy_ = false;
    is_broken_ = true;
    return Step::Done;
  }
  // False: the connection broke.
  bool move_bytes();
  Step wait();
  // Of one result; nothing where more has to come.
  std::optional<Step> take(ResultSet result);
  void discard_notifications() {
    while (PGnotify* notification = PQnotifies(connection_.get())) PQfreemem(notification);
  }
  void request_cancel();

  Connection connection_;
  io::BlockingPool& cancels_;
  std::unique_ptr<io::FdEvents> events_;
  ResultSet result_;
  std::optional<Failure> failure_;
  uint64_t affected_ = 0;
  // What was received when libpq, which collects a message before it shows it, had shown one.
  uint64_t shown_at_ = 0;
  bool has_shown_ = false;
  bool is_busy_ = false;
  bool is_unsent_ = false;
  bool is_broken_ = false;
};

void LibpqClient::send(const std::string& statement, std::vector<WireParameter> parameters) {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const auto& parameter : parameters) {
    types.push_back(parameter.type);
    values.push_back(parameter.bytes ? parameter.bytes->c_str() : nullptr);
    lengths.push_back(parameter.bytes ? static_cast<int>(parameter.bytes->size()) : 0);
    formats.push_back(parameter.format == WireParameter::Format::Binary ? 1 : 0);
  }
  result_.reset();
  failure_.reset();
  affected_ = 0;
  is_busy_ = true;
  constexpr int kBinaryResults = 1;
  if (PQsendQueryParams(connection_.get(), statement.c_str(), static_cast<int>(types.size()),
                        types.data(), values.data(), lengths.data(), formats.data(),
                        kBinaryResults) == 0) {
    fail_with_connection();
    is_busy_ = false;
    return;
  }
  PQsetSingleRowMode(connection_.get());
  is_unsent_ = true;
  has_shown_ = true;
}

bool LibpqClient::move_bytes() {
  if (is_unsent_) {
    const int left = PQflush(connection_.get());
    if (left < 0) return false;
    is_unsent_ = left > 0;
  }
  if (PQconsumeInput(connection_.get()) == 0) return false;
  discard_notifications();
  return true;
}

std::optional<Step> LibpqClient::take(ResultSet result) {
  switch (PQresultStatus(result.get())) {
    case PGRES_SINGLE_TUPLE: result_ = std::move(result); return Step::Row;
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK: {
      const char* count = PQcmdTuples(result.get());
      affected_ = std::strtoull(count, nullptr, 10);
      if (!result_) result_ = std::move(result);
      return std::nullopt;
    }
    case PGRES_EMPTY_QUERY: return std::nullopt;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      // No statement can follow on this connection.
      fail(text_failure("COPY from and to the client is not supported"));
      is_busy_ = false;
      is_broken_ = true;
      return Step::Done;
    default: fail(database_failure(*result)); return std::nullopt;
  }
}

Step LibpqClient::step() {
  if (!is_busy_) return Step::Done;
  if (is_unsent_ || PQisBusy(connection_.get()) != 0) {
    if (!move_bytes()) return broken();
  }
  while (PQisBusy(connection_.get()) == 0) {
    ResultSet result(PQgetResult(connection_.get()));
    if (!result) {
      is_busy_ = false;
      return Step::Done;
    }
    has_shown_ = true;
    if (const auto step = take(std::move(result))) return *step;
  }
  return wait();
}

Step LibpqClient::wait() {
  const uint64_t received = io::received_bytes(PQsocket(connection_.get()));
  if (std::exchange(has_shown_, false)) shown_at_ = received;
  if (received <= shown_at_ + kMessageBytesMax) return Step::Wait;
  fail(text_failure(fmt::format("a row is larger than {} bytes", kMessageBytesMax)));
  request_cancel();
  is_busy_ = false;
  is_broken_ = true;
  return Step::Done;
}

void LibpqClient::request_cancel() {
  if (PQstatus(connection_.get()) != CONNECTION_OK) return;
  if (cancels_under_way.fetch_add(1) >= kCancelsMax) {
    cancels_under_way.fetch_sub(1);
    return;
  }
  Cancel cancel(PQgetCancel(connection_.get()));
  cancels_.submit([cancel = std::move(cancel)] {
    std::array<char, 256> message{};
    if (cancel) PQcancel(cancel.get(), message.data(), message.size());
    cancels_under_way.fetch_sub(1);
  });
}

// Keywords and values as libpq wants them.
class Options {
 public:
  void set(const char* keyword, std::string value) {
    keywords_.push_back(keyword);
    owned_.push_back(std::move(value));
  }
  bool has(std::string_view keyword) const {
    for (const char* one : keywords_) {
      if (keyword == one) return true;
    }
    return false;
  }
  Connection start() {
    std::vector<const char*> values;
    for (const auto& value : owned_) values.push_back(value.c_str());
    auto keywords = keywords_;
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    constexpr int kNamesOnly = 0;
    return Connection(PQconnectStartParams(keywords.data(), values.data(), kNamesOnly));
  }

 private:
  std::vector<const char*> keywords_;
  std::vector<std::string> owned_;
};

// What libpq would take from the host's environment and home where a word is missing gets a value
// that means nothing.
void shut_out_the_host(Options& options) {
  for (const char* file : {"passfile", "sslcert", "sslkey", "sslcrl", "sslcrldir"})
    options.set(file, kNoFile);
  options.set("gssencmode", "disable");
  options.set("krbsrvname", "none");
  options.set("client_encoding", "UTF8");
  options.set("sslcompression", "0");
  options.set("sslsni", "1");
  options.set("ssl_min_protocol_version", "TLSv1.2");
  struct Inherited {
    const char* variable;
    const char* keyword;
    const char* neutral;
  };
  // Where there is no such variable, the word is better left out.
  constexpr auto kInherited = std::to_array<Inherited>({
      {"PGPASSWORD", "password", " "},
      {"PGOPTIONS", "options", " "},
      {"PGAPPNAME", "application_name", "spindle"},
      {"PGTARGETSESSIONATTRS", "target_session_attrs", "any"},
      {"PGCHANNELBINDING", "channel_binding", "prefer"},
      {"PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version", "TLSv1.3"},
  });
  for (const auto& inherited : kInherited) {
    if (std::getenv(inherited.variable) != nullptr && !options.has(inherited.keyword))
      options.set(inherited.keyword, inherited.neutral);
  }
}

Options options_for(const Target& target, const char* sslmode) {
  Options options;
  options.set("host", target.host);
  options.set("hostaddr", target.endpoint.address_string());
  options.set("port", fmt::format("{}", target.endpoint.port));
  options.set("sslmode", sslmode);
  options.set("sslrootcert", target.roots == nullptr ? kNoFile : target.roots->path());
  for (const auto& [keyword, value] : target.settings->options) options.set(keyword.c_str(), value);
  if (!options.has("dbname")) {
    for (const auto& [keyword, value] : target.settings->options) {
      if (keyword == "user") options.set("dbname", value);
    }
  }
  if (!options.has("tcp_user_timeout")) options.set("tcp_user_timeout", "30000");
  shut_out_the_host(options);
  return options;
}

void ignore_notice(void*, const PGresult*) {}

io::Task<Result<Connection>> try_to_connect(io::EventLoop& loop, Options options) {
  Connection connection = options.start();
  if (!connection) co_return Error::unavailable("out of memory");
  PQsetNoticeReceiver(connection.get(), &ignore_notice, nullptr);
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  if (PQstatus(connection.get()) == CONNECTION_BAD) status = PGRES_POLLING_FAILED;
  while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
    // libpq may have another socket at each step.
    auto events = CO_TRY(io::FdEvents::create(loop, PQsocket(connection.get())));
    auto waiting = events->wait(status == PGRES_POLLING_READING ? io::FdEvents::Wish::Read
                                                                : io::FdEvents::Wish::Write);
    co_await std::move(waiting);
    events.reset();
    status = PQconnectPoll(connection.get());
  }
  if (status != PGRES_POLLING_OK)
    co_return Error::unavailable(one_line(PQerrorMessage(connection.get())));
  PQsetnonblocking(connection.get(), 1);
  co_return connection;
}

bool is_without_tls(const Error& error) {
  return error.message().contains("server does not support SSL");
}

io::Task<Result<Connection>> connect_once(io::EventLoop& loop, const Target& target,
                                          const char* sslmode) {
  const unsigned seconds = target.settings->connect_timeout_seconds.value_or(kConnectSeconds);
  auto attempt = io::with_deadline(loop, std::chrono::seconds(seconds),
                                   "connecting to " + target.endpoint.to_string(),
                                   try_to_connect(loop, options_for(target, sslmode)));
  auto connection = co_await std::move(attempt);
  co_return connection;
}

}  // namespace

Result<std::shared_ptr<const TrustedRoots>> TrustedRoots::create(std::string_view extra_pem) {
  // Where distributions put them; the first that exists.
  constexpr const char* kBundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                      "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
  std::string bundle(extra_pem);
  if (!bundle.empty() && !bundle.ends_with('\n')) bundle += '\n';
  for (const char* path : kBundles) {
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    bundle.append(std::istreambuf_iterator<char>(file), {});
    break;
  }
  const int fd = ::memfd_create("postgres-roots", MFD_CLOEXEC);
  if (fd < 0) return Error::from_errno(errno, "keeping certificates");
  std::shared_ptr<const TrustedRoots> roots(new TrustedRoots(fd));
  for (std::string_view rest = bundle; !rest.empty();) {
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written < 0) return Error::from_errno(errno, "keeping certificates");
    rest.remove_prefix(static_cast<size_t>(written));
  }
  return roots;
}

TrustedRoots::TrustedRoots(int fd) : fd_(fd), path_(fmt::format("/proc/self/fd/{}", fd)) {}

TrustedRoots::~TrustedRoots() {
  ::close(fd_);
}

io::Task<Outcome<std::unique_ptr<Client>>> Client::connect(io::EventLoop& loop, Target target,
                                                           io::BlockingPool& cancels) {
  const bool has_tls = target.settings->tls != TlsMode::Disable;
  auto first = connect_once(loop, target, has_tls ? "verify-full" : "disable");
  auto connection = co_await std::move(first);
  if (!connection && target.settings->tls == TlsMode::Prefer &&
      is_without_tls(connection.error())) {
    auto second = connect_once(loop, target, "disable");
    connection = co_await std::move(second);
  }
  if (!connection) co_return std::unexpected(connection_failed(connection.error().to_string()));
  auto client = std::make_unique<LibpqClient>(connection.take_value(), cancels);
  if (auto attached = client->attach(loop); !attached)
    co_return std::unexpected(connection_failed(attached.error().to_string()));
  co_return std::unique_ptr<Client>(std::move(client));
}

io::Task<Step> Client::next() {
  while (true) {
    const Step now = step();
    if (now != Step::Wait) co_return now;
    auto waiting = ready();
    co_await std::move(waiting);
  }
}

}  // namespace spindle::host::postgres
