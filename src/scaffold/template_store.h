#pragma once

// TemplateStore: the templates that `new` and `add` find: those that were installed, in the
// directory and layout that Spin uses, and those that come with the program. An installed template
// takes the place of one of the program with the same id.
//
//   TemplateStore store({.installed = data / "templates", .built_in = templates});
//   auto report = TRY(store.install("checkout", {.kind = Kind::Git, .location = url},
//   Existing::Keep));
//
// An installation is a copy: `<id>_<sha256 of id>/{metadata,content,.install.toml}`, made beside
// its place and renamed into it. Nothing here asks a network; fetching is in fetch.h.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scaffold/template.h"

namespace spindle::scaffold {

inline constexpr size_t kMaxTemplateFiles = 10'000;
inline constexpr size_t kMaxTemplateBytes = size_t{256} << 20;

// Where a template was installed from, as `.install.toml` says.
struct TemplateSource {
  enum class Kind : uint8_t { BuiltIn, Directory, Git, Archive, Unknown };
  Kind kind = Kind::Unknown;
  std::string location;
  bool operator==(const TemplateSource&) const = default;
};

struct StoredTemplate {
  Template definition;
  TemplateSource source;
};

struct InstallReport {
  std::vector<Template> installed;
  std::vector<std::string> kept;  // ids that were there
};

class TemplateStore {
 public:
  struct Places {
    std::filesystem::path installed;
    std::optional<std::filesystem::path> built_in;
  };
  enum class Existing : uint8_t { Keep, Replace };

  explicit TemplateStore(Places places) : places_(std::move(places)) {}

  struct Listing {
    std::vector<StoredTemplate> templates;  // by id
    std::vector<Error> problems;            // of those that cannot be read
  };
  Result<Listing> list() const;
  Result<Template> find(std::string_view id) const;

  // All templates in `checkout`/templates.
  Result<InstallReport> install(const std::filesystem::path& checkout, const TemplateSource& source,
                                Existing existing) const;
  Result<void> uninstall(std::string_view id) const;

 private:
  Result<void> copy(const Template& from, const TemplateSource& source) const;
  std::filesystem::path place_of(std::string_view id) const;

  const Places places_;
};

}  // namespace spindle::scaffold
