#include "scaffold/instantiate.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "app/system.h"
#include "app/toml.h"
#include "base/utf8.h"
#include "scaffold/template_store.h"
#include "scaffold/words.h"

namespace spindle::scaffold {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 32;

Error disk_error(const std::error_code& code, std::string_view action, const fs::path& path) {
  return Error::from_errno(code.value(), fmt::format("{} `{}`", action, path.string()));
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Whether a table has an entry at a path like `application.trigger.redis`.
bool has_entry(const app::Table& document, std::string_view path) {
  const app::Table* table = &document;
  while (true) {
    const auto dot = path.find('.');
    const auto* value = table->find(path.substr(0, dot));
    if (value == nullptr) return false;
    if (dot == std::string_view::npos) return true;
    table = value->as_table();
    if (table == nullptr) return false;
    path.remove_prefix(dot + 1);
  }
}

class Planner {
 public:
  Planner(const Template& definition, const InstanceRequest& request, Questions& questions)
      : definition_(definition), request_(request), questions_(questions) {}

  Result<InstancePlan> run() {
    TRY(choose_variant());
    TRY(check_given());
    TRY(read_partials());
    plan_.directory = instance_directory(definition_, request_);
    TRY(collect_values());
    if (fs::exists(definition_.content())) TRY(add_files(definition_.content(), {}, 0));
    TRY(add_directories());
    if (request_.manifest) TRY(extend_manifest());
    return std::move(plan_);
  }

 private:
  Result<void> choose_variant() {
    const bool is_new = !request_.manifest.has_value();
    const auto& variant = is_new ? definition_.new_application : definition_.add_component;
    if (!variant) {
      return Error::not_supported(
          fmt::format("template `{}` cannot {}", definition_.id,
                      is_new ? "make an application; add it to one with `spindle add`"
                             : "be added to an application; make one of it with `spindle new`"));
    }
    variant_ = *variant;
    if (is_new) return {};
    manifest_text_ = TRY(app::DiskFiles().read(request_.manifest->string(), app::kMaxTomlBytes));
    const app::SourceText source(request_.manifest->string(), manifest_text_);
    auto document = TRY(app::parse_toml(source));
    if (!document.contains("spin_manifest_version") ||
        document.find("spin_manifest_version")->as_integer() == nullptr) {
      return Error::not_supported(fmt::format(
          "`{}` is a manifest of version 1, components can be added to one of version 2",
          request_.manifest->string()));
    }
    for (const auto& condition : variant_.conditions) {
      if (!has_entry(document, condition.manifest_entry)) continue;
      append(variant_.skip_files, condition.skip_files);
      append(variant_.skip_parameters, condition.skip_parameters);
      std::erase_if(variant_.snippets, [&](const auto& snippet) {
        return std::ranges::find(condition.skip_snippets, snippet.first) !=
               condition.skip_snippets.end();
      });
    }
    return {};
  }
  static void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
    to.insert(to.end(), from.begin(), from.end());
  }
  static bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
  }

  Result<void> check_given() const {
    for (const auto& [name, value] : request_.values) {
      auto found = std::ranges::find(definition_.parameters, name, &TemplateParameter::name);
      if (found == definition_.parameters.end()) {
        return Error::not_found(
            fmt::format("template `{}` has no parameter `{}`", definition_.id, name));
      }
      TRY(check_value(*found, value));
    }
    return {};
  }

  Result<void> collect_values() {
    values_ = request_.values;
    for (const auto& parameter : definition_.parameters) {
      if (values_.contains(parameter.name) || contains(variant_.skip_parameters, parameter.name))
        continue;
      if (request_.accept_defaults && parameter.default_value) {
        values_.emplace(parameter.name, *parameter.default_value);
        continue;
      }
      auto value = TRY(questions_.ask(parameter));
      values_.emplace(parameter.name, std::move(value));
    }
    values_.insert_or_assign("project-name", request_.name);
    values_.insert_or_assign("authors", request_.author);
    values_.insert_or_assign("username", request_.user);
    values_.insert_or_assign("output-path", request_.output.string());
    return {};
  }

  Result<void> read_partials() {
    std::error_code error;
    fs::directory_iterator entries(definition_.partials(), error);
    if (error) return {};
    for (const auto& entry : entries) {
      if (!entry.is_regular_file() || entry.is_symlink()) continue;
      auto text = TRY(read(entry.path()));
      auto parsed = Liquid::parse(text);
      auto name = entry.path().filename().string();
      partials_.emplace(name, TRY(std::move(parsed).context(fmt::format("partial `{}`", name))));
    }
    return {};
  }

  Result<std::string> read(const fs::path& path) {
    auto text = TRY(app::DiskFiles().read(path.string(), kMaxTemplateBytes));
    bytes_ += text.size();
    if (bytes_ <= kMaxTemplateBytes) return text;
    return Error::limit_exceeded(
        fmt::format("a template has more than {} bytes", kMaxTemplateBytes));
  }

  // A text that is not Liquid is taken as it is, as Spin does.
  Result<std::string> rendered(std::string text, std::string_view what) {
    if (!is_valid_utf8(text)) return text;
    auto parsed = Liquid::parse(text);
    if (!parsed) {
      if (parsed.error().kind() == ErrorKind::InvalidInput) return text;
      return parsed.take_error().with_context(fmt::format("`{}`", what));
    }
    return parsed.value().render(values_, partials_).context(fmt::format("`{}`", what));
  }

  Result<void> add_files(const fs::path& directory, const fs::path& relative, int depth) {
    if (depth > kMaxDepth) return Error::limit_exceeded("a template is nested too deep");
    std::vector<fs::directory_entry> entries;
    std::error_code error;
    fs::directory_iterator found(directory, error);
    for (; !error && found != fs::directory_iterator(); found.increment(error))
      entries.push_back(*found);
    if (error) return disk_error(error, "listing", directory);
    std::ranges::sort(entries, {}, [](const auto& entry) { return entry.path(); });
    for (const auto& entry : entries) {
      const auto place = relative / entry.path().filename();
      if (entry.is_symlink()) continue;
      if (entry.is_directory()) TRY(add_files(entry.path(), place, depth + 1));
      if (entry.is_regular_file()) TRY(add_file(entry, place));
    }
    return {};
  }

  Result<void> add_file(const fs::directory_entry& entry, const fs::path& place) {
    if (contains(variant_.skip_files, place.generic_string())) return {};
    if (request_.no_vcs && place.filename() == ".gitignore") return {};
    if (plan_.files.size() == kMaxTemplateFiles) {
      return Error::limit_exceeded(
          fmt::format("a template has more than {} files", kMaxTemplateFiles));
    }
    auto name = place.generic_string();
    if (name.contains("{{")) {
      // Files of Windows cannot be named with a `|`.
      for (auto bars = name.find("!!"); bars != std::string::npos; bars = name.find("!!", bars)) {
        name.replace(bars, 2, "|");
      }
      name = TRY(rendered(name, place.generic_string()));
    }
    if (name.ends_with(".tmpl")) name.resize(name.size() - 5);
    InstanceFile file;
    file.path = TRY(below(plan_.directory, name));
    auto text = TRY(read(entry.path()));
    file.content = TRY(rendered(std::move(text), place.generic_string()));
    const auto bits = entry.status().permissions();
    file.is_executable = (bits & fs::perms::owner_exec) != fs::perms::none;
    plan_.files.push_back(std::move(file));
    return {};
  }

  static Result<fs::path> below(const fs::path& directory, const std::string& name) {
    const auto relative = fs::path(name).lexically_normal();
    if (relative.empty() || relative.has_root_path() || *relative.begin() == "..") {
      return Error::denied(fmt::format("the template's file `{}` would be outside of `{}`", name,
                                       directory.string()));
    }
    return directory / relative;
  }

  Result<void> add_directories() {
    for (const auto& wanted : definition_.directories) {
      const bool at_manifest = wanted.at_manifest && request_.manifest;
      const auto base = at_manifest ? request_.manifest->parent_path() : plan_.directory;
      const auto name = TRY(rendered(wanted.path, wanted.path));
      auto path = TRY(below(base, name));
      plan_.directories.push_back(std::move(path));
    }
    return {};
  }

  Result<void> extend_manifest() {
    auto text = manifest_text_;
    for (const auto& [kind, file] : variant_.snippets) {
      auto path = TRY(below(definition_.snippets(), file));
      auto snippet = TRY(read(path));
      const auto addition = TRY(rendered(std::move(snippet), file));
      if (kind == "component" || kind == "application_trigger") {
        append_paragraph(text, addition);
      } else if (kind == "variables") {
        add_variables(text, addition);
      } else {
        return Error::not_supported(fmt::format(
            "template `{}` has a snippet of the unknown kind `{}`", definition_.id, kind));
      }
    }
    const app::SourceText source(request_.manifest->string(), text);
    TRY(app::parse_toml(source).context(
        fmt::format("adding `{}` to the manifest, which is left as it was", request_.name)));
    plan_.manifest = InstanceFile{.path = *request_.manifest, .content = std::move(text)};
    return {};
  }

  static void append_paragraph(std::string& text, std::string_view addition) {
    if (!text.ends_with('\n')) text += '\n';
    text += '\n';
    text += addition;
    if (!text.ends_with('\n')) text += '\n';
  }

  // Below the header of the table that is there, or at the end with one.
  static void add_variables(std::string& text, const std::string& addition) {
    constexpr std::string_view kHeader = "[variables]";
    for (auto at = text.find(kHeader); at != std::string::npos; at = text.find(kHeader, at + 1)) {
      if (at > 0 && text[at - 1] != '\n') continue;
      auto end = text.find('\n', at);
      if (end == std::string::npos) {
        end = text.size();
        text += '\n';
      }
      text.insert(end + 1, addition.ends_with('\n') ? addition : addition + "\n");
      return;
    }
    append_paragraph(text, fmt::format("{}\n{}", kHeader, addition));
  }

  const Template& definition_;
  const InstanceRequest& request_;
  Questions& questions_;
  TemplateVariant variant_;
  std::string manifest_text_;
  Liquid::Partials partials_;
  LiquidValues values_;
  size_t bytes_ = 0;
  InstancePlan plan_;
};

Result<void> write_file(const InstanceFile& file) {
  std::error_code error;
  fs::create_directories(file.path.parent_path(), error);
  if (error) return disk_error(error, "creating", file.path.parent_path());
  std::ofstream stream(file.path, std::ios::binary);
  stream << file.content;
  stream.close();
  if (!stream) return Error::unavailable(fmt::format("writing `{}`", file.path.string()));
  if (!file.is_executable) return {};
  fs::permissions(file.path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add, error);
  if (error) return disk_error(error, "changing", file.path);
  return {};
}

}  // namespace

Result<void> check_name(std::string_view name) {
  bool starts = true;
  bool is_good = !name.empty();
  for (char c : name) {
    const bool is_part = is_letter(c) || is_digit(c);
    if (is_part && starts && !is_letter(c)) is_good = false;
    starts = !is_part;
  }
  if (is_good && is_letter(name.front()) && !starts) return {};
  return Error::invalid_input(fmt::format(
      "invalid name \"{}\", expected words that begin with a letter, such as hello or my-shop",
      name));
}

fs::path default_output(std::string_view name) {
  std::string safe;
  for (char c : name) safe += is_letter(c) || is_digit(c) || c == '-' || c == '_' ? c : '_';
  return safe;
}

fs::path instance_directory(const Template& definition, const InstanceRequest& request) {
  if (!request.manifest) return request.output;
  const auto directory = request.manifest->parent_path();
  if (definition.add_component && definition.add_component->copies_into_root) return directory;
  return directory / request.output;
}

Result<InstancePlan> plan_instance(const Template& definition, const InstanceRequest& request,
                                   Questions& questions) {
  return Planner(definition, request, questions).run();
}

Result<void> write_instance(const InstancePlan& plan) {
  std::error_code error;
  fs::create_directories(plan.directory, error);
  if (error) return disk_error(error, "creating", plan.directory);
  for (const auto& directory : plan.directories) {
    fs::create_directories(directory, error);
    if (error) return disk_error(error, "creating", directory);
  }
  for (const auto& file : plan.files) TRY(write_file(file));
  if (plan.manifest) TRY(write_file(*plan.manifest));
  return {};
}

}  // namespace spindle::scaffold
