#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include <openssl/x509v3.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "io/deadlines.h"
#include "io/tls_context.h"

// A session stands between two streams of bytes: what it wants to read and write of the peer goes
// through a BIO of ours to the inner stream. Reading of the inner stream is a step; writing never
// blocks: it goes to `pending_`, so that a step of reading that has something to say (an alert, a
// key update) does not wait for the other direction. `pending_` leaves with the next step, or by a
// task of its own when the inner stream is full.

namespace spindle::io {

namespace {

// Beyond what steps of writing leave: alerts, key updates, tickets. More is a hostile peer.
constexpr size_t kControlMax = 64 * 1024;
constexpr size_t kRecordMax = 16 * 1024;

using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;
using Ssl = TlsHandle<SSL, SSL_free>;

Error canceled() {
  return Error::canceled("the TLS session: canceled");
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(EventLoop& loop, std::unique_ptr<ByteStream> inner,
          std::shared_ptr<const TlsContext> context)
      : loop_(loop),
        inner_(std::move(inner)),
        context_(std::move(context)),
        changed_(loop),
        linger_(loop.executor()) {}

  enum class Side : uint8_t { Client, Server };
  Result<void> prepare(Side side, const std::string& host);
  static Task<Result<void>> handshake(std::shared_ptr<Session> self);

  Result<ReadStep> try_read(std::span<uint8_t> buffer);
  Result<size_t> try_write(std::span<const Piece> pieces);
  static Task<Result<void>> readable(std::shared_ptr<Session> self);
  static Task<Result<void>> writable(std::shared_ptr<Session> self);
  void cancel();
  void shutdown_write();
  void close();
  void abort();

  ByteStream& inner() { return *inner_; }
  std::string_view protocol() const;
  std::string_view version() const { return SSL_get_version(ssl_.get()); }
  // For the BIO.
  int bio_read(BIO* bio, std::span<uint8_t> out);
  int bio_write(std::span<const uint8_t> bytes);

 private:
  Result<void> set_host(const std::string& host);
  // Why the session failed, from OpenSSL's `code`.
  Error failure_of(int code);
  Error fail_writing(Error error);
  Result<void> encrypt(Piece bytes);
  // Whether nothing is left.
  Result<bool> flush();
  void flush_later();
  static Task<void> flush_in_background(std::shared_ptr<Session> self);
  void end_flushing();
  void say_end();
  void close_inner();
  void notify();
  size_t pending() const { return pending_.size() - sent_; }

  EventLoop& loop_;
  const std::unique_ptr<ByteStream> inner_;
  const std::shared_ptr<const TlsContext> context_;
  Ssl ssl_;
  std::vector<uint8_t> pending_;
  size_t sent_ = 0;
  Event changed_;
  Timer linger_;
  uint64_t cancels_ = 0;
  // One does not end the other direction: a peer that takes no more may have answered.
  std::optional<Error> read_failure_;
  std::optional<Error> write_failure_;
  bool inner_ended_ = false;
  // The last step of reading took all that the inner stream had.
  bool is_starved_ = false;
  bool is_flushing_ = false;
  bool is_ready_ = false;
  // No more of ours follows.
  bool has_said_end_ = false;
  bool ends_writing_ = false;
  bool is_closed_ = false;
  bool is_inner_closed_ = false;
};

// --- the BIO ---

Session& session_of(BIO* bio) {
  return *static_cast<Session*>(BIO_get_data(bio));
}

int read_bio(BIO* bio, char* out, int length) {
  return session_of(bio).bio_read(
      bio, {reinterpret_cast<uint8_t*>(out), static_cast<size_t>(std::max(length, 0))});
}

int write_bio(BIO* bio, const char* bytes, int length) {
  BIO_clear_retry_flags(bio);
  return session_of(bio).bio_write(
      {reinterpret_cast<const uint8_t*>(bytes), static_cast<size_t>(std::max(length, 0))});
}

long control_bio(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    VERIFY(method != nullptr);
    BIO_meth_set_read(method, read_bio);
    BIO_meth_set_write(method, write_bio);
    BIO_meth_set_ctrl(method, control_bio);
    return method;
  }();
  return kMethod;
}

int Session::bio_read(BIO* bio, std::span<uint8_t> out) {
  BIO_clear_retry_flags(bio);
  if (out.empty() || inner_ended_ || is_inner_closed_) return 0;
  auto step = inner_->try_read(out);
  if (!step) {
    read_failure_ = step.take_error();
    return -1;
  }
  if (step->count > 0) return static_cast<int>(step->count);
  if (step->is_ended) {
    inner_ended_ = true;
    return 0;
  }
  is_starved_ = true;
  BIO_set_retry_read(bio);
  return -1;
}

int Session::bio_write(std::span<const uint8_t> bytes) {
  if (pending() + bytes.size() > 2 * TlsStream::kPendingMax + kControlMax) return -1;
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  return static_cast<int>(bytes.size());
}

// --- the session ---

Result<void> Session::prepare(Side side, const std::string& host) {
  ERR_clear_error();
  ssl_.reset(SSL_new(context_->state().handle.get()));
  BIO* bio = ssl_ ? BIO_new(bio_method()) : nullptr;
  if (bio == nullptr) return Error::internal("making a TLS session: " + take_tls_error());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  // The session owns it, once for both directions.
  SSL_set_bio(ssl_.get(), bio, bio);
  if (side == Side::Server) {
    SSL_set_accept_state(ssl_.get());
    return {};
  }
  SSL_set_connect_state(ssl_.get());
  return set_host(host);
}

Result<void> Session::set_host(const std::string& host) {
  std::string name = host;
  if (name.ends_with('.')) name.pop_back();
  std::array<uint8_t, 16> address;
  const bool is_v4 = inet_pton(AF_INET, name.c_str(), address.data()) == 1;
  const bool is_v6 = !is_v4 && inet_pton(AF_INET6, name.c_str(), address.data()) == 1;
  bool is_set = !name.empty() && !name.contains('\0');
  if (is_v4 || is_v6) {
    is_set = X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl_.get()), address.data(),
                                       is_v4 ? size_t{4} : size_t{16}) == 1;
  } else if (is_set) {
    SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    is_set = SSL_set1_host(ssl_.get(), name.c_str()) == 1 &&
             SSL_set_tlsext_host_name(ssl_.get(), name.c_str()) == 1;
  }
  if (is_set) return {};
  return Error::invalid_input(fmt::format("{:?} is not the name of a TLS server", host));
}

Error Session::fail_writing(Error error) {
  if (!write_failure_) write_failure_ = std::move(error);
  return *write_failure_;
}

Error Session::failure_of(int code) {
  const std::string reason = code == SSL_ERROR_SSL ? take_tls_error() : "broken session";
  if (inner_ended_) {
    return Error::unavailable(is_ready_
                                  ? "the peer closed the connection without ending the TLS session"
                                  : "the peer closed the connection during the TLS handshake");
  }
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (!is_ready_ && verdict != X509_V_OK) {
    return Error::denied(
        fmt::format("the peer's certificate: {}", X509_verify_cert_error_string(verdict)));
  }
  return Error::unavailable(fmt::format("TLS: {}", reason));
}

Task<Result<void>> Session::handshake(std::shared_ptr<Session> self) {
  while (true) {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(self->ssl_.get());
    const int code = outcome == 1 ? SSL_ERROR_NONE : SSL_get_error(self->ssl_.get(), outcome);
    std::optional<Error> failure;
    if (code != SSL_ERROR_NONE && code != SSL_ERROR_WANT_READ) {
      failure = self->read_failure_ ? *self->read_failure_ : self->failure_of(code);
    }
    auto flushed = self->flush();
    if (failure) co_return *failure;
    bool is_gone = CO_TRY(std::move(flushed));
    if (outcome == 1) {
      // The peer may read the rest of it when it first reads.
      if (!is_gone) self->flush_later();
      break;
    }
    while (!is_gone) {
      auto waiting = self->inner_->writable();
      CO_TRY(co_await std::move(waiting));
      is_gone = CO_TRY(self->flush());
    }
    auto waiting = self->inner_->readable();
    CO_TRY(co_await std::move(waiting));
  }
  self->is_ready_ = true;
  // What the peer sent next may be here already.
  self->is_starved_ = false;
  co_return Result<void>();
}

std::string_view Session::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

Result<ReadStep> Session::try_read(std::span<uint8_t> buffer) {
  if (is_closed_) return canceled();
  if (read_failure_) return *read_failure_;
  ReadStep step;
  is_starved_ = false;
  while (step.count < buffer.size()) {
    ERR_clear_error();
    size_t count = 0;
    const auto rest = buffer.subspan(step.count);
    const int outcome = SSL_read_ex(ssl_.get(), rest.data(), rest.size(), &count);
    step.count += count;
    if (outcome == 1) continue;
    const int code = SSL_get_error(ssl_.get(), outcome);
    if (code == SSL_ERROR_WANT_READ) break;
    if (code == SSL_ERROR_ZERO_RETURN) {
      step.is_ended = true;
      break;
    }
    if (!read_failure_) read_failure_ = failure_of(code);
    if (step.count == 0) return *read_failure_;
    break;
  }
  if (pending() > 0) flush_later();
  return step;
}

Result<void> Session::encrypt(Piece bytes) {
  ERR_clear_error();
  size_t count = 0;
  const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  if (outcome == 1) return {};
  return fail_writing(failure_of(SSL_get_error(ssl_.get(), outcome)));
}

Result<size_t> Session::try_write(std::span<const Piece> pieces) {
  if (is_closed_) return canceled();
  if (write_failure_) return *write_failure_;
  if (has_said_end_) return Error::invalid_input("writing after the end of the TLS session");
  const bool is_gone = TRY(flush());
  if (!is_gone) {
    flush_later();
    return size_t{0};
  }
  size_t taken = 0;
  // Small pieces share a record.
  std::vector<uint8_t> record;
  for (Piece piece : pieces.first(std::min(pieces.size(), ByteStream::kPiecesMax))) {
    while (!piece.empty() && pending() < TlsStream::kPendingMax) {
      const auto part = piece.first(std::min(piece.size(), kRecordMax - record.size()));
      piece = piece.subspan(part.size());
      taken += part.size();
      if (record.empty() && part.size() == kRecordMax) {
        TRY(encrypt(part));
        continue;
      }
      record.insert(record.end(), part.begin(), part.end());
      if (record.size() < kRecordMax) continue;
      TRY(encrypt(record));
      record.clear();
    }
    if (!piece.empty()) break;
  }
  if (!record.empty()) TRY(encrypt(record));
  const bool has_left = TRY(flush());
  if (!has_left) flush_later();
  return taken;
}

Result<bool> Session::flush() {
  while (pending() > 0) {
    if (write_failure_) return *write_failure_;
    if (is_inner_closed_) return canceled();
    const Piece rest = Piece(pending_).subspan(sent_);
    auto count = inner_->try_write(std::span(&rest, 1));
    if (!count) return fail_writing(count.take_error());
    if (*count == 0) return false;
    sent_ += *count;
  }
  pending_.clear();
  sent_ = 0;
  // Idle sessions hold no memory for it.
  if (pending_.capacity() > kRecordMax) pending_.shrink_to_fit();
  return true;
}

void Session::flush_later() {
  if (is_flushing_ || is_inner_closed_) return;
  is_flushing_ = true;
  boost::asio::co_spawn(loop_.executor(), flush_in_background(shared_from_this()),
                        boost::asio::detached);
}

// Not canceled by anybody: closing the inner stream ends it.
Task<void> Session::flush_in_background(std::shared_ptr<Session> self) {
  while (!self->is_inner_closed_) {
    auto flushed = self->flush();
    if (!flushed || *flushed) break;
    auto waiting = self->inner_->writable();
    auto outcome = co_await std::move(waiting);
    // A cancel() of the other direction is no failure.
    if (outcome || outcome.error().kind() == ErrorKind::Canceled) continue;
    (void)self->fail_writing(outcome.take_error());
    break;
  }
  self->end_flushing();
}

void Session::end_flushing() {
  is_flushing_ = false;
  if (is_closed_) {
    close_inner();
  } else if (ends_writing_) {
    inner_->shutdown_write();
  }
  notify();
}

Task<Result<void>> Session::readable(std::shared_ptr<Session> self) {
  if (self->is_closed_) co_return canceled();
  if (!self->is_starved_ || self->read_failure_) co_return Result<void>();
  auto waiting = self->inner_->readable();
  auto outcome = co_await std::move(waiting);
  if (self->is_closed_) co_return canceled();
  if (outcome) self->is_starved_ = false;
  co_return outcome;
}

Task<Result<void>> Session::writable(std::shared_ptr<Session> self) {
  const auto cancels = self->cancels_;
  while (self->is_flushing_ && !self->is_closed_ && cancels == self->cancels_) {
    co_await self->changed_.wait();
  }
  if (self->is_closed_ || cancels != self->cancels_) co_return canceled();
  co_return Result<void>();
}

void Session::notify() {
  changed_.set();
  changed_.reset();
}

void Session::cancel() {
  cancels_ += 1;
  inner_->cancel();
  notify();
}

void Session::say_end() {
  has_said_end_ = true;
  if (!is_ready_ || read_failure_ || write_failure_) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void Session::shutdown_write() {
  if (is_closed_ || has_said_end_) return;
  ends_writing_ = true;
  say_end();
  auto flushed = flush();
  if (flushed && !*flushed) {
    flush_later();
  } else {
    inner_->shutdown_write();
  }
}

void Session::close() {
  if (is_closed_) return;
  if (!has_said_end_) say_end();
  is_closed_ = true;
  notify();
  auto flushed = flush();
  if (!flushed || *flushed) {
    close_inner();
    return;
  }
  flush_later();
  // Whoever reads; the flushing task waits again.
  inner_->cancel();
  linger_.expires_after(TlsStream::kLingerTime);
  linger_.async_wait([weak = weak_from_this()](boost::system::error_code code) {
    if (code) return;
    if (auto self = weak.lock()) self->close_inner();
  });
}

void Session::close_inner() {
  if (is_inner_closed_) return;
  is_inner_closed_ = true;
  linger_.cancel();
  inner_->close();
}

void Session::abort() {
  if (is_inner_closed_) return;
  is_closed_ = true;
  is_inner_closed_ = true;
  linger_.cancel();
  inner_->abort();
  notify();
}

class SessionStream final : public TlsStream {
 public:
  // Reads that need not wait, in a row.
  static constexpr unsigned kAtOnceMax = 16;

  SessionStream(EventLoop& loop, std::shared_ptr<Session> session)
      : loop_(loop), session_(std::move(session)) {}
  ~SessionStream() override { session_->close(); }

  Task<Result<size_t>> read_some(std::span<uint8_t> buffer) override {
    auto session = session_;
    at_once_ += 1;
    // A fast peer must not keep the loop for itself.
    if (at_once_ % kAtOnceMax == 0) co_await yield(loop_);
    while (true) {
      const auto step = CO_TRY(session->try_read(buffer));
      if (step.count > 0 || step.is_ended) co_return step.count;
      auto waiting = Session::readable(session);
      CO_TRY(co_await std::move(waiting));
    }
  }
  Eventual<size_t> write_some(std::span<const Piece> pieces) override {
    auto taken = session_->try_write(pieces);
    if (!taken || *taken > 0 || is_empty(pieces)) return taken;
    return wait_and_write(session_, pieces);
  }
  Result<ReadStep> try_read(std::span<uint8_t> buffer) override {
    return session_->try_read(buffer);
  }
  Result<size_t> try_write(std::span<const Piece> pieces) override {
    return session_->try_write(pieces);
  }
  Task<Result<void>> readable() override { return Session::readable(session_); }
  Task<Result<void>> writable() override { return Session::writable(session_); }
  void cancel() override { session_->cancel(); }
  void shutdown_write() override { session_->shutdown_write(); }
  void close() override { session_->close(); }
  void abort() override { session_->abort(); }
  const Endpoint& peer() const override { return session_->inner().peer(); }
  const Endpoint& local() const override { return session_->inner().local(); }
  std::string_view protocol() const override { return session_->protocol(); }
  std::string_view version() const override { return session_->version(); }

 private:
  static bool is_empty(std::span<const Piece> pieces) {
    return std::ranges::all_of(pieces, [](Piece piece) { return piece.empty(); });
  }
  static Task<Result<size_t>> wait_and_write(std::shared_ptr<Session> session,
                                             std::span<const Piece> pieces) {
    while (true) {
      auto waiting = Session::writable(session);
      CO_TRY(co_await std::move(waiting));
      const auto taken = CO_TRY(session->try_write(pieces));
      if (taken > 0) co_return taken;
    }
  }

  EventLoop& loop_;
  const std::shared_ptr<Session> session_;
  unsigned at_once_ = 0;
};

Task<Result<std::unique_ptr<TlsStream>>> begin(EventLoop& loop, std::shared_ptr<Session> session) {
  // Closes the session, whatever becomes of the handshake.
  auto stream = std::make_unique<SessionStream>(loop, session);
  auto shaking = Session::handshake(std::move(session));
  CO_TRY(co_await std::move(shaking));
  co_return std::unique_ptr<TlsStream>(std::move(stream));
}

}  // namespace

Task<Result<std::unique_ptr<TlsStream>>> tls_connect(EventLoop& loop,
                                                     std::unique_ptr<ByteStream> inner,
                                                     std::shared_ptr<const TlsContext> context,
                                                     std::string host) {
  auto session = std::make_shared<Session>(loop, std::move(inner), std::move(context));
  CO_TRY(session->prepare(Session::Side::Client, host));
  auto beginning = begin(loop, std::move(session));
  auto stream = co_await std::move(beginning);
  co_return stream;
}

Task<Result<std::unique_ptr<TlsStream>>> tls_accept(EventLoop& loop,
                                                    std::unique_ptr<ByteStream> inner,
                                                    std::shared_ptr<const TlsContext> context) {
  auto session = std::make_shared<Session>(loop, std::move(inner), std::move(context));
  CO_TRY(session->prepare(Session::Side::Server, {}));
  auto beginning = begin(loop, std::move(session));
  auto stream = co_await std::move(beginning);
  co_return stream;
}

}  // namespace spindle::io
