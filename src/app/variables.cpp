#include "app/variables.h"

#include <algorithm>

#include "app/identifiers.h"
#include "fmt/format.h"

namespace spindle::app {
namespace {

using Kind = VariableError::Kind;

std::unexpected<VariableError> fail(Kind kind, std::string message) {
  return std::unexpected(VariableError{kind, std::move(message)});
}

// Expands a template; the first failing variable ends it.
Resolved expand(const Template& text, const std::function<Resolved(std::string_view)>& value_of) {
  std::vector<std::string> values;
  for (const std::string& name : text.variables()) {
    Resolved value = value_of(name);
    if (!value) return value;
    values.push_back(*std::move(value));
  }
  size_t next = 0;
  return text.expand([&](std::string_view) { return values[next++]; });
}

}  // namespace

Result<Resolver> Resolver::create(const LockedApp& app, VariableProviders providers) {
  Resolver resolver;
  resolver.providers_ = std::move(providers);
  for (const LockedVariable& variable : app.variables)
    resolver.application_.emplace(variable.name, variable);
  for (const LockedComponent& component : app.components) {
    Templates& templates = resolver.components_[component.id];
    for (const auto& [name, text] : component.variables) {
      auto parsed = TRY(Template::parse(text).context(
          [&] { return fmt::format("variable `{}` of component `{}`", name, component.id); }));
      for (const std::string& used : parsed.variables()) {
        if (!resolver.application_.contains(used))
          return Error::invalid_input(fmt::format(
              "variable `{}` of component `{}` uses the unknown application variable `{}`", name,
              component.id, used));
      }
      templates.emplace(name, std::move(parsed));
    }
  }
  return resolver;
}

Result<void> Resolver::check_required() const {
  std::vector<std::string> missing;
  for (const auto& [name, variable] : application_) {
    if (variable.default_value) continue;
    bool possible = std::ranges::any_of(
        providers_, [&](const auto& provider) { return provider->may_provide(name); });
    if (!possible) missing.push_back(name);
  }
  if (missing.empty()) return {};
  return Error::not_found(fmt::format(
      "no provider resolved required variable(s): {}; pass --variable {}=VALUE or set {}",
      fmt::join(missing, ", "), missing[0], [&] {
        std::string name = "SPIN_VARIABLE_" + missing[0];
        for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        return name;
      }()));
}

Resolved Resolver::application_value(std::string_view name) const {
  auto variable = application_.find(name);
  if (variable == application_.end())
    return fail(Kind::Undefined, fmt::format("no application variable \"{}\"", name));
  for (const auto& provider : providers_) {
    auto looked_up = provider->get(name);
    if (!looked_up) return fail(Kind::Provider, looked_up.error().to_string());
    if (std::holds_alternative<Pending>(*looked_up))
      return fail(Kind::Other,
                  fmt::format("the provider of variable \"{}\" cannot answer at once", name));
    if (auto* value = std::get_if<std::string>(&*looked_up)) return std::move(*value);
  }
  return default_value(name);
}

Resolved Resolver::default_value(std::string_view name) const {
  auto variable = application_.find(name);
  if (variable != application_.end() && variable->second.default_value)
    return *variable->second.default_value;
  return fail(Kind::Provider, fmt::format("no provider resolved required variable \"{}\"", name));
}

std::expected<const Template*, VariableError> Resolver::find(std::string_view component,
                                                             std::string_view variable) const {
  if (auto problem = variable_key_problem(variable))
    return fail(Kind::InvalidName,
                fmt::format("invalid variable name \"{}\": {}", variable, *problem));
  auto templates = components_.find(component);
  if (templates != components_.end()) {
    auto found = templates->second.find(variable);
    if (found != templates->second.end()) return &found->second;
  }
  return fail(Kind::Undefined, fmt::format("no variable for \"{}\".\"{}\"", component, variable));
}

Resolved Resolver::resolve(std::string_view component, std::string_view variable) const {
  return resolve_with(component, variable,
                      [this](std::string_view name) { return application_value(name); });
}

Resolved Resolver::resolve_with(std::string_view component, std::string_view variable,
                                const std::function<Resolved(std::string_view)>& value_of) const {
  auto text = find(component, variable);
  if (!text) return std::unexpected(text.error());
  return expand(**text, value_of);
}

Resolved Resolver::resolve_template(std::string_view text) const {
  auto parsed = Template::parse(text);
  if (!parsed) return fail(Kind::InvalidName, parsed.error().message());
  return expand(*parsed, [this](std::string_view name) { return application_value(name); });
}

std::vector<std::string> Resolver::variables_of(std::string_view component) const {
  std::vector<std::string> names;
  auto templates = components_.find(component);
  if (templates == components_.end()) return names;
  for (const auto& [name, text] : templates->second) names.push_back(name);
  return names;
}

std::vector<std::string> Resolver::application_variables(std::string_view component,
                                                         std::string_view variable) const {
  auto text = find(component, variable);
  return text ? (*text)->variables() : std::vector<std::string>();
}

}  // namespace spindle::app
