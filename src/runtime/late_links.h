#pragma once

// GuestLinks: the late imports of one live guest: which candidates its manifest and its request
// choose, and how instances of candidates are made, each with the host objects of its own
// component.
//
// Candidates of a component that is itself a candidate are chosen by the same request.

#include "http/message.h"
#include "link/session.h"
#include "runtime/guest_component.h"

namespace spindle::runtime {

class GuestLinks final : public link::CalleeMaker, public link::Chooser {
 public:
  // Of one instance of `component`, which has late imports. `headers` are those of the request that
  // is served. What is given outlives the links.
  GuestLinks(const host::Services& services, const GuestComponent& component,
             const GuestRequest& request);

  link::LinkSession& session() { return session_; }

  io::Task<Result<std::unique_ptr<link::Callee>>> make(Order order) override;
  Result<std::string> choose(const link::LateImport& import) override;

 private:
  const host::Services& services_;
  const GuestComponent& component_;
  GuestRequest request_;
  link::LinkSession session_;
};

}  // namespace spindle::runtime
