#pragma once

// The names that a manifest may use. An id is one or more words joined by a delimiter; a word
// starts with an ASCII letter, continues with ASCII letters and digits, and has all its letters in
// one case:
//
//   kebab id        hello-world, mixed-CASE      components, plain dependency names
//   snake id        hello_world                  labels of stores and databases
//   lower snake id  hello_world, lower case      variables
//
// Each check returns what is wrong, as text without position; the caller knows where the name
// stands. The variable-key grammar is a second, run-time rule: what a guest may ask for.

#include <optional>
#include <string>
#include <string_view>

namespace spindle::app {

// Nothing if the name is good, else why not: "words must be separated with '-', not '_'".
std::optional<std::string> kebab_id_problem(std::string_view name);
std::optional<std::string> snake_id_problem(std::string_view name);
std::optional<std::string> lower_snake_id_problem(std::string_view name);
// A label of a key-value store or database: kebab or snake.
std::optional<std::string> label_problem(std::string_view name);
// a-z 0-9 _, first a letter, last not '_', no "__".
std::optional<std::string> variable_key_problem(std::string_view name);

inline bool is_kebab_id(std::string_view name) {
  return !kebab_id_problem(name);
}

}  // namespace spindle::app
