// Any bytes as a manifest, a runtime configuration, a locked app, a .env file and an allowed host:
// each is accepted or refused, and what is accepted survives the way to JSON and back.

#include <cstdint>
#include <memory>
#include <string>

#include "app/allowed_hosts.h"
#include "app/dotenv.h"
#include "app/glob.h"
#include "app/json.h"
#include "app/locked_app.h"
#include "app/runtime_config.h"
#include "base/verify.h"

namespace {

using namespace spindle::app;

void load(const std::string& text) {
  auto manifest = parse_manifest(std::make_shared<SourceText>("spin.toml", text));
  if (!manifest || !normalize_manifest(*manifest, "")) return;
  auto app = lock_manifest(*manifest, {"/app", "/app/spin.toml", ""});
  if (!app) return;
  std::string json = to_json(to_json_value(*app));
  auto back = parse_locked_app(json);
  VERIFY(back.has_value());
  VERIFY(back->components.size() == app->components.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  load(text);
  (void)parse_runtime_config(SourceText("runtime-config.toml", text), "/etc");
  (void)parse_locked_app(text);
  (void)parse_dotenv(text, ".env");
  (void)AllowedHost::parse(text);
  if (auto glob = Glob::parse(text.substr(0, size / 2)))
    (void)glob->matches(std::string_view(text).substr(size / 2));
  return 0;
}
