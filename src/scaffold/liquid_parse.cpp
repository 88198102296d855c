#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scaffold/liquid_nodes.h"
#include "scaffold/liquid_tokens.h"

namespace spindle::scaffold {
namespace {

using Node = Liquid::Node;
using Kind = LiquidToken::Kind;

constexpr std::string_view kOtherTags[] = {"tablerow", "cycle",    "increment", "decrement",
                                           "break",    "continue", "liquid",    "echo",
                                           "layout",   "ifchanged"};
constexpr std::string_view kOperators[] = {"==", "!=", "<>", "<", ">", "<=", ">=", "contains"};

// The words of one tag or output.
class Words {
 public:
  explicit Words(std::vector<LiquidToken> tokens) : tokens_(std::move(tokens)) {}

  const LiquidToken& peek() const { return tokens_[at_]; }
  bool is_at_end() const { return peek().kind == Kind::End; }
  bool take_symbol(std::string_view symbol) { return take(Kind::Symbol, symbol); }
  bool take_name(std::string_view name) { return take(Kind::Name, name); }

  Result<std::string> name(std::string_view what) {
    if (peek().kind != Kind::Name) return Error::invalid_input(fmt::format("expected {}", what));
    return tokens_[at_++].text;
  }

  Result<LiquidOperand> operand() {
    const auto token = peek();
    if (token.kind == Kind::Symbol || token.kind == Kind::End) {
      return Error::invalid_input(fmt::format("expected a value, not `{}`", token.text));
    }
    at_ += 1;
    if (token.kind == Kind::Text) return LiquidOperand(LiquidValue(token.text));
    if (token.kind == Kind::Number) return number(token.text);
    if (token.text == "true" || token.text == "false") {
      return LiquidOperand(LiquidValue(token.text == "true"));
    }
    if (token.text == "nil" || token.text == "null") return LiquidOperand(LiquidValue());
    if (token.text == "empty" || token.text == "blank") {
      return LiquidOperand(LiquidValue(std::string()));
    }
    if (peek().kind == Kind::Symbol && (peek().text == "." || peek().text == "[")) {
      return Error::not_supported(fmt::format(
          "a template reads a part of `{}`: values of templates have no parts", token.text));
    }
    return LiquidOperand(LiquidVariable{token.text});
  }

  Result<LiquidExpression> expression() {
    LiquidExpression made;
    made.operand = TRY(operand());
    while (take_symbol("|")) {
      LiquidFilter filter;
      filter.name = TRY(name("the name of a filter"));
      if (!is_liquid_filter(filter.name)) {
        return Error::not_supported(
            fmt::format("a template uses the unknown filter `{}`", filter.name));
      }
      if (take_symbol(":")) {
        do {
          auto argument = TRY(operand());
          filter.arguments.push_back(std::move(argument));
        } while (take_symbol(","));
      }
      made.filters.push_back(std::move(filter));
    }
    return made;
  }

  Result<LiquidCondition> condition() {
    LiquidCondition made;
    while (true) {
      LiquidCondition::Term term;
      term.left = TRY(operand());
      if (std::ranges::find(kOperators, peek().text) != std::end(kOperators)) {
        term.op = tokens_[at_++].text;
        term.right = TRY(operand());
      }
      made.terms.push_back(std::move(term));
      if (take_name("and")) {
        made.joined_by_and.push_back(true);
      } else if (take_name("or")) {
        made.joined_by_and.push_back(false);
      } else {
        return made;
      }
    }
  }

  Result<void> end() const {
    if (is_at_end()) return {};
    return Error::invalid_input(fmt::format("unexpected `{}`", peek().text));
  }

 private:
  bool take(Kind kind, std::string_view text) {
    if (peek().kind != kind || peek().text != text) return false;
    at_ += 1;
    return true;
  }
  static Result<LiquidOperand> number(const std::string& text) {
    int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc()) return Error::invalid_input(fmt::format("bad number `{}`", text));
    return LiquidOperand(LiquidValue(value));
  }

  std::vector<LiquidToken> tokens_;
  size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(std::vector<LiquidSegment> segments) : segments_(std::move(segments)) {}

  Result<std::vector<Node>> run() {
    auto nodes = TRY(block(0));
    if (at_ == segments_.size()) return nodes;
    return Error::invalid_input(
        fmt::format("line {}: `{}` closes nothing", segments_[at_].line, segments_[at_].text));
  }

 private:
  // Nodes up to a tag that is not the beginning of one; at_ stays on it.
  Result<std::vector<Node>> block(size_t depth) {
    if (depth > kMaxLiquidDepth) {
      return Error::limit_exceeded(
          fmt::format("tags are nested more than {} deep", kMaxLiquidDepth));
    }
    std::vector<Node> nodes;
    while (at_ < segments_.size()) {
      const auto segment = segments_[at_];
      if (segment.kind == LiquidSegment::Kind::Text) {
        at_ += 1;
        nodes.push_back({Node::Text{std::string(segment.text)}});
        continue;
      }
      auto tokens = liquid_tokens(segment.text);
      auto line = [&] { return fmt::format("line {}", segment.line); };
      Words words(TRY(std::move(tokens).context(line)));
      if (segment.kind == LiquidSegment::Kind::Output) {
        at_ += 1;
        auto expression = words.expression();
        Node::Output output{TRY(std::move(expression).context(line))};
        TRY(words.end().context(line));
        nodes.push_back({std::move(output)});
        continue;
      }
      if (is_inner_tag(words.peek().text)) return nodes;
      at_ += 1;
      auto node = tag(words, depth);
      nodes.push_back(TRY(std::move(node).context(line)));
    }
    return nodes;
  }

  static bool is_inner_tag(std::string_view name) {
    return name.starts_with("end") || name == "else" || name == "elsif" || name == "when";
  }

  Result<Node> tag(Words& words, size_t depth) {
    const auto name = TRY(words.name("the name of a tag"));
    if (name == "assign") return assign(words);
    if (name == "capture") return capture(words, depth);
    if (name == "if" || name == "unless") return choice(words, name, depth);
    if (name == "case") return cases(words, depth);
    if (name == "for") return loop(words, depth);
    if (name == "include" || name == "render") return include(words);
    if (std::ranges::find(kOtherTags, name) != std::end(kOtherTags)) {
      return Error::not_supported(
          fmt::format("a template uses the tag `{}`, which is not supported", name));
    }
    return Error::invalid_input(fmt::format("unknown tag `{}`", name));
  }

  Result<Node> assign(Words& words) {
    Node::Assign made;
    made.name = TRY(words.name("a name"));
    if (!words.take_symbol("=")) return Error::invalid_input("expected `=`");
    made.expression = TRY(words.expression());
    TRY(words.end());
    return Node{std::move(made)};
  }

  Result<Node> capture(Words& words, size_t depth) {
    Node::Capture made;
    made.name = TRY(words.name("a name"));
    TRY(words.end());
    made.body = TRY(block(depth + 1));
    TRY(close("endcapture"));
    return Node{std::move(made)};
  }

  Result<Node> choice(Words& words, const std::string& name, size_t depth) {
    Node::If made;
    Node::Branch first{.condition = {}, .is_negated = name == "unless", .body = {}};
    first.condition = TRY(words.condition());
    TRY(words.end());
    first.body = TRY(block(depth + 1));
    made.branches.push_back(std::move(first));
    while (true) {
      auto next = TRY(inner());
      if (!next.take_name("elsif")) {
        at_ -= 1;
        break;
      }
      Node::Branch branch;
      branch.condition = TRY(next.condition());
      TRY(next.end());
      branch.body = TRY(block(depth + 1));
      made.branches.push_back(std::move(branch));
    }
    TRY(otherwise(made, "end" + name, depth));
    return Node{std::move(made)};
  }

  // `case x when a, b` is `if x == a or x == b`.
  Result<Node> cases(Words& words, size_t depth) {
    auto subject = TRY(words.operand());
    TRY(words.end());
    TRY(block(depth + 1));  // what stands before the first `when` is dropped
    Node::If made;
    while (true) {
      auto next = TRY(inner());
      if (!next.take_name("when")) {
        at_ -= 1;
        break;
      }
      Node::Branch branch;
      do {
        LiquidCondition::Term term{.left = subject, .op = "==", .right = {}};
        term.right = TRY(next.operand());
        if (!branch.condition.terms.empty()) branch.condition.joined_by_and.push_back(false);
        branch.condition.terms.push_back(std::move(term));
      } while (next.take_symbol(",") || next.take_name("or"));
      TRY(next.end());
      branch.body = TRY(block(depth + 1));
      made.branches.push_back(std::move(branch));
    }
    TRY(otherwise(made, "endcase", depth));
    return Node{std::move(made)};
  }

  Result<void> otherwise(Node::If& made, std::string_view end, size_t depth) {
    auto next = TRY(inner());
    if (next.take_name("else")) {
      made.otherwise = TRY(block(depth + 1));
    } else {
      at_ -= 1;
    }
    return close(end);
  }

  Result<Node> loop(Words& words, size_t depth) {
    Node::For made;
    made.name = TRY(words.name("a name"));
    if (!words.take_name("in")) return Error::invalid_input("expected `in`");
    made.list = TRY(words.operand());
    if (!words.is_at_end()) return Error::not_supported("`for` with limit, offset or reversed");
    made.body = TRY(block(depth + 1));
    TRY(close("endfor"));
    return Node{std::move(made)};
  }

  Result<Node> include(Words& words) {
    if (words.peek().kind != Kind::Text)
      return Error::not_supported("`include` of a computed name");
    auto name = TRY(words.operand());
    if (!words.is_at_end()) return Error::not_supported("`include` with values of its own");
    return Node{Node::Include{to_text(std::get<LiquidValue>(name))}};
  }

  // The words of the next tag, which block() left for its opener.
  Result<Words> inner() {
    if (at_ == segments_.size()) return Error::invalid_input("the tag is not closed");
    auto tokens = TRY(liquid_tokens(segments_[at_].text));
    at_ += 1;
    return Words(std::move(tokens));
  }
  Result<void> close(std::string_view name) {
    auto words = TRY(inner());
    if (words.take_name(name)) return words.end();
    return Error::invalid_input(fmt::format("expected `{}`, not `{}`", name, words.peek().text));
  }

  const std::vector<LiquidSegment> segments_;
  size_t at_ = 0;
};

}  // namespace

Result<Liquid> Liquid::parse(std::string_view text) {
  if (text.size() > kMaxLiquidBytes) {
    return Error::limit_exceeded(
        fmt::format("a template of {} bytes, at most {} are read", text.size(), kMaxLiquidBytes));
  }
  auto segments = TRY(cut_liquid(text));
  auto nodes = TRY(Parser(std::move(segments)).run());
  return Liquid(std::make_shared<const std::vector<Node>>(std::move(nodes)));
}

}  // namespace spindle::scaffold
