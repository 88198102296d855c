#pragma once

// HandleTable: what the indices that one component instance holds mean.
//
// The rules are the specification's, and guests can observe them: indices grow from 1, freed ones
// are reused last-freed first, index 0 is never valid. An entry is an owned resource, a borrowed
// one, or an object of the async ABI (waitable, waitable set, error context).
//
// A CallScope is what a call must undo when it returns: the handles that its arguments lent, and
// the count of borrow handles that the callee was given and must have dropped. An owned resource
// that is lent cannot be dropped or transferred.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "component/host/resource.h"

namespace spindle::component {

class HandleTable;

class CallScope {
 public:
  CallScope() = default;
  ~CallScope() { end_lends(); }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;

  // Takes over another scope's lends, for a call that outlives the frame it began in.
  void take_lends(CallScope& other);
  // The call has returned: what it borrowed belongs to its owners again.
  void end_lends();
  // A callee that returns while it holds borrow handles traps.
  Result<void> check_no_borrows() const;
  uint32_t borrow_count() const { return borrow_count_; }

 private:
  friend class HandleTable;
  struct Lend {
    HandleTable* table = nullptr;
    uint32_t index = 0;
  };
  void add_lend(Lend lend);

  // Most calls lend one handle, few more than four.
  std::array<Lend, 4> first_lends_{};
  std::vector<Lend> more_lends_;
  uint32_t lend_count_ = 0;
  uint32_t borrow_count_ = 0;
};

// Entries that are not resources.
class TableObject {
 public:
  virtual ~TableObject();
};

class HandleTable {
 public:
  static constexpr uint32_t kMaxEntries = (1U << 28) - 1;

  // `limit` bounds the entries that are live at a time.
  explicit HandleTable(uint32_t limit = kMaxEntries) { set_limit(limit); }
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  void set_limit(uint32_t limit) { limit_ = std::min(limit, kMaxEntries); }

  // Lower own, resource.new.
  Result<uint32_t> add_own(const ResourceType& type, uint32_t rep);
  // Lower borrow: `scope` is the callee's; it must outlive the entry.
  Result<uint32_t> add_borrow(const ResourceType& type, uint32_t rep, CallScope& scope);
  // Lift own: the handle is gone afterwards.
  Result<uint32_t> take_own(uint32_t index, const ResourceType& type);
  // Lift borrow: the representation, valid until `scope` ends its lends.
  Result<uint32_t> lend(uint32_t index, const ResourceType& type, CallScope& scope);
  // resource.rep.
  Result<uint32_t> rep(uint32_t index, const ResourceType& type) const;

  // resource.drop: an owned resource is then to be destroyed by the caller.
  struct Dropped {
    uint32_t rep = 0;
    bool was_own = false;
  };
  Result<Dropped> drop(uint32_t index, const ResourceType& type);

  Result<uint32_t> add_object(std::unique_ptr<TableObject> object);
  // An error when there is no object at `index`.
  Result<TableObject*> object(uint32_t index) const;
  Result<std::unique_ptr<TableObject>> take_object(uint32_t index);

  uint32_t size() const { return size_; }

 private:
  friend class CallScope;
  enum class Kind : uint8_t { Free, Own, Borrow, Object };
  struct Entry {
    Kind kind = Kind::Free;
    uint32_t rep = 0;  // the next free index where free
    uint32_t lends = 0;
    const ResourceType* type = nullptr;
    CallScope* scope = nullptr;
    std::unique_ptr<TableObject> object;
  };

  Result<uint32_t> add(Entry entry);
  Result<const Entry*> find(uint32_t index) const;
  Result<Entry*> find_resource(uint32_t index, const ResourceType& type);
  void remove(uint32_t index);

  // entries_[i] is index i + 1.
  std::vector<Entry> entries_;
  uint32_t free_ = 0;
  uint32_t size_ = 0;
  uint32_t limit_;
};

}  // namespace spindle::component
