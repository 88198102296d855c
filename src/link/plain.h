#pragma once

// PlainCallees: instances of candidates for programs that embed Spindle's components without
// anything of Spin around them: a store with limits, and implementations of the host interfaces
// that a candidate imports.
//
//   PlainCallees callees(options);                 // options.store.loop is set
//   FixedChoice choice("circle");
//   LinkRequest request(wasm::kUnlimitedTicks);
//   LinkSession session({table, &callees, &choice, &request});
//   bind_late(prepared->interfaces(), session, implementations);
//   auto instance = co_await ComponentInstance::create(prepared, {..., implementations});

#include <functional>
#include <string>

#include "link/session.h"

namespace spindle::link {

class PlainCallees final : public CalleeMaker {
 public:
  // What implements prepared.interfaces(), in that order, for every instance.
  using Implementations =
      std::function<std::vector<void*>(const component::PreparedComponent& prepared)>;

  explicit PlainCallees(component::InstanceOptions options, Implementations implementations = {})
      : options_(options), implementations_(std::move(implementations)) {}

  io::Task<Result<std::unique_ptr<Callee>>> make(Order order) override;
  // How many it has made.
  uint32_t count() const { return count_; }

 private:
  component::InstanceOptions options_;
  Implementations implementations_;
  uint32_t count_ = 0;
};

// The same candidate for every import.
class FixedChoice final : public Chooser {
 public:
  explicit FixedChoice(std::string name) : name_(std::move(name)) {}
  Result<std::string> choose(const LateImport&) override { return name_; }

 private:
  std::string name_;
};

}  // namespace spindle::link
