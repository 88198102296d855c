#pragma once

// LinkSession: the late imports of one live importer: which candidate serves each, and the
// instances of those that were called.
//
// A session takes the table of its slot once, so that what it calls stays the same while candidates
// are replaced. The first call of an import asks the Chooser for a candidate; select() changes the
// choice later. Each candidate that is called has one instance, in a store of its own, which lives
// as long as the session: choosing it again finds its state again.
//
// The importer waits while a callee runs. A callee that fails ends the importer with an error that
// names it. Canceling the importer's call cancels the callee's.
//
// Made before the importer's instance, whose implementations it holds, and destroyed after it. One
// thread.

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/runtime/instance.h"
#include "io/task.h"
#include "link/link_table.h"
#include "link/request.h"

namespace spindle::link {

// A live instance of a candidate, with what it needs to live.
class Callee {
 public:
  virtual ~Callee();
  virtual component::ComponentInstance& instance() = 0;
};

// Makes instances of candidates.
class CalleeMaker {
 public:
  struct Order {
    // Lives as long as the callee.
    const Candidate& candidate;
    // A callee's own late imports belong to it too.
    LinkRequest& request;
    uint32_t depth = 0;
  };
  virtual ~CalleeMaker();
  virtual io::Task<Result<std::unique_ptr<Callee>>> make(Order order) = 0;
};

class Chooser {
 public:
  virtual ~Chooser();
  // The name of a candidate of `import`.
  virtual Result<std::string> choose(const LateImport& import) = 0;
};

class SessionImport;

// A candidate that this importer has called.
struct LinkedInstance {
  std::string name;
  SessionImport* import = nullptr;
  std::shared_ptr<const LinkedCandidate> linked;
  std::unique_ptr<Callee> callee;
};

struct LateCall;
class LinkSession;

// One late import of one importer: the implementation of its LateInterfaces.
class SessionImport {
 public:
  SessionImport(LinkSession& session, const LateImport& import)
      : session_(session), import_(import) {}
  SessionImport(const SessionImport&) = delete;
  SessionImport& operator=(const SessionImport&) = delete;

  const LateImport& import() const { return import_; }
  const component::PreparedComponent& importer() const;
  // Calls go to candidate `name` from now on. An error where there is none.
  Result<void> select(std::string_view name);
  // Brings the outcome of `call`.
  io::Task<void> run(LateCall& call);
  LinkRequest& request() const;
  // Runs the destructor of a callee's resource.
  io::Task<Result<void>> destroy(LinkRequest::Dropped dropped);

 private:
  using Outcome = Result<std::optional<component::DynamicValue>>;

  io::Task<Outcome> outcome_of(LateCall& call);
  // The instance of the chosen candidate.
  io::Task<Result<LinkedInstance*>> chosen_instance();
  io::Task<Result<std::unique_ptr<LinkedInstance>>> instantiate();

  LinkSession& session_;
  const LateImport& import_;
  // Empty: not chosen yet.
  std::string chosen_;
  std::map<std::string, std::unique_ptr<LinkedInstance>, std::less<>> instances_;
};

class LinkSession {
 public:
  struct Options {
    std::shared_ptr<const LinkTable> table;
    // They outlive the session.
    CalleeMaker* maker = nullptr;
    Chooser* chooser = nullptr;
    LinkRequest* request = nullptr;
    // Of the importer: 0 where it serves the request itself.
    uint32_t depth = 0;
  };

  explicit LinkSession(Options options);
  ~LinkSession();
  LinkSession(const LinkSession&) = delete;
  LinkSession& operator=(const LinkSession&) = delete;

  // The importer, once there is one; it is dropped before the session. Its processor time counts.
  void attach(component::ComponentInstance& importer);

  const LinkTable& table() const { return *options_.table; }
  // The implementation of the interfaces of table().imports()[index].
  SessionImport& import(size_t index) { return imports_[index]; }
  // By any of its interfaces; null where there is none.
  SessionImport* find(std::string_view interface);

 private:
  friend class SessionImport;

  // Hands the processor time that is left from the importer to a callee, and back.
  void hand_over(component::ComponentInstance& callee);
  void take_back(component::ComponentInstance& callee);

  Options options_;
  component::ComponentInstance* importer_ = nullptr;
  std::deque<SessionImport> imports_;
};

// What `interfaces`, those of a prepared importer, are implemented by: the session's imports where
// they are late. Other entries are left alone.
void bind_late(std::span<const component::HostInterface* const> interfaces, LinkSession& session,
               std::span<void*> implementations);

}  // namespace spindle::link
