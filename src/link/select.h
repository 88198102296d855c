#pragma once

// spindle:link/select@0.1.0: a guest chooses the candidates of its own late imports by name.
//
// Works:   every function. A component without late imports has none to choose for.
// Refused: an import or a candidate that does not exist, with an error that lists what does.

#include "bindings/spindle_/link_0_1/select.h"
#include "link/session.h"

namespace spindle::link {

class Select final : public bindings::spindle_::link_0_1::select::Host {
 public:
  // `session` outlives this; null where the component has no late imports.
  explicit Select(LinkSession* session) : session_(session) {}

  Result<std::vector<std::string>> candidates(std::string_view import_name) override;
  Result<std::expected<void, std::string>> select(std::string_view import_name,
                                                  std::string_view name) override;

 private:
  LinkSession* session_;
};

}  // namespace spindle::link
