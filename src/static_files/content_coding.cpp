#include "static_files/content_coding.h"

#include <algorithm>
#include <optional>

#include "http/message.h"
#include "static_files/list_header.h"

namespace spindle::static_files {
namespace {

// `0.5` in thousandths; nothing for what is no weight.
std::optional<int> read_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = (text[0] - '0') * 1000;
  if (text.size() == 1) return weight;
  if (text[1] != '.') return std::nullopt;
  int place = 100;
  for (char c : text.substr(2)) {
    if (c < '0' || c > '9') return std::nullopt;
    weight += (c - '0') * place;
    place /= 10;
  }
  return weight <= 1000 ? std::optional(weight) : std::nullopt;
}

struct Weights {
  std::array<std::optional<int>, kCodings.size()> codings;
  std::optional<int> identity;
  std::optional<int> others;
};

// Items that are malformed say nothing.
void add_item(std::string_view item, Weights& weights) {
  const size_t semicolon = item.find(';');
  const std::string_view name = trim_spaces(item.substr(0, semicolon));
  int weight = 1000;
  if (semicolon != std::string_view::npos) {
    const std::string_view parameter = trim_spaces(item.substr(semicolon + 1));
    if (parameter.size() < 2 || !http::equals_ignoring_case(parameter.substr(0, 2), "q=")) return;
    const auto read = read_weight(parameter.substr(2));
    if (!read) return;
    weight = *read;
  }
  if (name == "*") weights.others = weight;
  if (http::equals_ignoring_case(name, "identity")) weights.identity = weight;
  for (size_t i = 0; i < kCodings.size(); ++i) {
    const bool is_old_name =
        kCodings[i].coding == Coding::Gzip && http::equals_ignoring_case(name, "x-gzip");
    if (is_old_name || http::equals_ignoring_case(name, kCodings[i].name)) {
      weights.codings[i] = weight;
    }
  }
}

}  // namespace

Coding choose_coding(std::string_view accept_encoding, std::span<const Coding> offered) {
  Weights weights;
  ListHeader list(accept_encoding);
  while (const auto item = list.next()) add_item(*item, weights);
  Coding best = Coding::Identity;
  // Identity is welcome where nothing is said of it, but last.
  int best_weight = weights.identity.value_or(0);
  for (size_t i = 0; i < kCodings.size(); ++i) {
    if (std::ranges::find(offered, kCodings[i].coding) == offered.end()) continue;
    const int weight = weights.codings[i].value_or(weights.others.value_or(0));
    const bool is_better = best == Coding::Identity ? weight >= best_weight : weight > best_weight;
    if (weight == 0 || !is_better) continue;
    best = kCodings[i].coding;
    best_weight = weight;
  }
  return best;
}

}  // namespace spindle::static_files
