#pragma once

// GuestEndpoints: the host's functions for the streams and futures of a world, as StreamOps<T> and
// FutureOps<T> of <spindle/stream.h>.
//
// Their core names count the streams and futures of a function, those inside a payload first:
// `[stream-new-1]f` is of the second. One function is enough for each type. Definitions are weak:
// two worlds of one program may have streams of the same type.

#include <set>
#include <string>

#include "bindgen/guest_scope.h"

namespace spindle::bindgen {

class GuestEndpoints {
 public:
  explicit GuestEndpoints(GuestTypes& types) : types_(types) {}

  // Of the types that are new in this scope: outside of all namespaces, after its declarations.
  std::string declarations(const GuestScope& scope);
  // Of all so far.
  const std::string& definitions() const { return definitions_; }

 private:
  struct Endpoint {
    bool is_stream = false;
    std::optional<wit::Type> payload;
  };
  void collect(wit::Type type, std::vector<Endpoint>& out) const;
  std::string declare(const GuestScope& scope, const wit::Function& function,
                      const Endpoint& endpoint, size_t index);
  void define(const GuestScope& scope, const std::string& function, const std::string& ops,
              const std::string& kind, size_t index);

  GuestTypes& types_;
  std::set<std::string> seen_;
  std::string definitions_;
};

// Whether code for the world stands on <spindle/stream.h>.
bool is_asynchronous(const GuestTypes& types, const GuestScope& scope);

}  // namespace spindle::bindgen
