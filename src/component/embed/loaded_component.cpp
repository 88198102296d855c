#include "component/embed/loaded_component.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "wasm/module.h"

namespace spindle::component {
namespace {

Result<std::vector<uint8_t>> read_file(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) {
    return Error::invalid_input(fmt::format("`{}` is a directory, expected a component", path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error::from_errno(errno, fmt::format("opening `{}`", path));
  std::vector<uint8_t> bytes;
  std::array<char, 1U << 16> block;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    bytes.insert(bytes.end(), block.data(), block.data() + file.gcount());
    if (bytes.size() > LoadedComponent::kFileBytesMax) {
      return Error::limit_exceeded(
          fmt::format("`{}` has more than {} bytes", path, LoadedComponent::kFileBytesMax));
    }
  }
  if (file.bad()) return Error::unavailable(fmt::format("reading `{}` failed", path));
  return bytes;
}

bool is_text(std::span<const uint8_t> bytes) {
  const auto first = std::ranges::find_if(
      bytes, [](uint8_t c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
  return first != bytes.end() && (*first == '(' || *first == ';');
}

InstanceOptions instance_options(const InstantiateOptions& options,
                                 std::span<void* const> implementations) {
  InstanceOptions made;
  made.store.limits = options.limits;
  made.store.cpu_budget = options.cpu_budget;
  made.store.loop = options.loop;
  made.implementations = implementations;
  return made;
}

}  // namespace

Result<LoadedComponent> LoadedComponent::load(std::shared_ptr<const wasm::Engine> engine,
                                              std::span<const uint8_t> bytes,
                                              const LoadOptions& options) {
  std::vector<uint8_t> translated;
  if (is_text(bytes)) {
    translated = TRY(wasm::wat2wasm({reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    bytes = translated;
  }
  HostRegistry registry(options.missing);
  for (const HostInterface* interface : options.host) registry.add(*interface);
  PrepareOptions prepare;
  prepare.cache = options.cache;
  auto prepared = TRY(PreparedComponent::create(std::move(engine), bytes, registry, prepare));
  return LoadedComponent(std::move(prepared));
}

Result<LoadedComponent> LoadedComponent::load_file(std::shared_ptr<const wasm::Engine> engine,
                                                   const std::string& path,
                                                   const LoadOptions& options) {
  const std::vector<uint8_t> bytes = TRY(read_file(path));
  return load(std::move(engine), bytes, options).context([&] {
    return fmt::format("component `{}`", path);
  });
}

Result<std::vector<void*>> LoadedComponent::implementations(
    const InstantiateOptions& options) const {
  std::vector<void*> found;
  for (const HostInterface* interface : prepared_->interfaces()) {
    const auto binding = std::ranges::find(options.host, interface, &HostBinding::interface);
    if (binding == options.host.end()) {
      return Error::invalid_input(
          interface->name.empty()
              ? std::string("nothing implements the functions that the component imports")
              : fmt::format("nothing implements `{}`, which the component imports",
                            interface->name));
    }
    found.push_back(binding->implementation);
  }
  return found;
}

Result<std::unique_ptr<ComponentInstance>> LoadedComponent::instantiate(
    const InstantiateOptions& options) const {
  const std::vector<void*> objects = TRY(implementations(options));
  return ComponentInstance::create_blocking(prepared_, instance_options(options, objects));
}

namespace {

io::Task<Result<std::unique_ptr<ComponentInstance>>> create_on_loop(
    std::shared_ptr<const PreparedComponent> prepared, InstantiateOptions options,
    Result<std::vector<void*>> implementations) {
  const std::vector<void*> objects = CO_TRY(std::move(implementations));
  auto creating =
      ComponentInstance::create(std::move(prepared), instance_options(options, objects));
  co_return co_await std::move(creating);
}

}  // namespace

io::Task<Result<std::unique_ptr<ComponentInstance>>> LoadedComponent::instantiate_async(
    InstantiateOptions options) const {
  Result<std::vector<void*>> objects = implementations(options);
  return create_on_loop(prepared_, std::move(options), std::move(objects));
}

}  // namespace spindle::component
