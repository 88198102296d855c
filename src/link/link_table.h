#pragma once

// LinkTable: the candidates of one importer's late imports, and how they fit. LinkSlot: the table
// that new requests see.
//
// A table is immutable. Replacing a candidate makes a new table and puts it into the slot: requests
// that began before keep the old table, and with it the old code, until they end.
//
//   auto table = TRY(LinkTable::create(importer, std::move(bindings)));
//   LinkSlot slot(table);
//   slot.set(TRY(table->replaced("square", prepared_anew)));     // while others call slot.get()

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/runtime/prepared.h"
#include "link/match.h"

namespace spindle::link {

// A component that may serve an import.
struct Candidate {
  std::shared_ptr<const component::PreparedComponent> prepared;
  // What a CalleeMaker needs besides to make an instance of it; its own affair.
  std::shared_ptr<const void> host;
};

using Candidates = std::map<std::string, Candidate, std::less<>>;

// One late import as an author declares it.
struct LateBinding {
  // The interfaces that one instance of the chosen candidate serves together; the first names the
  // binding.
  std::vector<std::string> interfaces;
  Candidates candidates;
};

struct LinkedCandidate {
  Candidate candidate;
  Match match;
};

// One late import, checked.
struct LateImport {
  std::vector<std::string> interfaces;
  std::map<std::string, std::shared_ptr<const LinkedCandidate>, std::less<>> candidates;

  const std::string& name() const { return interfaces.front(); }
};

class LinkTable {
 public:
  // Every candidate must fit: see match_exports(). Errors name the import and the candidate. The
  // importer must import a function of each interface.
  static Result<std::shared_ptr<const LinkTable>> create(
      std::shared_ptr<const component::PreparedComponent> importer,
      std::span<const LateBinding> bindings);

  // The same table with another component for candidate `name` of import `import`, which is added
  // where there is none.
  Result<std::shared_ptr<const LinkTable>> replaced(std::string_view import, std::string_view name,
                                                    Candidate candidate) const;

  const std::shared_ptr<const component::PreparedComponent>& importer() const { return importer_; }
  std::span<const LateImport> imports() const { return imports_; }
  // By any interface of the import, up to the compatibility track.
  const LateImport* find(std::string_view interface) const;

 private:
  LinkTable() = default;

  std::shared_ptr<const component::PreparedComponent> importer_;
  std::vector<LateImport> imports_;
};

class LinkSlot {
 public:
  explicit LinkSlot(std::shared_ptr<const LinkTable> table) : table_(std::move(table)) {}

  std::shared_ptr<const LinkTable> get() const;
  void set(std::shared_ptr<const LinkTable> table);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const LinkTable> table_;
};

}  // namespace spindle::link
