#include "io/tls_context.h"

#include <fmt/format.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

namespace spindle::io {

namespace {

using State = TlsContext::State;
using Bio = TlsHandle<BIO, BIO_free>;
using Certificate = TlsHandle<X509, X509_free>;
using Key = TlsHandle<EVP_PKEY, EVP_PKEY_free>;

Bio open_text(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Keys that need a password are refused, never asked for.
int no_password(char*, int, int, void*) {
  return 0;
}

Result<std::unique_ptr<State>> make_state(const SSL_METHOD* method) {
  ERR_clear_error();
  auto state = std::make_unique<State>();
  state->handle.reset(SSL_CTX_new(method));
  if (!state->handle) return Error::internal("making a TLS context: " + take_tls_error());
  SSL_CTX* handle = state->handle.get();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(handle, 1);
  return state;
}

Result<std::string> encode_protocols(const std::vector<std::string>& protocols) {
  std::string encoded;
  for (const auto& protocol : protocols) {
    if (protocol.empty() || protocol.size() > 255) {
      return Error::invalid_input(
          fmt::format("{:?} is not the name of a protocol: expected 1 to 255 bytes", protocol));
    }
    encoded += static_cast<char>(protocol.size());
    encoded += protocol;
  }
  return encoded;
}

Result<void> add_roots(SSL_CTX* context, const std::string& pem) {
  auto text = open_text(pem);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  size_t count = 0;
  while (true) {
    Certificate root(PEM_read_bio_X509_AUX(text.get(), nullptr, no_password, nullptr));
    if (!root) break;
    X509_STORE_add_cert(store, root.get());
    count += 1;
  }
  const auto last = ERR_peek_last_error();
  const bool is_at_end = ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
  std::string reason = take_tls_error();
  if (!is_at_end) return Error::invalid_input("invalid root certificate: " + reason);
  if (count == 0) return Error::invalid_input("no certificate in the roots: expected PEM");
  return {};
}

Result<void> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
  auto text = open_text(identity.certificates);
  Certificate own(PEM_read_bio_X509_AUX(text.get(), nullptr, no_password, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
    return Error::invalid_input("invalid certificate: " + take_tls_error());
  }
  while (true) {
    Certificate next(PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr));
    if (!next) break;
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) {
      return Error::invalid_input("invalid certificate: " + take_tls_error());
    }
  }
  ERR_clear_error();
  auto key_text = open_text(identity.private_key);
  const Key key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, no_password, nullptr));
  if (!key) return Error::invalid_input("invalid private key: " + take_tls_error());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Error::invalid_input("the private key is not that of the certificate: " +
                                take_tls_error());
  }
  return {};
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned offered_length, void* state) {
  const auto& mine = static_cast<const State*>(state)->protocols;
  unsigned char* found = nullptr;
  const int outcome =
      SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(mine.data()),
                            static_cast<unsigned>(mine.size()), offered, offered_length);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? std::string(reason) : fmt::format("error {:x}", code);
}

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}

TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::for_client(const TlsClientOptions& options) {
  auto state = TRY(make_state(TLS_client_method()));
  SSL_CTX* handle = state->handle.get();
  SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nullptr);
  if (options.trusts_system_roots && SSL_CTX_set_default_verify_paths(handle) != 1) {
    return Error::unavailable("finding the system's root certificates: " + take_tls_error());
  }
  if (!options.roots.empty()) TRY(add_roots(handle, options.roots));
  if (options.identity) TRY(use_identity(handle, *options.identity));
  const auto protocols = TRY(encode_protocols(options.protocols));
  // This function answers 0 for success.
  if (!protocols.empty() &&
      SSL_CTX_set_alpn_protos(handle, reinterpret_cast<const unsigned char*>(protocols.data()),
                              static_cast<unsigned>(protocols.size())) != 0) {
    return Error::internal("setting the protocols of TLS: " + take_tls_error());
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(state)));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_server(const TlsServerOptions& options) {
  auto state = TRY(make_state(TLS_server_method()));
  SSL_CTX* handle = state->handle.get();
  TRY(use_identity(handle, options.identity));
  state->protocols = TRY(encode_protocols(options.protocols));
  if (!state->protocols.empty()) {
    SSL_CTX_set_alpn_select_cb(handle, choose_protocol, state.get());
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(state)));
}

}  // namespace spindle::io
