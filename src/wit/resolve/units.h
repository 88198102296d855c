#pragma once

// Between parser and resolver: the files of a load, grouped into packages. A package may come from
// several files of one folder, from a nested `package` block, and from several roots; here its
// parts are put together, items behind features that are off are dropped, and the packages are
// ordered so that each comes after those it uses.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "wit/load.h"
#include "wit/syntax/ast.h"

namespace spindle::wit {

// The files of one folder, or one file on its own.
struct SourceGroup {
  std::string origin;
  std::vector<uint32_t> files;
  size_t root = 0;       // which of the load's roots brought it
  bool is_root = false;  // else it is below `deps`
};

struct PackageUnit {
  PackageName name;
  Span span;
  std::string docs;
  std::vector<ast::Scope> scopes;
  size_t root = 0;
  bool is_root = false;
};

struct PackageUnits {
  std::vector<PackageUnit> units;  // topologically ordered
  // What was dropped, `wasi:io@0.2.0/streams` or `wasi:io@0.2.0/streams.pollable`, and its feature.
  std::map<std::string, std::string> dropped;
};

Result<PackageUnits> collect_units(const SourceMap& sources, const std::vector<SourceGroup>& groups,
                                   const LoadOptions& options);

// Drops what is behind features that are off.
void apply_gates(PackageUnits& units, const LoadOptions& options);

// Called for every path of a scope that names another interface or world.
void for_each_path(const ast::Scope& scope, const std::function<void(const ast::Path&)>& visit);

}  // namespace spindle::wit
