#include "cli/templates_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/json.h"
#include "cli/template_places.h"
#include "cli/terminal.h"
#include "cli/working_directory.h"
#include "scaffold/fetch.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;
using scaffold::StoredTemplate;
using scaffold::TemplateSource;
using scaffold::TemplateStore;
using Kind = TemplateSource::Kind;

std::string describe(const TemplateSource& source) {
  switch (source.kind) {
    case Kind::BuiltIn: return "comes with spindle";
    case Kind::Unknown: return "unknown";
    default: return source.location;
  }
}

std::string table_of(const std::vector<StoredTemplate>& templates, bool verbose) {
  size_t width = 4;
  for (const auto& stored : templates) width = std::max(width, stored.definition.id.size());
  auto text = fmt::format("{:<{}}  Description\n", "Name", width);
  for (const auto& stored : templates) {
    text += fmt::format("{:<{}}  {}\n", stored.definition.id, width, stored.definition.description);
    if (!verbose) continue;
    text += fmt::format("{:<{}}  tags: {}; from: {}\n", "", width,
                        fmt::join(stored.definition.tags, ", "), describe(stored.source));
  }
  return text;
}

std::string json_of(const std::vector<StoredTemplate>& templates) {
  app::Array list;
  for (const auto& stored : templates) {
    app::Table entry;
    entry.append("id", app::Value(stored.definition.id));
    entry.append("description", app::Value(stored.definition.description));
    app::Array tags;
    for (const auto& tag : stored.definition.tags) tags.emplace_back(tag);
    entry.append("tags", app::Value(std::move(tags)));
    entry.append("source", app::Value(describe(stored.source)));
    list.emplace_back(std::move(entry));
  }
  return app::to_json(app::Value(std::move(list)), app::JsonStyle::Pretty) + "\n";
}

Result<void> list(const TemplateStore& store, const TemplatesOptions& options) {
  auto listing = TRY(store.list());
  for (const auto& problem : listing.problems) {
    print_warning(fmt::format("a template that cannot be read: {}", problem.to_string()));
  }
  std::erase_if(listing.templates, [&](const auto& stored) {
    return !std::ranges::all_of(options.tags,
                                [&](const auto& tag) { return stored.definition.has_tag(tag); });
  });
  fmt::print("{}", options.json ? json_of(listing.templates)
                                : table_of(listing.templates, options.verbose));
  return {};
}

Result<void> install(const TemplateStore& store, const TemplateSource& source,
                     const std::optional<std::string>& branch, TemplateStore::Existing existing) {
  auto checkout = TRY(WorkingDirectory::temporary("templates"));
  fs::path tree = source.location;
  if (source.kind == Kind::Git) {
    tree = checkout.path() / "tree";
    TRY(scaffold::fetch_git(source.location, branch, tree));
  } else if (source.kind == Kind::Archive) {
    tree = TRY(scaffold::fetch_archive(source.location, checkout.path()));
  }
  const auto report = TRY(store.install(tree, source, existing));
  for (const auto& definition : report.installed) {
    fmt::print("Installed template {}: {}\n", definition.id, definition.description);
  }
  for (const auto& id : report.kept) {
    fmt::print("Template {} is installed already; --upgrade replaces it\n", id);
  }
  return {};
}

// A path would mean something else elsewhere.
std::string absolute_location(const std::string& location) {
  return location.contains("://") ? location : fs::absolute(location).lexically_normal().string();
}

Result<void> install_asked(const TemplateStore& store, const TemplatesOptions& options) {
  TemplateSource source;
  if (options.git) {
    std::error_code error;
    const bool is_path = fs::exists(*options.git, error);
    source = {.kind = Kind::Git,
              .location = is_path ? absolute_location(*options.git) : *options.git};
  }
  if (options.directory)
    source = {.kind = Kind::Directory, .location = absolute_location(*options.directory)};
  if (options.archive)
    source = {.kind = Kind::Archive, .location = absolute_location(*options.archive)};
  using Existing = TemplateStore::Existing;
  return install(store, source, options.branch,
                 options.upgrade ? Existing::Replace : Existing::Keep);
}

Result<void> upgrade(const TemplateStore& store, const TemplatesOptions& options) {
  auto listing = TRY(store.list());
  std::vector<TemplateSource> sources;
  for (const auto& stored : listing.templates) {
    const auto& source = stored.source;
    if (source.kind == Kind::BuiltIn || source.kind == Kind::Unknown) continue;
    if (options.git && source.location != *options.git) continue;
    if (std::ranges::find(sources, source) == sources.end()) sources.push_back(source);
  }
  if (sources.empty()) {
    return Error::not_found(options.git
                                ? fmt::format("no template is installed from {}", *options.git)
                                : "no templates are installed");
  }
  for (const auto& source : sources) {
    TRY(install(store, source, options.branch, TemplateStore::Existing::Replace));
  }
  return {};
}

}  // namespace

Result<void> run_templates_command(const TemplatesOptions& options) {
  auto store = TRY(open_template_store());
  switch (options.verb) {
    case TemplatesOptions::Verb::List: return list(store, options);
    case TemplatesOptions::Verb::Install: return install_asked(store, options);
    case TemplatesOptions::Verb::Upgrade: return upgrade(store, options);
    case TemplatesOptions::Verb::Uninstall: break;
  }
  TRY(store.uninstall(options.id));
  fmt::print("Uninstalled template {}\n", options.id);
  return {};
}

}  // namespace spindle::cli
