#include "assemble/wit_decode/decode.h"

#include <fmt/format.h>

#include <algorithm>

#include "assemble/wit_decode/world_decoder.h"
#include "base/byte_reader.h"
#include "component/binary/decode.h"
#include "component/validate/validate.h"

namespace spindle::assemble {

using component::StringEncoding;

namespace {

constexpr std::string_view kSectionName = "component-type";
constexpr std::string_view kEncodingSectionName = "wit-component-encoding";
constexpr uint8_t kEncodingVersion = 4;
constexpr size_t kMaxSections = 1'000;

std::optional<ComponentShape> find_component_type(const ExternShape& item) {
  const auto* type = std::get_if<const TypeShape*>(&item.entity);
  if (type == nullptr) return std::nullopt;
  const auto& structure = (*type)->structure();
  if (structure.definition == nullptr) return std::nullopt;
  const auto* found = std::get_if<component::ComponentTypeDef>(&structure.definition->kind);
  if (found == nullptr) return std::nullopt;
  return ComponentShape{nullptr, found, structure.scope};
}

// A component whose exports all are component types, and that imports nothing, is a WIT package.
bool is_package(const WorldShape& shape) {
  return shape.imports.empty() && !shape.exports.empty() &&
         std::ranges::all_of(shape.exports, [](const ExternShape& item) {
           return find_component_type(item).has_value();
         });
}

// Decodes what encoded packages are made of: component types that stand for worlds and interfaces.
class PackageDecoder {
 public:
  PackageDecoder(ShapeEvaluator& evaluator, wit::ModelBuilder& builder)
      : evaluator_(evaluator), builder_(builder) {}

  // `shape` is that of the whole binary; each of its exports is one item, or the package.
  Result<wit::PackageId> package(const WorldShape& shape);
  // The one world that a `component-type` section encodes.
  Result<void> only_world(const WorldShape& shape, wit::WorldId into);

 private:
  // One item of the package: an export of a component type.
  Result<wit::PackageId> item(const ExternShape& item, WorldDecoder& decoder);
  Result<InterfaceName> name_of(const ExternShape& item) const;
  Result<void> declare(const std::vector<WorldShape>& items);

  ShapeEvaluator& evaluator_;
  wit::ModelBuilder& builder_;
};

Result<InterfaceName> PackageDecoder::name_of(const ExternShape& item) const {
  auto name = TRY(parse_interface_name(item.name));
  if (name) return *name;
  return Error::invalid_input(
      fmt::format("`{}` is not the name of an interface or world", item.name.name));
}

Result<wit::PackageId> PackageDecoder::item(const ExternShape& item, WorldDecoder& decoder) {
  auto name = TRY(name_of(item));
  auto package = TRY(builder_.package(name.package));
  if (std::holds_alternative<const InstanceShape*>(item.entity)) {
    TRY(decoder.named_interface(item));
    return package;
  }
  const auto* component = std::get_if<ComponentShape>(&item.entity);
  if (component == nullptr) {
    return Error::invalid_input(
        fmt::format("`{}` in a WIT package is neither an interface nor a world", item.name.name));
  }
  auto shape = TRY(evaluator_.open(*component));
  auto world = TRY(builder_.world(package, name.name));
  // A world brings its own copies of all types that it mentions.
  TRY(WorldDecoder(builder_).world(shape, world).context([&] {
    return fmt::format("world `{}`", item.name.name);
  }));
  return package;
}

// Interfaces are made first, so that they keep their order whatever uses them.
Result<void> PackageDecoder::declare(const std::vector<WorldShape>& items) {
  for (const auto& shape : items) {
    for (const auto& each : shape.exports) {
      auto name = TRY(name_of(each));
      auto package = TRY(builder_.package(name.package));
      if (std::holds_alternative<const InstanceShape*>(each.entity)) {
        TRY(builder_.interface(package, name.name));
      }
    }
  }
  return {};
}

Result<wit::PackageId> PackageDecoder::package(const WorldShape& shape) {
  std::vector<WorldShape> items;
  for (const auto& exported : shape.exports) {
    auto opened = TRY(evaluator_.open(find_component_type(exported).value()));
    items.push_back(std::move(opened));
  }
  TRY(declare(items));
  std::optional<wit::PackageId> package;
  for (const auto& each : items) {
    WorldDecoder decoder(builder_);
    for (const auto& import : each.imports) TRY(decoder.named_interface(import));
    for (const auto& exported : each.exports) {
      auto owner = TRY(item(exported, decoder));
      if (package && *package != owner) {
        return Error::not_supported("one binary that holds several WIT packages");
      }
      package = owner;
    }
  }
  if (!package) return Error::invalid_input("the WIT package has neither interfaces nor worlds");
  return *package;
}

Result<void> PackageDecoder::only_world(const WorldShape& shape, wit::WorldId into) {
  std::optional<ComponentShape> type;
  if (shape.exports.size() == 1 && shape.imports.empty()) {
    type = find_component_type(shape.exports.front());
  }
  if (!type) return Error::invalid_input("expected one exported component type, the world");
  auto wrapper = TRY(evaluator_.open(*type));
  const auto* world = wrapper.exports.size() == 1 && wrapper.imports.empty()
                          ? std::get_if<ComponentShape>(&wrapper.exports.front().entity)
                          : nullptr;
  if (world == nullptr) return Error::invalid_input("expected one exported component, the world");
  auto opened = TRY(evaluator_.open(*world));
  return WorldDecoder(builder_).world(opened, into);
}

// Calls `visit(name, content)` for each custom section after the preamble.
template <typename Visit>
Result<void> for_each_custom_section(std::span<const uint8_t> binary, Visit&& visit) {
  constexpr size_t kPreambleBytes = 8;
  ByteReader reader(binary);
  TRY(reader.take(kPreambleBytes));
  while (!reader.at_end()) {
    auto id = TRY(reader.u8());
    auto size = TRY(reader.leb_u32());
    auto section = TRY(reader.take(size));
    if (id != 0) continue;
    auto length = TRY(section.leb_u32());
    auto name = TRY(section.bytes(length));
    std::string_view text(reinterpret_cast<const char*>(name.data()), name.size());
    TRY(visit(text, section.rest()));
  }
  return {};
}

Result<StringEncoding> read_encoding(std::span<const uint8_t> section) {
  std::optional<std::span<const uint8_t>> content;
  TRY(for_each_custom_section(section, [&](std::string_view name, std::span<const uint8_t> bytes) {
    if (name == kEncodingSectionName) content = bytes;
    return Result<void>();
  }));
  if (!content || content->size() != 2) {
    return Error::invalid_input(
        fmt::format("expected a section `{}` of two bytes", kEncodingSectionName));
  }
  if ((*content)[0] != kEncodingVersion) {
    return Error::not_supported(
        fmt::format("version {} of the encoding, expected {}", (*content)[0], kEncodingVersion));
  }
  switch ((*content)[1]) {
    case 0: return StringEncoding::Utf8;
    case 1: return StringEncoding::Utf16;
    case 2: return StringEncoding::Latin1OrUtf16;
    default:
      return Error::invalid_input(
          fmt::format("unknown string encoding {}, expected 0, 1 or 2", (*content)[1]));
  }
}

Result<StringEncoding> decode_section(std::span<const uint8_t> section, wit::ModelBuilder& builder,
                                      wit::WorldId world) {
  auto kind = component::detect_binary_kind(section);
  if (!kind || kind.value() != component::BinaryKind::Component) {
    return Error::not_supported("an encoding that is not a component, older than version 4");
  }
  auto decoded = TRY(component::decode_component(component::SharedBytes::borrow(section)));
  TRY(component::validate(decoded));
  ShapeEvaluator evaluator;
  auto shape = TRY(evaluator.component(decoded));
  TRY(PackageDecoder(evaluator, builder).only_world(shape, world));
  return read_encoding(section);
}

}  // namespace

Result<DecodedWit> decode_wit(const component::Component& component) {
  ShapeEvaluator evaluator;
  auto shape = TRY(evaluator.component(component));
  wit::ModelBuilder builder;
  DecodedWit decoded;
  if (is_package(shape)) {
    decoded.package = TRY(PackageDecoder(evaluator, builder).package(shape));
  } else {
    decoded.package = TRY(builder.package({"root", "component", std::nullopt}));
    decoded.world = TRY(builder.world(decoded.package, "root"));
    TRY(WorldDecoder(builder).world(shape, *decoded.world));
  }
  decoded.resolve = TRY(std::move(builder).finish({decoded.package}));
  decoded.package = decoded.resolve.roots().front();
  return decoded;
}

Result<std::vector<std::span<const uint8_t>>> component_type_sections(
    std::span<const uint8_t> module) {
  std::vector<std::span<const uint8_t>> found;
  TRY(for_each_custom_section(module, [&](std::string_view name, std::span<const uint8_t> bytes) {
    bool is_ours = name.starts_with(kSectionName) &&
                   (name.size() == kSectionName.size() || name[kSectionName.size()] == ':');
    if (is_ours) found.push_back(bytes);
    return Result<void>();
  }));
  if (found.size() > kMaxSections) {
    return Error::limit_exceeded(
        fmt::format("more than {} sections `{}`", kMaxSections, kSectionName));
  }
  return found;
}

Result<ModuleWorld> decode_component_types(std::span<const std::span<const uint8_t>> sections) {
  wit::ModelBuilder builder;
  auto package = TRY(builder.package({"root", "root", std::nullopt}));
  auto world = TRY(builder.world(package, "root"));
  std::optional<StringEncoding> encoding;
  for (size_t i = 0; i < sections.size(); ++i) {
    auto about = [&] { return fmt::format("section `{}` number {}", kSectionName, i); };
    auto seen = TRY(decode_section(sections[i], builder, world).context(about));
    if (encoding && *encoding != seen) {
      return Error::invalid_input("sections `component-type` want different string encodings");
    }
    encoding = seen;
  }
  auto resolve = TRY(std::move(builder).finish({package}));
  return ModuleWorld{std::move(resolve), world, encoding.value_or(StringEncoding::Utf8)};
}

}  // namespace spindle::assemble
