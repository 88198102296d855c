#pragma once

// Liquid: the language of Spin's templates, as far as templates use it.
//
//   auto greeting = TRY(Liquid::parse("Hello {{ name | upcase }}"));
//   auto text = TRY(greeting.render({{"name", "ada"}}, {}));
//
// Works: output with filters; if, elsif, else, unless, case, for over what `split` gives, assign,
// capture, comment, raw, include and render of partials; whitespace control. Operators: == != <> <
// > <= >= contains, `and`, `or`. Filters: those of Spin (kebab_case, ...) and the ones of strings
// in filters.cpp. Refused with NotSupported: Liquid's other tags (tablerow, cycle, ...), filters
// that are not known, and paths such as `forloop.last`. Anything else that is not Liquid is
// InvalidInput: whoever renders files copies such a file as it is. A variable without a value is an
// error where it is printed, and false in a condition.
//
// Templates are the work of others: text, nesting, steps and output are limited.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spindle::scaffold {

inline constexpr size_t kMaxLiquidBytes = size_t{4} << 20;
inline constexpr size_t kMaxLiquidOutputBytes = size_t{16} << 20;
inline constexpr size_t kMaxLiquidDepth = 32;
inline constexpr size_t kMaxLiquidSteps = 100'000;

using LiquidValues = std::map<std::string, std::string, std::less<>>;

class Liquid {
 public:
  // Texts by the name with which `include` asks for them.
  using Partials = std::map<std::string, Liquid, std::less<>>;

  static Result<Liquid> parse(std::string_view text);
  Result<std::string> render(const LiquidValues& values, const Partials& partials) const;

  struct Node;

 private:
  friend class LiquidRenderer;
  explicit Liquid(std::shared_ptr<const std::vector<Node>> nodes) : nodes_(std::move(nodes)) {}
  std::shared_ptr<const std::vector<Node>> nodes_;
};

}  // namespace spindle::scaffold
