#pragma once

// What the command line puts into stores and databases before anything is served, and the lines
// that say where the default ones are kept.
//
//   --key-value K=V             into the store `default`
//   --sqlite STATEMENT          on the database `default`
//   --sqlite @FILE[:LABEL]      the statements of a file, on `default` or another database

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/application.h"

namespace spindle::cli {

struct SqlArgument {
  std::string label;
  std::string script;
};

Result<SqlArgument> read_sql_argument(const std::string& argument);

Result<void> execute_sql(const runtime::Application& application,
                         const std::vector<std::string>& arguments);
Result<void> store_key_values(const runtime::Application& application,
                              const std::vector<std::string>& arguments);

// Lines for those default stores that components use and nobody defined.
std::vector<std::string> default_storage_lines(const runtime::Application& application);

}  // namespace spindle::cli
