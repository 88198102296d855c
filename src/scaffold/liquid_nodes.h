#pragma once

// What a Liquid text is parsed into. Seen by the parser, the renderer and the filters only.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "scaffold/liquid.h"

namespace spindle::scaffold {

// Nothing, a truth, a whole number, a text, or what `split` gives.
using LiquidValue =
    std::variant<std::monostate, bool, int64_t, std::string, std::vector<std::string>>;

std::string to_text(const LiquidValue& value);

struct LiquidVariable {
  std::string name;
};
using LiquidOperand = std::variant<LiquidValue, LiquidVariable>;

struct LiquidFilter {
  std::string name;
  std::vector<LiquidOperand> arguments;
};

struct LiquidExpression {
  LiquidOperand operand;
  std::vector<LiquidFilter> filters;
};

// `a == b`; without an operator, whether `a` is true. `and` and `or` bind to the right, as Liquid
// has it.
struct LiquidCondition {
  struct Term {
    LiquidOperand left;
    std::string op;
    LiquidOperand right;
  };
  std::vector<Term> terms;
  std::vector<bool> joined_by_and;  // between the terms
};

struct Liquid::Node {
  struct Text {
    std::string text;
  };
  struct Output {
    LiquidExpression expression;
  };
  struct Assign {
    std::string name;
    LiquidExpression expression;
  };
  struct Capture {
    std::string name;
    std::vector<Node> body;
  };
  struct Branch {
    LiquidCondition condition;
    bool is_negated = false;  // unless
    std::vector<Node> body;
  };
  struct If {
    std::vector<Branch> branches;
    std::vector<Node> otherwise;
  };
  struct For {
    std::string name;
    LiquidOperand list;
    std::vector<Node> body;
  };
  struct Include {
    std::string partial;
  };
  std::variant<Text, Output, Assign, Capture, If, For, Include> form;
};

// What a filter makes of a value. The name was seen by is_liquid_filter.
Result<LiquidValue> apply_liquid_filter(std::string_view name, const LiquidValue& input,
                                        const std::vector<LiquidValue>& arguments);
bool is_liquid_filter(std::string_view name);

}  // namespace spindle::scaffold
