#include "host/mqtt/tls.h"

#include <fmt/format.h>
#include <mosquitto.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstring>

#include "io/socket.h"

namespace spindle::host {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Store = std::unique_ptr<X509_STORE, FreeStore>;

Store system_roots() {
  Store store(X509_STORE_new());
  if (!store || X509_STORE_set_default_paths(store.get()) != 1) return nullptr;
  return store;
}

// Slow to make, and nothing changes it afterwards: contexts share it.
X509_STORE* shared_roots() {
  static const Store kRoots = system_roots();
  return kRoots.get();
}

class LibraryTls final : public MqttTls {
 public:
  LibraryTls(mosquitto* client, std::string name) : client_(client), name_(std::move(name)) {}

  Result<void> give_context();
  Result<Step> shake_hands() override;
  std::string refusal() const override {
    if (verdict_ == X509_V_OK) return {};
    return fmt::format("the certificate is refused: {}", X509_verify_cert_error_string(verdict_));
  }

 private:
  static LibraryTls& of(const SSL* session) {
    return *static_cast<LibraryTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(session)));
  }
  static int note_verdict(int is_good, X509_STORE_CTX* checked) {
    const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
    const auto* session = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(checked, index));
    if (is_good == 0) of(session).verdict_ = X509_STORE_CTX_get_error(checked);
    return is_good;
  }
  // Just before the first message, whose name of the server is the library's address until then.
  static void name_server(const SSL* session, int where, int) {
    if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
    const auto& self = of(session);
    // The macro of this name casts as C does.
    const char* name = self.is_address() ? nullptr : self.name_.c_str();
    SSL_ctrl(const_cast<SSL*>(session), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name));
  }
  bool is_address() const { return io::parse_ip_literal(name_).has_value(); }

  mosquitto* client_;
  std::string name_;
  Context context_;
  int verdict_ = X509_V_OK;
};

Result<void> LibraryTls::give_context() {
  X509_STORE* roots = shared_roots();
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_ || roots == nullptr) {
    return Error::unavailable("the system's root certificates are not found");
  }
  SSL_CTX* context = context_.get();
  SSL_CTX_set1_cert_store(context, roots);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &LibraryTls::note_verdict);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_info_callback(context, &LibraryTls::name_server);
  auto* checks = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int is_set = is_address() ? X509_VERIFY_PARAM_set1_ip_asc(checks, name_.c_str())
                                  : X509_VERIFY_PARAM_set1_host(checks, name_.data(), name_.size());
  if (is_set != 1) {
    return Error::unavailable(fmt::format("{:?} cannot be the name of a server", name_));
  }
  const bool is_taken =
      mosquitto_int_option(client_, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) == MOSQ_ERR_SUCCESS &&
      mosquitto_void_option(client_, MOSQ_OPT_SSL_CTX, context) == MOSQ_ERR_SUCCESS;
  if (!is_taken) return Error::not_supported("the MQTT library has no TLS");
  return {};
}

Result<MqttTls::Step> LibraryTls::shake_hands() {
  auto* session = static_cast<SSL*>(mosquitto_ssl_get(client_));
  if (session == nullptr) return Error::unavailable("the connection is gone");
  ERR_clear_error();
  errno = 0;
  const int outcome = SSL_do_handshake(session);
  if (outcome == 1) return Step::Done;
  switch (SSL_get_error(session, outcome)) {
    case SSL_ERROR_WANT_READ: return Step::WaitToRead;
    case SSL_ERROR_WANT_WRITE: return Step::WaitToWrite;
    default: break;
  }
  const int number = errno;
  if (auto why = refusal(); !why.empty()) return Error::unavailable(std::move(why));
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  if (reason != nullptr) return Error::unavailable(fmt::format("no TLS: {}", reason));
  return Error::unavailable(number != 0 ? std::strerror(number) : "the connection was closed");
}

}  // namespace

Result<std::unique_ptr<MqttTls>> MqttTls::prepare(mosquitto* client, std::string name) {
  auto tls = std::make_unique<LibraryTls>(client, std::move(name));
  TRY(tls->give_context());
  return std::unique_ptr<MqttTls>(std::move(tls));
}

}  // namespace spindle::host
