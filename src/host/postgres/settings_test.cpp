#include "host/postgres/settings.h"

#include <gtest/gtest.h>

namespace spindle::host::postgres {
namespace {

std::vector<std::string> urls(std::string_view address) {
  std::vector<std::string> urls;
  for (const auto& host : parse_settings(address).value().hosts) urls.push_back(host.url);
  return urls;
}

TEST(Settings, AsksForEachHostAsSpinWordsIt) {
  const std::pair<const char*, std::vector<std::string>> kCases[] = {
      {"postgres://me@db.example/shop", {"postgres://db.example:5432"}},
      {"postgresql://me:secret@db.example:6000/shop", {"postgres://db.example:6000"}},
      {"host=db.example user=me", {"postgres://db.example"}},
      {"host=db.example port=6000 user=me", {"postgres://db.example:6000"}},
      {"postgres://me@a:1,b/shop", {"postgres://a:1", "postgres://b:5432"}},
      {"host=a,b port=7 user=me", {"postgres://a:7", "postgres://b:7"}},
      {"host=a,b port=7,8 user=me", {"postgres://a:7", "postgres://b:8"}},
      {"postgres://me@[::1]:7/shop", {"postgres://[::1]:7"}},
      {"host=127.0.0.1 user=me", {"postgres://127.0.0.1"}},
  };
  for (const auto& [address, expected] : kCases) EXPECT_EQ(urls(address), expected) << address;
}

TEST(Settings, RefuseWhatReachesTheHost) {
  const std::pair<const char*, const char*> kCases[] = {
      {"host=a user=me passfile=/etc/x", "option `passfile` is not supported"},
      {"host=a user=me sslcert=/etc/x", "option `sslcert` is not supported"},
      {"host=a user=me sslkey=/etc/x", "option `sslkey` is not supported"},
      {"host=a user=me sslrootcert=/etc/x", "option `sslrootcert` is not supported"},
      {"host=a user=me sslcrl=/etc/x", "option `sslcrl` is not supported"},
      {"host=a user=me sslcrldir=/etc/x", "option `sslcrldir` is not supported"},
      {"host=a user=me service=x", "option `service` is not supported"},
      {"host=a user=me hostaddr=10.0.0.1", "option `hostaddr` is not supported"},
      {"host=a user=me gssencmode=require", "option `gssencmode` is not supported"},
      {"host=a user=me krbsrvname=x", "option `krbsrvname` is not supported"},
      {"host=a user=me requirepeer=x", "option `requirepeer` is not supported"},
      {"host=a user=me replication=database", "option `replication` is not supported"},
      {"host=a user=me client_encoding=LATIN1", "option `client_encoding` is not supported"},
      {"postgres://me@a/x?sslkey=/etc/x", "option `sslkey` is not supported"},
      {"host=/var/run/postgresql user=me", "unix sockets are not supported"},
      {"postgres://me@%2Fvar%2Frun/x", "unix sockets are not supported"},
      {"host=@abstract user=me", "unix sockets are not supported"},
      {"host=a,/tmp user=me", "unix sockets are not supported"},
  };
  for (const auto& [address, message] : kCases)
    EXPECT_EQ(parse_settings(address).error().message(), message) << address;
}

TEST(Settings, RefuseWhatIsNotAnAddress) {
  const std::string long_one(kAddressBytesMax + 1, 'x');
  std::string many = "user=me host=a";
  for (size_t i = 0; i < kHostsMax; ++i) many += ",a";
  for (const std::string& address :
       {std::string(), std::string("user=me"), std::string("host= user=me"), std::string("host=a"),
        std::string("postgres://"), std::string("host=a user=me nonsense=1"),
        std::string("host=a user=me port=0"), std::string("host=a user=me port=65536"),
        std::string("host=a user=me port=1,2"), std::string("host=a user=me port=x"),
        std::string("host=a#.b user=me"), std::string("host=a/b user=me"),
        std::string("host=a\\ b user=me"), std::string("host=a user=me sslmode=allow"),
        std::string("host=a user=me connect_timeout=x"), std::string("host='a"),
        std::string("host=a\0 user=me", 15), many, long_one}) {
    EXPECT_FALSE(parse_settings(address).has_value()) << address.substr(0, 60);
  }
}

TEST(Settings, KeepsWhatIsPassedOn) {
  const auto settings =
      parse_settings("postgres://me:se%20cret@a/shop?sslmode=require&connect_timeout=7").value();
  EXPECT_EQ(settings.tls, TlsMode::Require);
  EXPECT_EQ(settings.connect_timeout_seconds, 7u);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"user", "me"}, {"password", "se cret"}, {"dbname", "shop"}};
  EXPECT_EQ(settings.options, expected);
  EXPECT_EQ(parse_settings("host=a user=me sslmode=disable").value().tls, TlsMode::Disable);
  EXPECT_EQ(parse_settings("host=a user=me").value().tls, TlsMode::Prefer);
}

}  // namespace
}  // namespace spindle::host::postgres
