#include "runtime/capabilities.h"

#include <gtest/gtest.h>

namespace spindle::runtime {
namespace {

TEST(Capabilities, KnowWhichInterfacesNeedOne) {
  struct Case {
    std::string_view interface;
    std::string_view capability;
  };
  const Case cases[] = {
      {"fermyon:spin/llm", "ai_models"},
      {"fermyon:spin/llm@2.0.0", "ai_models"},
      {"fermyon:spin/http", "allowed_outbound_hosts"},
      {"fermyon:spin/mqtt@2.0.0", "allowed_outbound_hosts"},
      {"spin:redis/redis@3.0.0", "allowed_outbound_hosts"},
      {"spin:postgres/postgres@4.1.0", "allowed_outbound_hosts"},
      {"wasi:http/outgoing-handler@0.2.0", "allowed_outbound_hosts"},
      {"wasi:http/outgoing-handler@0.2.12", "allowed_outbound_hosts"},
      {"wasi:http/client@0.3.0", "allowed_outbound_hosts"},
      {"wasi:sockets/udp@0.2.3", "allowed_outbound_hosts"},
      {"wasi:cli/environment@0.2.6", "environment"},
      {"wasi:cli/environment@0.3.0-rc-2026-03-15", "environment"},
      {"wasi:filesystem/preopens@0.2.0", "files"},
      {"fermyon:spin/key-value", "key_value_stores"},
      {"spin:key-value/key-value@3.0.0", "key_value_stores"},
      {"wasi:keyvalue/batch@0.2.0-draft2", "key_value_stores"},
      {"spin:sqlite/sqlite@3.0.0", "sqlite_databases"},
      {"fermyon:spin/config", "variables"},
      {"wasi:config/store@0.2.0-draft-2024-09-27", "variables"},
      {"wasi:http/types@0.2.0", ""},
      {"wasi:http/outgoing-handler@0.2.0-rc-2023-10-18", ""},
      {"wasi:http/outgoing-handler@0.2.0-rc-2023-11-10", "allowed_outbound_hosts"},
      {"wasi:filesystem/preopens@0.2.0-rc-2023-11-10", "files"},
      {"wasi:http/types@0.2.0-rc-2023-11-10", ""},
      {"wasi:clocks/monotonic-clock@0.2.0", ""},
      {"wasi:sockets/network@0.2.0", ""},
      {"fermyon:spin/mqtt", ""},
      {"acme:shop/cart@1.0.0", ""},
      {"plain", ""},
  };
  for (const auto& [interface, capability] : cases) {
    EXPECT_EQ(capability_of(interface), capability) << interface;
  }
}

TEST(Capabilities, DenyWhatIsNotInherited) {
  struct Case {
    app::Inherit inherit;
    std::string_view import;
    std::string_view hoisted;
  };
  const Case cases[] = {
      {{false, {}}, "wasi:cli/environment@0.2.6", "denied-wasi:cli/environment@0.2.6"},
      {{true, {}}, "wasi:cli/environment@0.2.6", "wasi:cli/environment@0.2.6"},
      {{false, {"environment"}}, "wasi:cli/environment@0.2.6", "wasi:cli/environment@0.2.6"},
      {{false, {"environment"}}, "fermyon:spin/config", "denied-fermyon:spin/config"},
      {{false, {"other", "variables"}}, "fermyon:spin/config", "fermyon:spin/config"},
      {{false, {"Environment", ""}},
       "wasi:cli/environment@0.2.6",
       "denied-wasi:cli/environment@0.2.6"},
      {{false, {}}, "wasi:io/streams@0.2.6", "wasi:io/streams@0.2.6"},
  };
  for (const auto& [inherit, import, hoisted] : cases) {
    EXPECT_EQ(hoisted_name(import, inherit), hoisted);
  }
}

}  // namespace
}  // namespace spindle::runtime
