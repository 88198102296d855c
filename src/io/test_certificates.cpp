#include "io/test_certificates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "io/tls_context.h"

namespace spindle::io {

namespace {

using Certificate = TlsHandle<X509, X509_free>;
using Key = TlsHandle<EVP_PKEY, EVP_PKEY_free>;
using Bio = TlsHandle<BIO, BIO_free>;

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  VERIFY(key != nullptr);
  return key;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  VERIFY(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  VERIFY(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  VERIFY(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate begin_certificate(EVP_PKEY* key, const char* subject, const TestCertificate& wanted) {
  static long serial = 0;
  serial += 1;
  Certificate made(X509_new());
  VERIFY(made != nullptr);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wanted.begins);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wanted.ends);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  return made;
}

Certificate make_leaf(EVP_PKEY* key, const TestCertificate& wanted) {
  auto made = begin_certificate(key, "a test", wanted);
  std::vector<std::string> alternatives;
  for (const auto& name : wanted.names) alternatives.push_back("DNS:" + name);
  for (const auto& address : wanted.addresses) alternatives.push_back("IP:" + address);
  if (!alternatives.empty()) {
    add_extension(made.get(), NID_subject_alt_name,
                  fmt::format("{}", fmt::join(alternatives, ",")));
  }
  return made;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* key) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  VERIFY(X509_sign(certificate, key, EVP_sha256()) > 0);
}

}  // namespace

struct TestAuthority::Keys {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority() : keys_(std::make_unique<Keys>()) {
  keys_->key = make_key();
  keys_->certificate = begin_certificate(keys_->key.get(), "the authority of a test", {});
  add_extension(keys_->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(keys_->certificate.get(), keys_->certificate.get(), keys_->key.get());
  certificate_ = pem_of(keys_->certificate.get());
}

TestAuthority::~TestAuthority() = default;

TlsIdentity TestAuthority::issue(const TestCertificate& wanted) const {
  const auto key = make_key();
  const auto leaf = make_leaf(key.get(), wanted);
  sign(leaf.get(), keys_->certificate.get(), keys_->key.get());
  return {.certificates = pem_of(leaf.get()), .private_key = pem_of(key.get())};
}

TlsIdentity TestAuthority::self_signed(const TestCertificate& wanted) {
  const auto key = make_key();
  const auto leaf = make_leaf(key.get(), wanted);
  sign(leaf.get(), leaf.get(), key.get());
  return {.certificates = pem_of(leaf.get()), .private_key = pem_of(key.get())};
}

}  // namespace spindle::io
