#include "runtime/denied.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "component/host/renamed_interfaces.h"
#include "host/registry.h"
#include "runtime/capabilities.h"
#include "wasi/p2/http/types.h"
#include "wasi/p2/registry.h"
#include "wasi/p2/snapshot.h"
#include "wasi/p3/registry.h"

namespace spindle::runtime {
namespace {

namespace p2 = wasi::p2;
namespace p3 = wasi::p3;
namespace http = bindings::wasi::http_0_2;
namespace redis_v1 = bindings::fermyon::spin::redis;
namespace redis_2 = bindings::fermyon::spin_2::redis;
namespace redis_3 = bindings::spin::redis_3::redis;
namespace variables = bindings::fermyon::spin_2::variables;
namespace variables_3 = bindings::spin::variables_3::variables;
namespace config_v1 = bindings::fermyon::spin::config;
namespace wasi_config = bindings::wasi::config_0_2_0_draft_2024_09_27::store;

std::string not_permitted(std::string_view interface) {
  return fmt::format("\"{}\" is not permitted", interface);
}

class DeniedVariables final : public variables::Host {
 public:
  using Answer = std::expected<std::string, variables::Error>;
  io::Eventual<Answer> get(std::string_view name) override {
    return Answer(std::unexpect, variables::Error{variables::Error::Undefined{std::string(name)}});
  }
};

class DeniedVariablesV3 final : public variables_3::Host {
 public:
  using Answer = std::expected<std::string, variables_3::Error>;
  io::Eventual<Answer> get(std::string_view name) override {
    return Answer(std::unexpect,
                  variables_3::Error{variables_3::Error::Undefined{std::string(name)}});
  }
};

class DeniedConfigV1 final : public config_v1::Host {
 public:
  using Answer = std::expected<std::string, config_v1::Error>;
  io::Eventual<Answer> get_config(std::string_view) override {
    return Answer(std::unexpect,
                  config_v1::Error{config_v1::Error::Other{not_permitted("fermyon:spin/config")}});
  }
};

class DeniedWasiConfig final : public wasi_config::Host {
 public:
  using Entries = std::vector<std::tuple<std::string, std::string>>;
  io::Eventual<std::expected<std::optional<std::string>, wasi_config::Error>> get(
      std::string_view) override {
    using Answer = std::expected<std::optional<std::string>, wasi_config::Error>;
    return Answer(std::unexpect, error());
  }
  io::Eventual<std::expected<Entries, wasi_config::Error>> get_all() override {
    using Answer = std::expected<Entries, wasi_config::Error>;
    return Answer(std::unexpect, error());
  }

 private:
  static wasi_config::Error error() {
    return {wasi_config::Error::Io{not_permitted("wasi:config/store")}};
  }
};

class DeniedOutgoingHandler final : public http::outgoing_handler::Host {
 public:
  using Answer = std::expected<std::unique_ptr<p2::FutureIncomingResponse>, http::types::ErrorCode>;
  Result<Answer> handle(std::unique_ptr<p2::OutgoingRequest>,
                        std::optional<std::unique_ptr<p2::RequestOptions>>) override {
    http::types::ErrorCode error;
    error.value =
        http::types::ErrorCode::InternalError{not_permitted("wasi:http/outgoing-handler")};
    return Answer(std::unexpect, std::move(error));
  }
};

class DeniedHttpClient final : public p3::http_client::Host {
 public:
  using ErrorCode = p3::ErrorCode;
  using Answer = std::expected<std::unique_ptr<p3::Response>, ErrorCode>;
  io::Eventual<Answer> send(std::unique_ptr<p3::Request>) override {
    return Answer(std::unexpect,
                  ErrorCode{ErrorCode::InternalError{not_permitted("wasi:http/client")}});
  }
};

// The host's interfaces that need a capability.
std::vector<const component::HostInterface*> list_originals() {
  std::vector<const component::HostInterface*> originals;
  auto add_all = [&](std::span<const component::HostInterface* const> interfaces) {
    for (const auto* interface : interfaces) {
      if (!capability_of(interface->name).empty()) originals.push_back(interface);
    }
  };
  add_all(p2::interfaces());
  add_all(p2::snapshot_interfaces());
  add_all(p3::interfaces());
  add_all(p3::candidate_interfaces());
  add_all(std::array{&http::outgoing_handler::interface()});
  add_all(host::interfaces());
  return originals;
}

std::span<const component::HostInterface* const> originals() {
  static const std::vector<const component::HostInterface*> kOriginals = list_originals();
  return kOriginals;
}

const host::ComponentConfig& no_permissions() {
  static const host::ComponentConfig kNone;
  return kNone;
}

}  // namespace

std::span<const component::HostInterface* const> denied_interfaces() {
  static const component::RenamedInterfaces kDenied(originals(), denied_name);
  return kDenied.interfaces();
}

struct DeniedObjects::Objects {
  explicit Objects(const host::Services& services)
      : instance(services.loop, environment),
        environment_host(environment),
        preopens(environment, instance.descriptors),
        sockets(services.loop, instance),
        wasi_p3(services, environment, instance, gate),
        permission(no_permissions().outbound),
        host(no_permissions(), services, permission, gate) {}

  wasi::GuestEnvironment environment;
  wasi::InstanceState instance;
  wasi::ClosedGate gate;
  p2::EnvironmentHost environment_host;
  p2::PreopensHost preopens;
  p2::SocketHosts sockets;
  p3::State wasi_p3;
  DeniedHttpClient client;
  DeniedOutgoingHandler outgoing;
  DeniedVariables variables;
  DeniedVariablesV3 variables_v3;
  DeniedConfigV1 config_v1;
  DeniedWasiConfig wasi_config;
  std::unique_ptr<redis_v1::Host> redis_v1 = redis_v1::make_unsupported();
  std::unique_ptr<redis_2::Host> redis_2 = redis_2::make_unsupported();
  std::unique_ptr<redis_3::Host> redis_3 = redis_3::make_unsupported();
  host::OutboundPermission permission;
  host::State host;
};

DeniedObjects::DeniedObjects(const host::Services& services)
    : objects_(std::make_unique<Objects>(services)) {
  Objects& own = *objects_;
  const std::array special = {
      p2::cli::environment::implement(own.environment_host),
      p2::preopens::implement(own.preopens),
      http::outgoing_handler::implement(own.outgoing),
      p3::http_client::implement(own.client),
      p2::sockets::tcp::implement(own.sockets.tcp),
      p2::sockets::tcp_create_socket::implement(own.sockets.tcp_create_socket),
      p2::sockets::udp::implement(own.sockets.udp),
      p2::sockets::udp_create_socket::implement(own.sockets.udp_create_socket),
      p2::sockets::ip_name_lookup::implement(own.sockets.ip_name_lookup),
      variables::implement(own.variables),
      variables_3::implement(own.variables_v3),
      config_v1::implement(own.config_v1),
      wasi_config::implement(own.wasi_config),
      redis_v1::implement(*own.redis_v1),
      redis_2::implement(*own.redis_2),
      redis_3::implement(*own.redis_3),
  };
  // The first that implements it: what is special above, then objects with empty permissions.
  const std::array<std::span<const component::HostBinding>, 3> all = {
      special, own.wasi_p3.bindings(), own.host.bindings()};
  for (const auto* original : originals()) {
    const auto& known = p2::release_of(p3::release_of(*original));
    void* implementation = nullptr;
    for (const auto bindings : all) {
      const auto found = std::ranges::find(bindings, &known, &component::HostBinding::interface);
      if (found == bindings.end()) continue;
      implementation = found->implementation;
      break;
    }
    VERIFY(implementation != nullptr);
    implementations_.push_back(implementation);
  }
}

DeniedObjects::~DeniedObjects() = default;

}  // namespace spindle::runtime
