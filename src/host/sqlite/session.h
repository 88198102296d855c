#pragma once

// SqliteSession: the connection behind one handle of a guest, and the calls that run on it.
//
//   SqlCall<Rows> call(loop, session, [](GuestConnection& connection) { ... });    // starts
//   co_await call.wait();
//   Result<Rows> rows = call.take();
//
// Calls of a session run on the blocking pool, one at a time, in the order in which they were made;
// the first one opens the connection. A SqlCall that goes before it is done sets the stop flag of
// its statement and forgets it: nobody waits, and the pool lets go of what is left. So a connection
// and its queries are only ever touched, and destroyed, on the pool: a loop holds a SessionHandle
// or a QueryHandle.

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/result.h"
#include "host/sqlite/guest_connection.h"
#include "io/blocking_pool.h"
#include "io/event.h"
#include "io/event_loop.h"
#include "io/task.h"

namespace spindle::host {

class SqliteSession : public std::enable_shared_from_this<SqliteSession> {
 public:
  using Job = std::move_only_function<void(SqliteSession&)>;

  // The pool outlives the session.
  SqliteSession(std::shared_ptr<DatabaseFile> file, io::BlockingPool& pool)
      : file_(std::move(file)), pool_(pool) {}

  // From any thread. The job runs on the pool, after those before it.
  void submit(Job job);

  // For jobs: opens it at the first call.
  Result<GuestConnection*> connection();

 private:
  void run_next();

  const std::shared_ptr<DatabaseFile> file_;
  io::BlockingPool& pool_;
  std::mutex mutex_;
  std::deque<Job> jobs_;
  bool is_running_ = false;
  std::unique_ptr<GuestConnection> connection_;
};

// Lets go of the session on the pool.
class SessionHandle {
 public:
  explicit SessionHandle(std::shared_ptr<SqliteSession> session) : session_(std::move(session)) {}
  SessionHandle(SessionHandle&&) noexcept = default;
  SessionHandle& operator=(SessionHandle&&) = delete;
  ~SessionHandle();

  const std::shared_ptr<SqliteSession>& get() const { return session_; }

 private:
  std::shared_ptr<SqliteSession> session_;
};

// Lets go of the query, too, on the pool.
class QueryHandle {
 public:
  QueryHandle() = default;
  QueryHandle(std::shared_ptr<SqliteSession> session, std::unique_ptr<Query> query)
      : session_(std::move(session)), query_(std::move(query)) {}
  QueryHandle(QueryHandle&&) noexcept = default;
  QueryHandle& operator=(QueryHandle&& other) noexcept;
  ~QueryHandle() { release(); }

  const std::shared_ptr<SqliteSession>& session() const { return session_; }
  // For jobs of the session.
  Query* query() const { return query_.get(); }

 private:
  void release();

  std::shared_ptr<SqliteSession> session_;
  std::unique_ptr<Query> query_;
};

template <typename T>
class SqlCall {
 public:
  // `work` runs on the pool with a connection that watches the flag of this call.
  template <typename F>
  SqlCall(io::EventLoop& loop, SqliteSession& session, F work)
      : done_(loop), state_(std::make_shared<State>()) {
    state_->loop = &loop;
    state_->done = &done_;
    session.submit([state = state_, work = std::move(work)](SqliteSession& own) mutable {
      if (state->stop.load(std::memory_order_relaxed)) return;
      state->finish(run(own, state->stop, work), state);
    });
  }
  SqlCall(const SqlCall&) = delete;
  SqlCall& operator=(const SqlCall&) = delete;
  ~SqlCall() {
    state_->stop.store(true, std::memory_order_relaxed);
    state_->done = nullptr;
    std::lock_guard lock(state_->mutex);
    state_->loop = nullptr;
  }

  bool is_done() const { return done_.is_set(); }
  // May be canceled and called again.
  io::Task<void> wait() { return done_.wait(); }
  // Once, when done.
  Result<T> take() { return std::move(*state_->outcome); }

 private:
  struct State {
    std::atomic<bool> stop{false};
    std::mutex mutex;
    // Null when nobody waits any more.
    io::EventLoop* loop = nullptr;
    // Of the loop's thread.
    io::Event* done = nullptr;
    // Written before the event is set.
    std::optional<Result<T>> outcome;

    void finish(Result<T> result, const std::shared_ptr<State>& self) {
      std::lock_guard lock(mutex);
      if (loop == nullptr) return;
      outcome.emplace(std::move(result));
      loop->post([self] {
        if (self->done != nullptr) self->done->set();
      });
    }
  };

  template <typename F>
  static Result<T> run(SqliteSession& session, const std::atomic<bool>& stop, F& work) {
    auto* connection = TRY(session.connection());
    const GuestConnection::Watch watch(*connection, stop);
    return work(*connection);
  }

  io::Event done_;
  std::shared_ptr<State> state_;
};

}  // namespace spindle::host
