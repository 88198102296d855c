#include "app/identifiers.h"

#include <algorithm>

#include "fmt/format.h"

namespace spindle::app {
namespace {

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Grammar {
  char delimiter;
  char other_delimiter;
  bool lower_only;
};

std::optional<std::string> word_problem(std::string_view word, const Grammar& grammar) {
  if (word.empty()) return fmt::format("words between '{}' must not be empty", grammar.delimiter);
  if (!is_lower(word[0]) && !is_upper(word[0]))
    return fmt::format("word \"{}\" must start with an ASCII letter", word);
  bool lower = false;
  bool upper = false;
  for (char c : word) {
    if (c == grammar.other_delimiter)
      return fmt::format("words must be separated with '{}', not '{}'", grammar.delimiter, c);
    if (!is_lower(c) && !is_upper(c) && !is_digit(c))
      return fmt::format("word \"{}\" may contain only ASCII letters and digits", word);
    lower |= is_lower(c);
    upper |= is_upper(c);
  }
  if (lower && upper)
    return fmt::format("word \"{}\" must be all lower case or all upper case", word);
  if (upper && grammar.lower_only) return fmt::format("word \"{}\" must be lower case", word);
  return std::nullopt;
}

std::optional<std::string> id_problem(std::string_view name, const Grammar& grammar) {
  if (name.empty()) return "it must not be empty";
  for (size_t start = 0; start <= name.size();) {
    size_t end = std::min(name.find(grammar.delimiter, start), name.size());
    if (auto problem = word_problem(name.substr(start, end - start), grammar)) return problem;
    start = end + 1;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> kebab_id_problem(std::string_view name) {
  return id_problem(name, {'-', '_', false});
}

std::optional<std::string> snake_id_problem(std::string_view name) {
  return id_problem(name, {'_', '-', false});
}

std::optional<std::string> lower_snake_id_problem(std::string_view name) {
  return id_problem(name, {'_', '-', true});
}

std::optional<std::string> label_problem(std::string_view name) {
  if (!snake_id_problem(name)) return std::nullopt;
  return kebab_id_problem(name);
}

std::optional<std::string> variable_key_problem(std::string_view name) {
  if (name.empty()) return "it must not be empty";
  if (!is_lower(name[0])) return "it must start with a lower-case ASCII letter";
  for (char c : name) {
    if (!is_lower(c) && !is_digit(c) && c != '_')
      return "it may contain only lower-case ASCII letters, digits and '_'";
  }
  if (name.back() == '_') return "it must end with a letter or digit";
  if (name.find("__") != std::string_view::npos) return "it must not contain \"__\"";
  return std::nullopt;
}

}  // namespace spindle::app
