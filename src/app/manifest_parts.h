#pragma once

// The pieces of a manifest that both versions, and several places of version 2, have in common.
// Each function takes a value apart and returns the checked part; errors point at the offending key
// or value. Only the manifest's own sources include this.

#include <string>
#include <vector>

#include "app/manifest.h"
#include "app/table_reader.h"

namespace spindle::app::manifest_parts {

Result<ComponentSource> parse_source(const SourceText& source, const TableEntry& entry,
                                     const std::string& what);
Result<Build> parse_build(const SourceText& source, const TableEntry& entry,
                          const std::string& what);
Result<std::vector<FileMount>> parse_files(TableReader& reader);
Result<std::vector<Variable>> parse_variables(TableReader& reader);
// `name` is the import, or empty for a trigger dependency.
Result<Dependency> parse_dependency(const SourceText& source, const TableEntry& entry,
                                    const std::string& what);
Result<Dependency> parse_trigger_dependency(const SourceText& source, const Value& value,
                                            const std::string& what);
// Package-level and pairwise rules over the dependencies of one component.
Result<void> check_dependencies(const SourceText& source, const std::vector<Dependency>& all);
Result<std::vector<std::string>> parse_labels(TableReader& reader, std::string_view key);
// Fields that are the same in both versions, and the conversion of allowed_http_hosts.
Result<void> parse_common_fields(TableReader& reader, Component& component);
Result<void> convert_http_hosts(TableReader& reader, Component& component,
                                std::vector<std::string>& warnings);

// What can be said only about the whole: variables that templates use, hosts with their defaults.
Result<void> check_components(const Manifest& manifest);

Result<Manifest> parse_manifest_v1(SourceTextPointer source, const Table& root);
Result<Manifest> parse_manifest_v2(SourceTextPointer source, const Table& root);

}  // namespace spindle::app::manifest_parts
