#include <fmt/format.h>

#include <optional>

#include "base/overloaded.h"
#include "scaffold/liquid_nodes.h"

namespace spindle::scaffold {

using Node = Liquid::Node;

class LiquidRenderer {
 public:
  LiquidRenderer(const LiquidValues& values, const Liquid::Partials& partials)
      : partials_(partials) {
    for (const auto& [name, value] : values) variables_.insert_or_assign(name, value);
  }

  Result<std::string> run(const Liquid& liquid) {
    std::string output;
    TRY(render(*liquid.nodes_, output));
    return output;
  }

 private:
  Result<void> render(const std::vector<Node>& nodes, std::string& output) {
    for (const auto& node : nodes) {
      if (++steps_ > kMaxLiquidSteps) {
        return Error::limit_exceeded(
            fmt::format("a template takes more than {} steps", kMaxLiquidSteps));
      }
      TRY(std::visit([&](const auto& form) { return run_node(form, output); }, node.form));
      if (output.size() > kMaxLiquidOutputBytes) {
        return Error::limit_exceeded(
            fmt::format("a template makes more than {} bytes", kMaxLiquidOutputBytes));
      }
    }
    return {};
  }

  Result<void> run_node(const Node::Text& node, std::string& output) {
    output += node.text;
    return {};
  }
  Result<void> run_node(const Node::Output& node, std::string& output) {
    auto value = TRY(evaluate(node.expression));
    output += to_text(value);
    return {};
  }
  Result<void> run_node(const Node::Assign& node, std::string&) {
    auto value = TRY(evaluate(node.expression));
    variables_.insert_or_assign(node.name, std::move(value));
    return {};
  }
  Result<void> run_node(const Node::Capture& node, std::string&) {
    std::string captured;
    TRY(render(node.body, captured));
    variables_.insert_or_assign(node.name, std::move(captured));
    return {};
  }
  Result<void> run_node(const Node::If& node, std::string& output) {
    for (const auto& branch : node.branches) {
      if (holds(branch.condition) != branch.is_negated) return render(branch.body, output);
    }
    return render(node.otherwise, output);
  }
  Result<void> run_node(const Node::For& node, std::string& output) {
    const auto value = find(node.list);
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) {
      return Error::invalid_input("`for` goes through what the filter `split` gives");
    }
    for (const auto& item : *list) {
      variables_.insert_or_assign(node.name, item);
      TRY(render(node.body, output));
    }
    variables_.erase(node.name);
    return {};
  }
  Result<void> run_node(const Node::Include& node, std::string& output) {
    auto found = partials_.find(node.partial);
    if (found == partials_.end()) {
      return Error::not_found(fmt::format("the template has no partial `{}`", node.partial));
    }
    if (depth_ == kMaxLiquidDepth) return Error::limit_exceeded("partials include one another");
    depth_ += 1;
    auto rendered = render(*found->second.nodes_, output);
    depth_ -= 1;
    return rendered;
  }

  // Nothing for a variable without a value.
  LiquidValue find(const LiquidOperand& operand) const {
    const auto* variable = std::get_if<LiquidVariable>(&operand);
    if (variable == nullptr) return std::get<LiquidValue>(operand);
    auto found = variables_.find(variable->name);
    return found == variables_.end() ? LiquidValue() : found->second;
  }
  Result<LiquidValue> require(const LiquidOperand& operand) const {
    const auto* variable = std::get_if<LiquidVariable>(&operand);
    if (variable != nullptr && !variables_.contains(variable->name)) {
      return Error::not_found(
          fmt::format("the template uses `{}`, which has no value", variable->name));
    }
    return find(operand);
  }

  Result<LiquidValue> evaluate(const LiquidExpression& expression) const {
    auto value = TRY(require(expression.operand));
    for (const auto& filter : expression.filters) {
      std::vector<LiquidValue> arguments;
      for (const auto& operand : filter.arguments) {
        auto argument = TRY(require(operand));
        arguments.push_back(std::move(argument));
      }
      value = TRY(apply_liquid_filter(filter.name, value, arguments));
      const auto* text = std::get_if<std::string>(&value);
      if (text != nullptr && text->size() > kMaxLiquidOutputBytes) {
        return Error::limit_exceeded(
            fmt::format("a filter makes a text of more than {} bytes", kMaxLiquidOutputBytes));
      }
    }
    return value;
  }

  // From the right, to which `and` and `or` bind.
  bool holds(const LiquidCondition& condition) const {
    bool truth = holds(condition.terms.back());
    for (size_t index = condition.joined_by_and.size(); index-- > 0;) {
      const bool left = holds(condition.terms[index]);
      truth = condition.joined_by_and[index] ? left && truth : left || truth;
    }
    return truth;
  }

  bool holds(const LiquidCondition::Term& term) const {
    const auto left = find(term.left);
    if (term.op.empty()) {
      const auto* truth = std::get_if<bool>(&left);
      return truth != nullptr ? *truth : !std::holds_alternative<std::monostate>(left);
    }
    const auto right = find(term.right);
    if (term.op == "contains") return to_text(left).contains(to_text(right));
    if (term.op == "==") return left == right;
    if (term.op == "!=" || term.op == "<>") return left != right;
    if (left.index() != right.index()) return false;
    if (term.op == "<") return left < right;
    if (term.op == ">") return left > right;
    return term.op == "<=" ? left <= right : left >= right;
  }

  const Liquid::Partials& partials_;
  std::map<std::string, LiquidValue, std::less<>> variables_;
  size_t steps_ = 0;
  size_t depth_ = 0;
};

Result<std::string> Liquid::render(const LiquidValues& values, const Partials& partials) const {
  return LiquidRenderer(values, partials).run(*this);
}

}  // namespace spindle::scaffold
