#include "host/postgres/postgres.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "host/postgres/statement.h"

namespace spindle::host::postgres {
namespace {

template <typename T>
using Tried = Result<Outcome<T>>;

using Connection = PostgresConnectionV4;

io::Task<Tried<std::unique_ptr<Connection>>> open(Opener& opener, std::string address,
                                                  std::string ca_pem) {
  auto opening = opener.open(std::move(address), std::move(ca_pem));
  auto session = co_await std::move(opening);
  if (!session) co_return Outcome<std::unique_ptr<Connection>>(std::unexpect, session.error());
  co_return Outcome<std::unique_ptr<Connection>>(std::make_unique<Connection>(*std::move(session)));
}

template <typename T>
io::Task<Tried<T>> answer(io::Task<Outcome<T>> task) {
  auto outcome = co_await std::move(task);
  co_return outcome;
}

bool is_certificate(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> input(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr), &X509_free);
  return certificate != nullptr;
}

}  // namespace

Result<std::unique_ptr<PostgresBuilder>> PostgresV4::connection_builder_new(
    std::string_view address) {
  return std::make_unique<Builder>(std::string(address.substr(0, kAddressBytesMax + 1)));
}

Result<Outcome<void>> PostgresV4::connection_builder_set_ca_root(Builder& self,
                                                                 std::string_view certificate) {
  if (certificate.size() > kCaRootBytesMax)
    return Outcome<void>(
        std::unexpect,
        other_failure(fmt::format("the certificate is larger than {} bytes", kCaRootBytesMax)));
  if (!is_certificate(certificate))
    return Outcome<void>(std::unexpect, other_failure("not a certificate in PEM format"));
  self.set_ca_pem(std::string(certificate));
  return Outcome<void>();
}

Answer<std::unique_ptr<Connection>> PostgresV4::connection_builder_build(Builder& self) {
  return open(opener_, self.address(), self.ca_pem());
}

Answer<std::unique_ptr<Connection>> PostgresV4::connection_builder_build_async(Builder& self) {
  return open(opener_, self.address(), self.ca_pem());
}

Answer<std::unique_ptr<Connection>> PostgresV4::connection_open(std::string_view address) {
  return open(opener_, std::string(address), "");
}

Answer<std::unique_ptr<Connection>> PostgresV4::connection_open_async(std::string_view address) {
  return open(opener_, std::string(address), "");
}

Answer<api::RowSet> PostgresV4::connection_query(Connection& self, std::string_view statement,
                                                 const Parameters& params) {
  auto made = make_statement<&encode_parameter>(statement, params);
  if (!made) return Outcome<api::RowSet>(std::unexpect, bad_parameter(made.error()));
  return answer(self.session().query(made.take_value()));
}

Answer<Streamed> PostgresV4::connection_query_async(Connection& self, std::string_view statement,
                                                    const Parameters& params) {
  auto made = make_statement<&encode_parameter>(statement, params);
  if (!made) return Outcome<Streamed>(std::unexpect, bad_parameter(made.error()));
  return answer(self.session().stream(made.take_value()));
}

Answer<uint64_t> PostgresV4::connection_execute(Connection& self, std::string_view statement,
                                                const Parameters& params) {
  auto made = make_statement<&encode_parameter>(statement, params);
  if (!made) return Outcome<uint64_t>(std::unexpect, conversion_failed(made.error()));
  return answer(self.session().execute(made.take_value()));
}

Answer<uint64_t> PostgresV4::connection_execute_async(Connection& self, std::string_view statement,
                                                      const Parameters& params) {
  return connection_execute(self, statement, params);
}

}  // namespace spindle::host::postgres
