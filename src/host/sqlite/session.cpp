#include "host/sqlite/session.h"

namespace spindle::host {

void SqliteSession::submit(Job job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    if (is_running_) return;
    is_running_ = true;
  }
  pool_.submit([self = shared_from_this()] { self->run_next(); });
}

// One job, then others that wait for the pool have their turn.
void SqliteSession::run_next() {
  {
    std::unique_lock lock(mutex_);
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job(*this);
  }
  std::lock_guard lock(mutex_);
  is_running_ = !jobs_.empty();
  if (is_running_) pool_.submit([self = shared_from_this()] { self->run_next(); });
}

Result<GuestConnection*> SqliteSession::connection() {
  if (connection_ == nullptr) connection_ = TRY(GuestConnection::open(*file_));
  return connection_.get();
}

SessionHandle::~SessionHandle() {
  if (session_ == nullptr) return;
  SqliteSession& session = *session_;
  session.submit([held = std::move(session_)](SqliteSession&) {});
}

QueryHandle& QueryHandle::operator=(QueryHandle&& other) noexcept {
  if (this == &other) return *this;
  release();
  session_ = std::move(other.session_);
  query_ = std::move(other.query_);
  return *this;
}

void QueryHandle::release() {
  if (session_ == nullptr) return;
  SqliteSession& session = *session_;
  session.submit([held = std::move(session_), query = std::move(query_)](SqliteSession&) {});
}

}  // namespace spindle::host
