#include "bindgen/mapping.h"

#include <algorithm>

#include <fmt/format.h>

namespace spindle::bindgen {
namespace {

using Tokens = std::vector<std::string>;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

Result<Tokens> split(std::string_view line) {
  Tokens tokens;
  size_t at = 0;
  while (at < line.size()) {
    if (is_space(line[at])) {
      ++at;
    } else if (line[at] == '#') {
      break;
    } else if (line[at] == '"') {
      const size_t end = line.find('"', at + 1);
      if (end == std::string_view::npos) return Error::invalid_input("a string lacks its end");
      tokens.emplace_back(line.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      const size_t begin = at;
      while (at < line.size() && !is_space(line[at])) ++at;
      tokens.emplace_back(line.substr(begin, at - begin));
    }
  }
  return tokens;
}

struct Item {
  std::string interface;
  std::string name;
};

Result<Item> parse_item(const std::string& text) {
  size_t at = text.find('#');
  if (at == std::string::npos && text.find('@') == std::string::npos) at = text.find('.');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return Error::invalid_input(fmt::format(
        "`{}` is not an item: expected `interface.item` or `interface@version#item`", text));
  }
  return Item{text.substr(0, at), text.substr(at + 1)};
}

}  // namespace

bool means_interface(std::string_view written, const InterfaceIdentity& interface) {
  return written == interface.id || written == interface.track ||
         written == std::string_view(interface.id).substr(0, interface.id.find('@'));
}

const MappedResource* Mapping::find_resource(const InterfaceIdentity& interface,
                                             std::string_view name) const {
  auto found = std::ranges::find_if(resources_, [&](const MappedResource& entry) {
    return entry.item == name && means_interface(entry.interface, interface);
  });
  return found == resources_.end() ? nullptr : &*found;
}

bool Mapping::may_wait(const InterfaceIdentity& interface, std::string_view function) const {
  return std::ranges::any_of(waits_, [&](const MappedWait& entry) {
    return entry.item == function && means_interface(entry.interface, interface);
  });
}

const MappedUnsupported* Mapping::find_unsupported(const InterfaceIdentity& interface) const {
  auto found = std::ranges::find_if(unsupported_, [&](const MappedUnsupported& entry) {
    return means_interface(entry.interface, interface);
  });
  return found == unsupported_.end() ? nullptr : &*found;
}

namespace {

Result<MappedResource> parse_resource(const Tokens& tokens) {
  if (tokens.size() != 5 || tokens[2] != "=") {
    return Error::invalid_input("expected `resource INTERFACE.ITEM = CLASS \"HEADER\"`");
  }
  const Item item = TRY(parse_item(tokens[1]));
  return MappedResource{item.interface, item.name, tokens[3], tokens[4]};
}

}  // namespace

Result<Mapping> parse_mapping(std::string_view text) {
  Mapping mapping;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    auto where = [at = ++number] { return fmt::format("line {}", at); };
    const Tokens tokens = TRY(split(line).context(where));
    if (tokens.empty()) continue;
    if (tokens[0] == "resource") {
      MappedResource resource = TRY(parse_resource(tokens).context(where));
      mapping.resources_.push_back(std::move(resource));
    } else if (tokens[0] == "wait" && tokens.size() == 2) {
      const Item item = TRY(parse_item(tokens[1]).context(where));
      mapping.waits_.push_back({item.interface, item.name});
    } else if (tokens[0] == "unsupported" && tokens.size() == 4) {
      mapping.unsupported_.push_back(
          {tokens[1], tokens[2] == "-" ? std::string() : tokens[2], tokens[3]});
    } else {
      return Error::invalid_input(
          fmt::format("line {}: `{}` is not an entry: expected `resource`, `wait` or `unsupported`",
                      number, line));
    }
  }
  return mapping;
}

}  // namespace spindle::bindgen
