#include "runtime/component_bytes.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "assemble/componentize/make_component.h"
#include "component/binary/decode.h"
#include "wasm/module.h"

namespace spindle::runtime {
namespace {

constexpr std::array<uint8_t, 4> kMagic = {0, 'a', 's', 'm'};

Result<std::vector<uint8_t>> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return Error::from_errno(errno, fmt::format("reading `{}`", path));
  auto size = static_cast<uint64_t>(file.tellg());
  if (size > kComponentBytesMax) {
    return Error::limit_exceeded(
        fmt::format("`{}` has {} bytes, at most {} are allowed", path, size, kComponentBytesMax));
  }
  std::vector<uint8_t> bytes(size);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) return Error::from_errno(errno, fmt::format("reading `{}`", path));
  return bytes;
}

bool looks_like_text(const std::vector<uint8_t>& bytes) {
  for (auto byte : bytes) {
    if (byte == '(' || byte == ';') return true;
    if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t') return false;
  }
  return false;
}

}  // namespace

Result<std::vector<uint8_t>> read_component(const std::string& path) {
  auto bytes = TRY(read_file(path));
  if (looks_like_text(bytes)) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    bytes = TRY(wasm::wat2wasm(text).context(fmt::format("translating `{}`", path)));
  }
  if (bytes.size() < 8 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return Error::invalid_input(
        fmt::format("`{}` is not WebAssembly: it does not begin with the bytes `\\0asm`", path));
  }
  auto kind = TRY(component::detect_binary_kind(bytes).context(fmt::format("`{}`", path)));
  if (kind == component::BinaryKind::CoreModule) {
    bytes = TRY(assemble::componentize(bytes).context(
        fmt::format("making a component of the core module `{}`", path)));
  }
  return bytes;
}

}  // namespace spindle::runtime
