#include "scaffold/template_store.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "app/system.h"
#include "app/toml.h"

namespace spindle::scaffold {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxInstallRecordBytes = 4096;
constexpr int kMaxDepth = 32;

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string made;
  for (unsigned index = 0; index < length; ++index) made += fmt::format("{:02x}", digest[index]);
  return made;
}

Error disk_error(const std::error_code& code, std::string_view action, const fs::path& path) {
  return Error::from_errno(code.value(), fmt::format("{} `{}`", action, path.string()));
}

// The directories below one that are templates, sorted.
Result<std::vector<fs::path>> template_roots(const fs::path& directory) {
  std::vector<fs::path> roots;
  std::error_code error;
  if (!fs::exists(directory, error)) return roots;
  fs::directory_iterator entries(directory, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    if (fs::exists(template_manifest_path(entries->path()), ignored))
      roots.push_back(entries->path());
  }
  if (error) return disk_error(error, "listing", directory);
  std::ranges::sort(roots);
  return roots;
}

std::string toml_string(std::string_view text) {
  std::string made = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      made += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      made += c;
    }
  }
  return made + '"';
}

std::string_view key_of(TemplateSource::Kind kind) {
  switch (kind) {
    case TemplateSource::Kind::Git: return "git";
    case TemplateSource::Kind::Archive: return "url";
    default: return "dir";
  }
}

TemplateSource read_source(const fs::path& root) {
  auto text = app::DiskFiles().read((root / ".install.toml").string(), kMaxInstallRecordBytes);
  if (!text) return {};
  const app::SourceText source(".install.toml", text.take_value());
  auto table = app::parse_toml(source);
  if (!table) return {};
  using Kind = TemplateSource::Kind;
  for (auto kind : {Kind::Git, Kind::Archive, Kind::Directory}) {
    const auto* value = table.value().find(key_of(kind));
    const auto* location = value == nullptr ? nullptr : value->as_string();
    if (location != nullptr) return {.kind = kind, .location = *location};
  }
  return {};
}

// Regular files and directories only: links lead out of a template.
class TreeCopy {
 public:
  Result<void> run(const fs::path& from, const fs::path& to) { return copy(from, to, 0); }

 private:
  Result<void> copy(const fs::path& from, const fs::path& to, int depth) {
    if (depth > kMaxDepth) {
      return Error::limit_exceeded(fmt::format("`{}` is nested too deep", from.string()));
    }
    std::error_code error;
    fs::create_directories(to, error);
    if (error) return disk_error(error, "creating", to);
    fs::directory_iterator entries(from, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
      const auto& entry = *entries;
      if (entry.is_symlink(error)) continue;
      const auto target = to / entry.path().filename();
      if (entry.is_directory(error)) {
        TRY(copy(entry.path(), target, depth + 1));
      } else if (entry.is_regular_file(error)) {
        TRY(count(entry));
        fs::copy_file(entry.path(), target, error);
        if (error) return disk_error(error, "copying", entry.path());
      }
    }
    if (error) return disk_error(error, "listing", from);
    return {};
  }

  Result<void> count(const fs::directory_entry& file) {
    std::error_code ignored;
    bytes_ += file.file_size(ignored);
    if (++files_ <= kMaxTemplateFiles && bytes_ <= kMaxTemplateBytes) return {};
    return Error::limit_exceeded(fmt::format("a template has more than {} files or {} bytes",
                                             kMaxTemplateFiles, kMaxTemplateBytes));
  }

  size_t files_ = 0;
  size_t bytes_ = 0;
};

}  // namespace

fs::path TemplateStore::place_of(std::string_view id) const {
  std::string safe;
  for (char c : id.substr(0, 64))
    safe += std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ? c : '_';
  return places_.installed / fmt::format("{}_{}", safe, sha256(id));
}

Result<TemplateStore::Listing> TemplateStore::list() const {
  Listing listing;
  auto add = [&](const fs::path& root, std::optional<TemplateSource> source) {
    auto read = read_template(root);
    if (!read) {
      listing.problems.push_back(read.take_error());
      return;
    }
    const bool is_hidden = std::ranges::any_of(listing.templates, [&](const auto& other) {
      return other.definition.id == read.value().id;
    });
    if (is_hidden) return;
    listing.templates.push_back({read.take_value(), source ? *source : read_source(root)});
  };
  for (const auto& root : TRY(template_roots(places_.installed))) add(root, std::nullopt);
  if (places_.built_in) {
    const TemplateSource own{.kind = TemplateSource::Kind::BuiltIn, .location = {}};
    for (const auto& root : TRY(template_roots(*places_.built_in))) add(root, own);
  }
  std::ranges::sort(listing.templates, {}, [](const auto& stored) { return stored.definition.id; });
  return listing;
}

Result<Template> TemplateStore::find(std::string_view id) const {
  auto listing = TRY(list());
  for (auto& stored : listing.templates) {
    if (stored.definition.id == id) return std::move(stored.definition);
  }
  return Error::not_found(fmt::format(
      "there is no template `{}`; `spindle templates list` shows those that are there", id));
}

Result<InstallReport> TemplateStore::install(const fs::path& checkout, const TemplateSource& source,
                                             Existing existing) const {
  const auto roots = TRY(template_roots(checkout / "templates"));
  if (roots.empty()) {
    return Error::not_found(
        fmt::format("`{}` has no templates: each is a directory below `templates` with a "
                    "`metadata/spin-template.toml`",
                    source.location));
  }
  InstallReport report;
  std::error_code error;
  for (const auto& root : roots) {
    auto read = TRY(read_template(root));
    if (existing == Existing::Keep && fs::exists(place_of(read.id), error)) {
      report.kept.push_back(read.id);
      continue;
    }
    TRY(copy(read, source).context(fmt::format("installing template `{}`", read.id)));
    report.installed.push_back(std::move(read));
  }
  return report;
}

Result<void> TemplateStore::copy(const Template& from, const TemplateSource& source) const {
  const auto place = place_of(from.id);
  const auto beside = fs::path(fmt::format("{}.new-{}", place.string(), getpid()));
  std::error_code error;
  fs::remove_all(beside, error);
  for (const auto* part : {"metadata", "content"}) {
    if (!fs::exists(from.root / part, error)) continue;
    auto copied = TreeCopy().run(from.root / part, beside / part);
    if (copied) continue;
    fs::remove_all(beside, error);
    return copied;
  }
  std::ofstream record(beside / ".install.toml");
  record << fmt::format("{} = {}\n", key_of(source.kind), toml_string(source.location));
  record.close();
  fs::remove_all(place, error);
  fs::rename(beside, place, error);
  if (error) return disk_error(error, "creating", place);
  return {};
}

Result<void> TemplateStore::uninstall(std::string_view id) const {
  const auto place = place_of(id);
  std::error_code error;
  if (fs::remove_all(place, error) > 0) return {};
  if (error) return disk_error(error, "removing", place);
  auto found = find(id);
  if (found) {
    return Error::invalid_input(
        fmt::format("template `{}` comes with the program and cannot be uninstalled", id));
  }
  return Error::not_found(fmt::format("there is no template `{}`", id));
}

}  // namespace spindle::scaffold
