#include "host/sqlite/row_stream.h"

#include <algorithm>

#include "host/sqlite/convert.h"

namespace spindle::host {
namespace {

namespace sqlite_3 = bindings::spin::sqlite_3::sqlite;
using Outcome = std::expected<void, RowStream::Failure>;

Outcome failed(const Error& error) {
  return Outcome(std::unexpect, sqlite_failure<RowStream::Failure>(error));
}

class RowSource final : public component::StreamSource<sqlite_3::RowResult> {
 public:
  RowSource(io::EventLoop& loop, SqlStarted started, std::shared_ptr<SqlCounters> counters,
            component::Promise<Outcome> outcome)
      : loop_(loop),
        query_(std::move(started.query)),
        batch_(std::move(started.first)),
        counters_(std::move(counters)),
        outcome_(std::move(outcome)) {}
  ~RowSource() override { end({}); }

  component::StreamStep read(std::span<sqlite_3::RowResult> out) override {
    if (given_ == batch_.rows.size()) take_batch();
    const size_t count = std::min(out.size(), batch_.rows.size() - given_);
    for (size_t i = 0; i < count; ++i) {
      out[i] = row_to_guest<sqlite_3::RowResult>(std::move(batch_.rows[given_ + i]));
    }
    given_ += count;
    const bool is_ended = batch_.is_ended && given_ == batch_.rows.size();
    if (is_ended) end(batch_.failure ? failed(*batch_.failure) : Outcome());
    return {count, is_ended};
  }

  io::Task<void> ready() override {
    if (given_ < batch_.rows.size() || batch_.is_ended) co_return;
    if (fetch_ == nullptr) fetch_ = fetch_rows(loop_, query_);
    co_await fetch_->wait();
  }

 private:
  void take_batch() {
    if (fetch_ == nullptr || !fetch_->is_done()) return;
    auto fetched = fetch_->take();
    fetch_ = nullptr;
    given_ = 0;
    if (fetched.has_value()) {
      batch_ = fetched.take_value();
      *counters_ = batch_.counters;
    } else {
      batch_ = {.is_ended = true, .failure = fetched.take_error()};
    }
  }

  void end(Outcome outcome) {
    if (outcome_.is_pending()) outcome_.set(std::move(outcome));
  }

  io::EventLoop& loop_;
  QueryHandle query_;
  SqlBatch batch_;
  size_t given_ = 0;
  std::shared_ptr<SqlCounters> counters_;
  component::Promise<Outcome> outcome_;
  // Before the query, so that an unfinished fetch stops.
  std::unique_ptr<BatchCall> fetch_;
};

}  // namespace

RowStream stream_rows(io::EventLoop& loop, SqlStarted started,
                      std::shared_ptr<SqlCounters> counters) {
  if (started.first.is_ended && started.first.rows.empty()) {
    if (started.first.failure) return no_rows(*started.first.failure);
    return {{}, component::Future<Outcome>::of({})};
  }
  auto promised = component::make_future<Outcome>(loop);
  auto source = std::make_unique<RowSource>(loop, std::move(started), std::move(counters),
                                            std::move(promised.promise));
  return {component::Stream<sqlite_3::RowResult>(std::move(source)), std::move(promised.future)};
}

RowStream no_rows(const Error& failure) {
  return {{}, component::Future<Outcome>::of(failed(failure))};
}

}  // namespace spindle::host
