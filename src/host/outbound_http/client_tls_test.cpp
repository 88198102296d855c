#include "host/outbound_http/client_tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/test_certificates.h"

namespace spindle::host {
namespace {

using testing::HasSubstr;

class Files final : public app::FileReader {
 public:
  Result<std::string> read(const std::string& path, size_t) const override {
    auto found = texts.find(path);
    if (found == texts.end()) return Error::not_found("no file `" + path + "`");
    return found->second;
  }
  std::map<std::string, std::string> texts;
};

struct World {
  World() {
    const auto identity = authority.issue();
    files.texts = {{"roots", authority.certificate()},
                   {"certificate", identity.certificates},
                   {"key", identity.private_key},
                   {"nonsense", "nonsense"}};
  }
  io::TestAuthority authority;
  Files files;
};

TEST(ClientTls, TheFirstTableOfComponentAndHostHolds) {
  World world;
  const std::vector<app::ClientTlsConfig> tables = {
      {.components = {"a"}, .hosts = {"one.example"}, .roots_file = "roots"},
      {.components = {"a", "b"}, .hosts = {"one.example", "[::1]"}, .roots_file = "roots"},
  };
  const auto tls = ClientTls::create(tables, world.files).value();
  struct Case {
    std::string component;
    std::string host;
    uint32_t number;
  };
  for (const auto& item : std::vector<Case>{{"a", "one.example", 1},
                                            {"b", "one.example", 2},
                                            {"a", "[::1]", 2},
                                            {"c", "one.example", ClientTls::kDefault},
                                            {"a", "two.example", ClientTls::kDefault},
                                            {"a", "sub.one.example", ClientTls::kDefault}}) {
    EXPECT_EQ(tls->number_for(item.component, item.host), item.number) << item.host;
  }
  EXPECT_NE(tls->find(1).value(), tls->find(2).value());
  EXPECT_EQ(tls->find(ClientTls::kDefault).value(), tls->find(ClientTls::kDefault).value());
}

TEST(ClientTls, FilesAreCheckedAtStart) {
  World world;
  struct Case {
    app::ClientTlsConfig table;
    std::string complaint;
  };
  const std::vector<Case> cases = {
      {{.roots_file = "roots", .certificate_file = "certificate", .private_key_file = "key"}, ""},
      {{.roots_file = "missing"}, "no file `missing`"},
      {{.roots_file = "nonsense"}, "no certificate in the roots"},
      {{.certificate_file = "nonsense", .private_key_file = "key"}, "invalid certificate"},
      {{.certificate_file = "certificate", .private_key_file = "nonsense"}, "invalid private key"},
      {{.certificate_file = "roots", .private_key_file = "key"}, "not that of the certificate"},
  };
  for (auto item : cases) {
    item.table.components = {"a"};
    item.table.hosts = {"one.example"};
    auto made = ClientTls::create({item.table}, world.files);
    EXPECT_EQ(made.has_value(), item.complaint.empty());
    if (made) continue;
    EXPECT_THAT(made.error().to_string(), HasSubstr(item.complaint));
    EXPECT_THAT(made.error().to_string(), HasSubstr("`[[client_tls]]` of `a` and `one.example`"));
  }
}

}  // namespace
}  // namespace spindle::host
