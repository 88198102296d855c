#include "cli/initial_data.h"

#include <gtest/gtest.h>

#include "base/testing.h"

namespace spindle::cli {
namespace {

TEST(InitialData, TellsStatementsFromFilesAndTheirDatabase) {
  const TempDirectory directory;
  directory.write("a.sql", "CREATE TABLE t (a);");
  const std::string file = "@" + directory.path("a.sql");
  struct Case {
    std::string argument;
    std::string label;
    std::string script;
  };
  for (const Case& one : {Case{"SELECT ':'", "default", "SELECT ':'"}, Case{"", "default", ""},
                          Case{file, "default", "CREATE TABLE t (a);"},
                          Case{file + ":notes", "notes", "CREATE TABLE t (a);"}}) {
    const auto read = read_sql_argument(one.argument).value();
    EXPECT_EQ(read.label, one.label);
    EXPECT_EQ(read.script, one.script);
  }
  EXPECT_FALSE(read_sql_argument("@" + directory.path("missing.sql")).has_value());
}

}  // namespace
}  // namespace spindle::cli
