#pragma once

// Databases: the SQLite databases of a native test, in memory, each made when it is first opened.
// Without libsqlite3 at build time every statement fails with Unavailable.

#include <spindle/sql.h>

#include <map>
#include <memory>
#include <string>

namespace spindle::test {

class Databases {
 public:
  Databases();
  ~Databases();

  Result<SqlRows> execute(const std::string& database, std::string_view statement,
                          const SqlRow& parameters);

 private:
  struct Database;
  std::map<std::string, std::unique_ptr<Database>> open_;
};

}  // namespace spindle::test
