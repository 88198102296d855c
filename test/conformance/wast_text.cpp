#include "wast_text.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>
#include <boost/json/object.hpp>

namespace spindle::conformance {
namespace {

namespace json = boost::json;

// An S-expression: a list, a word, or a string with its escapes resolved.
struct Node {
  enum class Kind : uint8_t { List, Word, String } kind = Kind::List;
  std::string_view source;
  uint64_t line = 0;
  std::string text;
  std::vector<Node> items;

  bool is_list(std::string_view head) const {
    return kind == Kind::List && !items.empty() && items[0].text == head;
  }
};

constexpr size_t kMaxDepth = 500;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<std::vector<Node>> read_all() {
    std::vector<Node> nodes;
    for (skip_space(); at_ < text_.size(); skip_space()) {
      auto node = TRY(read(0));
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

 private:
  Error error(std::string_view what) const {
    return Error::invalid_input(fmt::format("line {}: {}", line_, what));
  }
  bool at(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  void step(size_t count = 1) {
    for (; count > 0 && at_ < text_.size(); --count) line_ += text_[at_++] == '\n' ? 1 : 0;
  }
  void skip_space() {
    while (at_ < text_.size()) {
      if (at(";;")) {
        while (at_ < text_.size() && text_[at_] != '\n') step();
      } else if (at("(;")) {
        skip_block();
      } else if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        step();
      } else {
        return;
      }
    }
  }
  void skip_block() {
    size_t depth = 0;
    do {
      depth += at("(;") ? 1 : 0;
      bool closes = at(";)");
      depth -= closes ? 1 : 0;
      step(closes || at("(;") ? 2 : 1);
    } while (depth > 0 && at_ < text_.size());
  }
  Result<Node> read(size_t depth) {
    Node node;
    node.line = line_;
    size_t begin = at_;
    if (depth > kMaxDepth) return error("lists nest too deep");
    if (text_[at_] == '(') {
      step();
      for (skip_space(); at_ < text_.size() && text_[at_] != ')'; skip_space()) {
        auto item = TRY(read(depth + 1));
        node.items.push_back(std::move(item));
      }
      if (at_ == text_.size()) return error("`)` is missing");
      step();
    } else if (text_[at_] == '"') {
      node.kind = Node::Kind::String;
      node.text = TRY(read_string());
    } else {
      node.kind = Node::Kind::Word;
      while (at_ < text_.size() &&
             std::string_view(" \t\r\n()\";").find(text_[at_]) == std::string_view::npos) {
        step();
      }
      if (at_ == begin) return error("unexpected character");
      node.text = text_.substr(begin, at_ - begin);
    }
    node.source = text_.substr(begin, at_ - begin);
    return node;
  }
  Result<std::string> read_string() {
    std::string text;
    for (step(); at_ < text_.size() && text_[at_] != '"'; step()) {
      if (text_[at_] != '\\') {
        text += text_[at_];
        continue;
      }
      step();
      if (at_ + 1 >= text_.size()) break;
      char c = text_[at_];
      uint8_t byte = 0;
      if (c == 'n' || c == 't' || c == '"' || c == '\\') {
        text += c == 'n' ? '\n' : c == 't' ? '\t' : c;
      } else if (std::from_chars(&text_[at_], &text_[at_] + 2, byte, 16).ptr == &text_[at_] + 2) {
        text += static_cast<char>(byte);
        step();
      } else {
        return error("unknown escape");
      }
    }
    if (at_ >= text_.size()) return error("`\"` is missing");
    step();
    return text;
  }

  std::string_view text_;
  size_t at_ = 0;
  uint64_t line_ = 1;
};

Error bad(const Node& node, std::string_view what) {
  return Error::invalid_input(fmt::format("line {}: {}", node.line, what));
}

std::string bits_of_float(const Node& node, std::string_view text) {
  const std::string number(text);
  if (node.items[0].text == "f32.const") {
    if (text == "nan") return "2143289344";
    return std::to_string(std::bit_cast<uint32_t>(std::strtof(number.c_str(), nullptr)));
  }
  if (text == "nan") return "9221120237041090560";
  return std::to_string(std::bit_cast<uint64_t>(std::strtod(number.c_str(), nullptr)));
}

Result<json::value> value_of(const Node& node);

Result<json::array> values_of(const Node& node, size_t first) {
  json::array values;
  for (size_t i = first; i < node.items.size(); ++i) {
    json::value value = TRY(value_of(node.items[i]));
    values.push_back(std::move(value));
  }
  return values;
}

Result<json::value> optional_value(const Node& node, size_t index) {
  if (index >= node.items.size()) return json::value(nullptr);
  return value_of(node.items[index]);
}

Result<json::value> record_of(const Node& node) {
  json::array fields;
  for (size_t i = 1; i < node.items.size(); ++i) {
    const Node& field = node.items[i];
    if (field.items.size() != 3) return bad(field, "expected (field \"name\" value)");
    json::value value = TRY(value_of(field.items[2]));
    fields.push_back(json::array{json::value(field.items[1].text), std::move(value)});
  }
  return json::value(std::move(fields));
}

Result<json::value> value_of(const Node& node) {
  if (node.kind != Node::Kind::List || node.items.empty()) return bad(node, "expected a value");
  const std::string& head = node.items[0].text;
  const bool has_text = node.items.size() > 1 && node.items[1].kind != Node::Kind::List;
  const std::string text = has_text ? node.items[1].text : std::string();
  if (head == "bool.const") return json::value(text == "true");
  if (head == "f32.const" || head == "f64.const") return json::value(bits_of_float(node, text));
  if (head == "list.const" || head == "tuple.const") {
    json::array values = TRY(values_of(node, 1));
    return json::value(std::move(values));
  }
  if (head == "record.const") return record_of(node);
  if (head == "flags.const") {
    json::array labels;
    for (size_t i = 1; i < node.items.size(); ++i) labels.emplace_back(node.items[i].text);
    return json::value(std::move(labels));
  }
  if (head == "option.none") return json::value(nullptr);
  if (head == "option.some") return optional_value(node, 1);
  if (head == "result.ok" || head == "result.err") {
    json::value payload = TRY(optional_value(node, 1));
    return json::value(json::object{{head == "result.ok" ? "Ok" : "Err", std::move(payload)}});
  }
  if (head == "variant.const") {
    json::object variant{{"case", text}};
    if (node.items.size() > 2) variant["payload"] = TRY(value_of(node.items[2]));
    return json::value(std::move(variant));
  }
  if (head.ends_with(".const")) return json::value(text);
  return bad(node, "unknown value " + head);
}

Result<Action> action_of(const Node& node) {
  if (!node.is_list("invoke")) return bad(node, "expected (invoke ...)");
  Action action;
  size_t next = 1;
  if (next < node.items.size() && node.items[next].kind == Node::Kind::Word) {
    action.module = node.items[next++].text;
  }
  if (next >= node.items.size()) return bad(node, "expected a name");
  action.field = node.items[next++].text;
  action.args = TRY(values_of(node, next));
  return action;
}

// A component, perhaps named, perhaps quoted. Where there is a name it follows the keyword.
void take_component(const Node& node, size_t keywords, Command& command) {
  size_t next = keywords;
  if (next < node.items.size() && node.items[next].kind == Node::Kind::Word &&
      node.items[next].text.starts_with('$')) {
    command.name = node.items[next++].text;
  }
  command.wat = node.source;
  if (next < node.items.size() && node.items[next].text == "quote") {
    command.wat = "(component";
    for (size_t i = next + 1; i < node.items.size(); ++i) command.wat += " " + node.items[i].text;
    command.wat += ")";
  } else if (keywords == 2) {
    // The library knows no definitions.
    auto word = node.items[1].source;
    command.wat.erase(static_cast<size_t>(word.data() - node.source.data()), word.size());
  }
}

Result<Command> command_of(const Node& node) {
  Command command;
  command.line = node.line;
  if (node.kind != Node::Kind::List || node.items.empty()) return bad(node, "expected a command");
  command.type = node.items[0].text;
  if (node.is_list("component")) {
    const std::string second = node.items.size() > 1 ? node.items[1].text : std::string();
    command.type = second == "definition" ? "module_definition"
                   : second == "instance" ? "module_instance"
                                          : "module";
    if (second != "instance") {
      take_component(node, second == "definition" ? 2 : 1, command);
      return command;
    }
    if (node.items.size() > 2) command.instance = node.items[2].text;
    if (node.items.size() > 3) command.module = node.items[3].text;
    return command;
  }
  if (node.is_list("invoke")) {
    command.type = "action";
    command.action = TRY(action_of(node));
    return command;
  }
  if (!command.type.starts_with("assert_") || node.items.size() < 2) {
    return bad(node, "unknown command " + command.type);
  }
  if (node.items[1].is_list("component")) {
    take_component(node.items[1], 1, command);
  } else {
    command.action = TRY(action_of(node.items[1]));
  }
  if (command.type == "assert_return") {
    command.expected = TRY(values_of(node, 2));
  } else if (node.items.size() > 2) {
    command.text = node.items[2].text;
  }
  return command;
}

void read_features(std::string_view text, Script& script) {
  constexpr std::string_view kMark = ";; features:";
  auto found = text.find(kMark);
  if (found == std::string_view::npos) return;
  text.remove_prefix(found + kMark.size());
  text = text.substr(0, text.find('\n'));
  while (!text.empty()) {
    auto space = text.find(' ');
    std::string word(text.substr(0, space));
    if (!word.empty()) {
      auto equals = word.find('=');
      script.features[word.substr(0, equals)] = word.substr(equals + 1);
    }
    if (space == std::string_view::npos) return;
    text.remove_prefix(space + 1);
  }
}

}  // namespace

Result<Script> read_wast(std::string name, std::string_view text) {
  Script script;
  script.name = std::move(name);
  read_features(text, script);
  const std::vector<Node> nodes = TRY(Reader(text).read_all());
  for (const Node& node : nodes) {
    Command command = TRY(command_of(node));
    script.commands.push_back(std::move(command));
  }
  return script;
}

Result<std::vector<Script>> load_wast_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code failure;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".wast") paths.push_back(entry.path());
  }
  if (failure) return Error::not_found(folder.string() + ": " + failure.message());
  std::ranges::sort(paths);
  std::vector<Script> scripts;
  for (const auto& path : paths) {
    const std::vector<uint8_t> bytes = TRY(read_binary(path));
    const std::string name = path.lexically_relative(folder).replace_extension().string();
    Script script = TRY(
        read_wast(name, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}).context([&] {
          return path.string();
        }));
    scripts.push_back(std::move(script));
  }
  return scripts;
}

}  // namespace spindle::conformance
