#include "cli/template_places.h"

#include "app/system.h"

namespace spindle::cli {
namespace {

namespace fs = std::filesystem;

Result<fs::path> data_directory() {
  const app::ProcessEnvironment environment;
  if (auto given = environment.get("SPIN_DATA_DIR"); given && !given->empty())
    return fs::path(*given);
  if (auto data = environment.get("XDG_DATA_HOME"); data && data->starts_with('/')) {
    return fs::path(*data) / "spin";
  }
  auto home = environment.get("HOME");
  if (home && !home->empty()) return fs::path(*home) / ".local" / "share" / "spin";
  return Error::not_found("there is no place for templates: set SPIN_DATA_DIR");
}

// PREFIX/bin/spindle has its templates in PREFIX/share/spindle/templates.
std::optional<fs::path> own_templates() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (error) return std::nullopt;
  const auto share = program.parent_path().parent_path() / "share" / "spindle" / "templates";
  return fs::is_directory(share, error) ? std::optional(share) : std::nullopt;
}

}  // namespace

Result<scaffold::TemplateStore> open_template_store() {
  const auto data = TRY(data_directory());
  return scaffold::TemplateStore({.installed = data / "templates", .built_in = own_templates()});
}

}  // namespace spindle::cli
