#pragma once

// Where the values of variables come from, and what a component sees of them.
//
// A component names its own variables; each is a template over the application's variables; those
// are looked up in the providers, in order (command line, runtime configuration, environment), and
// then in the manifest's default:
//
//   component variable -> Template -> application variable -> first provider with a value ->
//   default
//
// Values are looked up for every call and never kept, so that providers may change while the server
// runs. Lookups are synchronous: a provider that must ask a server answers Pending, and a caller
// that can wait fetches the variables named by application_variables() itself and calls
// resolve_with(). The resolver is immutable and safe to share between threads, given that the
// providers' lookups are.

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/dotenv.h"
#include "app/locked_app.h"
#include "app/system.h"
#include "app/template.h"
#include "base/result.h"

namespace spindle::app {

struct Absent {};
struct Pending {};
using Lookup = std::variant<Absent, std::string, Pending>;

class VariableProvider {
 public:
  virtual ~VariableProvider() = default;
  // An error ends the resolution; the message is shown to the guest, so it never holds a value.
  virtual Result<Lookup> get(std::string_view variable) const = 0;
  // For the check at start: false only if the provider surely has no value.
  virtual bool may_provide(std::string_view variable) const = 0;
};

class StaticProvider final : public VariableProvider {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;
  explicit StaticProvider(Values values) : values_(std::move(values)) {}
  // The command line's --variable: K=V, K=@file, @file.json, @file.toml; the last one wins.
  static Result<StaticProvider> from_arguments(std::span<const std::string> arguments,
                                               const FileReader& files);

  Result<Lookup> get(std::string_view variable) const override;
  bool may_provide(std::string_view variable) const override;
  const Values& values() const { return values_; }

 private:
  Values values_;
};

// PREFIX_NAME in the environment, then in a dotenv file that is read once at creation.
class EnvironmentProvider final : public VariableProvider {
 public:
  struct Options {
    std::string prefix = "SPIN_VARIABLE";
    std::string dotenv_path;  // empty: none; a missing file is an empty one
  };
  // Borrows the environment for its whole life.
  static Result<EnvironmentProvider> create(Options options, const Environment& environment,
                                            const FileReader& files);

  Result<Lookup> get(std::string_view variable) const override;
  bool may_provide(std::string_view variable) const override;

 private:
  EnvironmentProvider(std::string prefix, const Environment& environment, DotenvValues dotenv)
      : prefix_(std::move(prefix)), environment_(&environment), dotenv_(std::move(dotenv)) {}

  std::optional<std::string> find(std::string_view variable) const;

  std::string prefix_;
  const Environment* environment_;
  DotenvValues dotenv_;
};

using VariableProviders = std::vector<std::unique_ptr<const VariableProvider>>;

struct VariableError {
  enum class Kind : uint8_t {
    InvalidName,  // not a variable key
    Undefined,    // the component has no such variable
    Provider,     // a provider failed, or a required value is nowhere
    Other,        // a provider would have to wait, and the caller cannot
  };
  Kind kind = Kind::Other;
  std::string message;
};
using Resolved = std::expected<std::string, VariableError>;

class Resolver {
 public:
  // Fails if a component's template names no variable of the application.
  static Result<Resolver> create(const LockedApp& app, VariableProviders providers);

  // Every required variable must be possibly provided: "no provider resolved required variable(s)".
  Result<void> check_required() const;

  // What a guest asks for.
  Resolved resolve(std::string_view component, std::string_view variable) const;
  // The names of a component's variables, sorted; for wasi:config get-all.
  std::vector<std::string> variables_of(std::string_view component) const;
  // A template over application variables, such as an allowed host or the address of a trigger.
  Resolved resolve_template(std::string_view text) const;

  // For callers that can wait: the application variables behind a component's variable, and its
  // value once they are known.
  std::vector<std::string> application_variables(std::string_view component,
                                                 std::string_view variable) const;
  Resolved resolve_with(std::string_view component, std::string_view variable,
                        const std::function<Resolved(std::string_view)>& value_of) const;
  const VariableProviders& providers() const { return providers_; }
  // Of an application variable that no provider has.
  Resolved default_value(std::string_view name) const;

 private:
  using Templates = std::map<std::string, Template, std::less<>>;

  Resolved application_value(std::string_view name) const;
  std::expected<const Template*, VariableError> find(std::string_view component,
                                                     std::string_view variable) const;

  std::map<std::string, LockedVariable, std::less<>> application_;
  std::map<std::string, Templates, std::less<>> components_;
  VariableProviders providers_;
};

}  // namespace spindle::app
