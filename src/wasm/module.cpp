#include "wasm/module.h"

#include <algorithm>

#include "wasm/api_impl.h"
#include "wasm/start_section.h"

namespace spindle::wasm {

namespace {

std::vector<ImportType> imports_of(const wasmtime_module_t* module) {
  Vec<wasm_importtype_vec_t, wasm_importtype_vec_delete> raw;
  wasmtime_module_imports(module, &raw);
  std::vector<ImportType> imports;
  imports.reserve(raw.value.size);
  for (size_t i = 0; i < raw.value.size; ++i) {
    const wasm_importtype_t* import = raw.value.data[i];
    imports.push_back({std::string(view_of(*wasm_importtype_module(import))),
                       std::string(view_of(*wasm_importtype_name(import))),
                       extern_type_of(wasm_importtype_type(import))});
  }
  return imports;
}

std::vector<ExportType> exports_of(const wasmtime_module_t* module) {
  Vec<wasm_exporttype_vec_t, wasm_exporttype_vec_delete> raw;
  wasmtime_module_exports(module, &raw);
  std::vector<ExportType> exports;
  exports.reserve(raw.value.size);
  for (size_t i = 0; i < raw.value.size; ++i) {
    const wasm_exporttype_t* item = raw.value.data[i];
    exports.push_back({std::string(view_of(*wasm_exporttype_name(item))),
                       extern_type_of(wasm_exporttype_type(item))});
  }
  return exports;
}

Error module_error(wasmtime_error_t* raw) {
  ErrorHandle error(raw);
  return Error::invalid_input(message_of(error.get()));
}

std::shared_ptr<const Module::Impl> describe(std::shared_ptr<const Engine> engine,
                                             ModuleHandle module) {
  auto impl = std::make_shared<Module::Impl>();
  impl->engine = std::move(engine);
  impl->imports = imports_of(module.get());
  impl->exports = exports_of(module.get());
  impl->module = std::move(module);
  impl->has_start_export = std::ranges::any_of(impl->exports, [](const ExportType& item) {
    return item.name == kStartExport && item.type == ExternType(FunctionType{});
  });
  return impl;
}

}  // namespace

Result<Module> Module::compile(std::shared_ptr<const Engine> engine,
                               std::span<const uint8_t> bytes) {
  wasm_engine_t* raw_engine = engine->impl().engine.get();
  // The reader of text that the library has would accept more than wasm.
  if (bytes.size() < 4 || bytes[0] != 0) return Error::invalid_input("not a wasm binary");
  std::vector<uint8_t> rewritten;
  if (has_start_section(bytes)) {
    // The rewritten module would also be valid where the start function has the wrong type.
    if (auto* error = wasmtime_module_validate(raw_engine, bytes.data(), bytes.size())) {
      return module_error(error);
    }
    rewritten = extract_start(bytes);
    bytes = rewritten;
  }
  wasmtime_module_t* module = nullptr;
  if (auto* error = wasmtime_module_new(raw_engine, bytes.data(), bytes.size(), &module)) {
    return module_error(error);
  }
  return Module(describe(std::move(engine), ModuleHandle(module)));
}

Result<void> Module::validate(const Engine& engine, std::span<const uint8_t> bytes) {
  if (bytes.size() < 4 || bytes[0] != 0) return Error::invalid_input("not a wasm binary");
  auto* error = wasmtime_module_validate(engine.impl().engine.get(), bytes.data(), bytes.size());
  if (error) return module_error(error);
  return {};
}

Result<Module> Module::load_trusted_file(std::shared_ptr<const Engine> engine,
                                         const std::string& path) {
  wasmtime_module_t* module = nullptr;
  if (auto* error =
          wasmtime_module_deserialize_file(engine->impl().engine.get(), path.c_str(), &module)) {
    return module_error(error);
  }
  return Module(describe(std::move(engine), ModuleHandle(module)));
}

Result<std::vector<uint8_t>> Module::serialize() const {
  ByteVec bytes;
  if (auto* error = wasmtime_module_serialize(impl_->module.get(), &bytes)) {
    return module_error(error);
  }
  std::string_view view = view_of(bytes.value);
  return std::vector<uint8_t>(view.begin(), view.end());
}

const std::vector<ImportType>& Module::imports() const {
  return impl_->imports;
}

const std::vector<ExportType>& Module::exports() const {
  return impl_->exports;
}

const ExportType* Module::find_export(std::string_view name) const {
  auto found = std::ranges::find(impl_->exports, name, &ExportType::name);
  return found == impl_->exports.end() ? nullptr : &*found;
}

std::optional<std::string_view> Module::start_export() const {
  if (!impl_->has_start_export) return std::nullopt;
  return kStartExport;
}

const std::shared_ptr<const Engine>& Module::engine() const {
  return impl_->engine;
}

Result<void> validate_module(const Engine& engine, std::span<const uint8_t> bytes) {
  if (auto* error =
          wasmtime_module_validate(engine.impl().engine.get(), bytes.data(), bytes.size())) {
    return module_error(error);
  }
  return {};
}

Result<std::vector<uint8_t>> wat2wasm(std::string_view text) {
  ByteVec bytes;
  if (auto* error = wasmtime_wat2wasm(text.data(), text.size(), &bytes)) {
    return module_error(error);
  }
  std::string_view view = view_of(bytes.value);
  return std::vector<uint8_t>(view.begin(), view.end());
}

}  // namespace spindle::wasm
