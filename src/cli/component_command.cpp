#include "cli/component_command.h"

#include <fmt/format.h>

#include <charconv>

#include "app/json.h"
#include "assemble/print/component_text.h"
#include "assemble/wit_decode/decode.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "component/binary/decode.h"
#include "wasm/engine.h"
#include "wasm/module.h"
#include "wit/print.h"

namespace spindle::cli {
namespace {

using component::BinaryKind;

// One file that `validate` looked at.
struct Verdict {
  BinaryKind kind = BinaryKind::Component;
  std::optional<Error> problem;
};

std::string_view to_string(BinaryKind kind) {
  return kind == BinaryKind::Component ? "component" : "core module";
}

// The engine's words, with the offset in the whole file instead of that in the module.
Result<void> validate_module(const wasm::Engine& engine, std::span<const uint8_t> bytes,
                             uint64_t offset) {
  constexpr std::string_view kBefore = " (at offset 0x";
  auto valid = wasm::validate_module(engine, bytes);
  if (valid) return {};
  auto message = valid.error().message();
  auto at = message.rfind(kBefore);
  uint64_t inside = 0;
  const auto* digits = at == std::string::npos ? nullptr : message.data() + at + kBefore.size();
  if (digits == nullptr ||
      std::from_chars(digits, message.data() + message.size(), inside, 16).ec != std::errc()) {
    return valid.take_error();
  }
  message.erase(at);
  return Error::invalid_input(std::move(message)).with_offset(offset + inside);
}

// The core modules of a component and of those nested in it. The decoder limits how deep they nest.
Result<void> validate_modules(const wasm::Engine& engine, const component::Component& component) {
  for (const auto& definition : component.definitions) {
    if (const auto* nested = std::get_if<component::NestedComponentDef>(&definition.kind)) {
      TRY(validate_modules(engine, *nested->component));
    }
    const auto* module = std::get_if<component::CoreModuleDef>(&definition.kind);
    if (module == nullptr) continue;
    TRY(validate_module(engine, module->bytes, definition.offset).context("core module"));
  }
  return {};
}

Result<void> validate_component(const wasm::Engine& engine, std::span<const uint8_t> bytes,
                                const component::ValidationFeatures& features) {
  auto decoded = TRY(component::decode_component(component::SharedBytes::borrow(bytes)));
  TRY(component::validate(decoded, features));
  return validate_modules(engine, decoded);
}

Result<Verdict> validate_file(const wasm::Engine& engine, const std::string& path,
                              const component::ValidationFeatures& features) {
  auto bytes = TRY(read_wasm(path));
  Verdict verdict;
  verdict.kind = TRY(component::detect_binary_kind(bytes).context(fmt::format("`{}`", path)));
  auto valid = verdict.kind == BinaryKind::CoreModule ? validate_module(engine, bytes, 0)
                                                      : validate_component(engine, bytes, features);
  if (!valid) verdict.problem = valid.take_error();
  return verdict;
}

std::string json_of(const std::string& path, const Verdict& verdict) {
  app::Table document;
  document.append("file", app::Value(path));
  document.append("kind", app::Value(std::string(to_string(verdict.kind))));
  document.append("valid", app::Value(!verdict.problem));
  if (const auto& problem = verdict.problem) {
    app::Table error;
    error.append("message", app::Value(problem->message()));
    if (auto offset = problem->offset()) {
      error.append("offset", app::Value(static_cast<int64_t>(*offset)));
    }
    app::Array contexts;
    for (auto it = problem->contexts().rbegin(); it != problem->contexts().rend(); ++it) {
      contexts.emplace_back(*it);
    }
    error.append("context", app::Value(std::move(contexts)));
    document.append("error", app::Value(std::move(error)));
  }
  return app::to_json(app::Value(std::move(document)), app::JsonStyle::Pretty) + "\n";
}

Result<std::string> wit_of(std::span<const uint8_t> bytes) {
  auto kind = TRY(component::detect_binary_kind(bytes));
  if (kind == BinaryKind::Component) {
    auto component = TRY(component::decode_component(component::SharedBytes::borrow(bytes)));
    TRY(component::validate(component));
    auto decoded = TRY(assemble::decode_wit(component));
    return wit::print_with_dependencies(decoded.resolve, decoded.package);
  }
  auto sections = TRY(assemble::component_type_sections(bytes));
  if (sections.empty()) {
    return Error::invalid_input(
        "a core module without a section `component-type`, so nothing says what its world is");
  }
  auto decoded = TRY(assemble::decode_component_types(sections));
  return wit::print_with_dependencies(decoded.resolve,
                                      decoded.resolve.world(decoded.world).package);
}

}  // namespace

Result<int> run_component_verb(const ComponentValidateOptions& options) {
  wasm::EngineOptions engine_options;
  engine_options.pooling = wasm::Pooling::Off;
  engine_options.ticker = wasm::Ticker::Manual;
  auto engine = TRY(wasm::Engine::create(engine_options));
  int exit_code = 0;
  for (const auto& path : options.inputs) {
    auto verdict = TRY(validate_file(*engine, path, options.features));
    if (verdict.problem) exit_code = 1;
    if (options.format == ReportFormat::Json) {
      TRY(write_text(std::nullopt, json_of(path, verdict)));
    } else if (verdict.problem) {
      print_error(std::move(*verdict.problem)
                      .with_context(fmt::format("{}: invalid {}", path, to_string(verdict.kind))));
    } else {
      TRY(write_text(std::nullopt, fmt::format("{}: valid {}\n", path, to_string(verdict.kind))));
    }
  }
  return exit_code;
}

Result<int> run_component_verb(const ComponentWitOptions& options) {
  auto bytes = TRY(read_wasm(options.input));
  auto text = TRY(wit_of(bytes).context([&] { return fmt::format("`{}`", options.input); }));
  TRY(write_text(options.output, text));
  return 0;
}

Result<int> run_component_verb(const ComponentPrintOptions& options) {
  auto bytes = TRY(read_wasm(options.input));
  auto component =
      TRY(component::decode_component(component::SharedBytes::borrow(bytes)).context([&] {
        return fmt::format("`{}`", options.input);
      }));
  TRY(write_text(options.output, assemble::component_text(component)));
  return 0;
}

Result<int> run_component(const ComponentOptions& options) {
  return std::visit([](const auto& verb) { return run_component_verb(verb); }, options);
}

}  // namespace spindle::cli
