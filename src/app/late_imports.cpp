#include "app/late_imports.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/table_reader.h"

namespace spindle::app {
namespace {

class LateImportReader {
 public:
  LateImportReader(const SourceText& source, const std::string& what)
      : source_(source), what_(what) {}

  Result<std::vector<LateImport>> read(const Table& late) {
    std::vector<LateImport> imports;
    for (const TableEntry& entry : late) {
      LateImport import = TRY(read_import(entry));
      imports.push_back(std::move(import));
    }
    return imports;
  }

 private:
  Result<const Table*> as_table(const TableEntry& entry, const std::string& what) const {
    if (const Table* table = entry.value.as_table()) return table;
    return source_.error(entry.at,
                         fmt::format("{} must be a table, not {}", what, entry.value.kind_name()));
  }

  Result<LateImport> read_import(const TableEntry& entry) {
    const std::string what = fmt::format("late import \"{}\" of {}", entry.key, what_);
    const Table* table = TRY(as_table(entry, what));
    TableReader reader(source_, *table, entry.at, what);
    LateImport import;
    import.interfaces = TRY(reader.strings("with"));
    import.interfaces.insert(import.interfaces.begin(), entry.key);
    for (const std::string& name : import.interfaces) {
      if (name.find(':') != std::string::npos && name.find('/') != std::string::npos) continue;
      return source_.error(entry.at, fmt::format("\"{}\" is not the name of an interface", name),
                           "write namespace:package/interface@version");
    }
    const Table* candidates = TRY(reader.optional_table("candidates"));
    if (candidates == nullptr) {
      return source_.error(entry.at, fmt::format("{} has no `candidates`", what));
    }
    for (const TableEntry& candidate : *candidates) {
      LateCandidate one = TRY(read_candidate(candidate, what));
      import.candidates.push_back(std::move(one));
    }
    TRY(read_choice(reader, import));
    TRY(reader.finish());
    return import;
  }

  Result<LateCandidate> read_candidate(const TableEntry& entry, const std::string& outer) {
    const std::string what = fmt::format("candidate `{}` of {}", entry.key, outer);
    const Table* table = TRY(as_table(entry, what));
    TableReader reader(source_, *table, entry.at, what);
    LateCandidate candidate;
    candidate.name = entry.key;
    candidate.component = TRY(reader.optional_string("component")).value_or("");
    candidate.path = TRY(reader.optional_string("path")).value_or("");
    TRY(reader.finish());
    if (candidate.component.empty() == candidate.path.empty()) {
      return source_.error(entry.at, fmt::format("{} needs either `component` or `path`", what));
    }
    return candidate;
  }

  Result<void> read_choice(TableReader& outer, LateImport& import) {
    if (const Table* table = TRY(outer.optional_table("choose"))) {
      TableReader reader(source_, *table, outer.table().find_entry("choose")->at,
                         fmt::format("`choose` of {}", outer.what()));
      import.header = TRY(reader.optional_string("header")).value_or("");
      import.variable = TRY(reader.optional_string("variable")).value_or("");
      TRY(reader.finish());
      if (import.header.empty() == import.variable.empty()) {
        return reader.error({},
                            fmt::format("{} needs either `header` or `variable`", reader.what()));
      }
    }
    import.default_candidate = TRY(outer.optional_string("default")).value_or("");
    const std::string& wanted = import.default_candidate;
    const bool is_known =
        wanted.empty() || std::ranges::find(import.candidates, wanted, &LateCandidate::name) !=
                              import.candidates.end();
    if (is_known) return {};
    return source_.error(outer.table().find_entry("default")->at,
                         fmt::format("{} has no candidate `{}`", outer.what(), wanted));
  }

  const SourceText& source_;
  const std::string& what_;
};

}  // namespace

Result<std::vector<LateImport>> read_late_imports(const SourceText& source, const Table& late,
                                                  const std::string& what) {
  return LateImportReader(source, what).read(late);
}

Value late_imports_value(const std::vector<LateImport>& imports) {
  Table late;
  for (const LateImport& import : imports) {
    Table candidates;
    for (const LateCandidate& candidate : import.candidates) {
      Table one;
      if (!candidate.component.empty()) one.set("component", Value(candidate.component));
      if (!candidate.path.empty()) one.set("path", Value(candidate.path));
      candidates.set(candidate.name, Value(std::move(one)));
    }
    Table table;
    table.set("candidates", Value(std::move(candidates)));
    Table choose;
    if (!import.header.empty()) choose.set("header", Value(import.header));
    if (!import.variable.empty()) choose.set("variable", Value(import.variable));
    if (!choose.empty()) table.set("choose", Value(std::move(choose)));
    if (!import.default_candidate.empty()) table.set("default", Value(import.default_candidate));
    Array with;
    for (size_t i = 1; i < import.interfaces.size(); ++i) with.emplace_back(import.interfaces[i]);
    if (!with.empty()) table.set("with", Value(std::move(with)));
    late.set(import.interfaces.front(), Value(std::move(table)));
  }
  return Value(std::move(late));
}

}  // namespace spindle::app
