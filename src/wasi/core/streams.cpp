#include "wasi/core/streams.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace spindle::wasi {

namespace {

Error stuck(std::string_view operation) {
  return Error::internal(fmt::format("a stream was ready {} times without progress in {}",
                                     kBlockingAttemptsMax, operation));
}

Result<Streamed<uint64_t>> count_of(Result<Streamed<Bytes>> bytes) {
  auto read = TRY(std::move(bytes));
  if (!read) return Streamed<uint64_t>(std::unexpected(std::move(read.error())));
  return Streamed<uint64_t>(read->size());
}

}  // namespace

Result<Streamed<uint64_t>> InputStream::skip(uint64_t length) {
  return count_of(read(length));
}

io::Eventual<Streamed<Bytes>> InputStream::blocking_read(uint64_t length) {
  if (is_ready()) {
    auto bytes = TRY(read(length));
    if (!bytes || !bytes->empty() || length == 0) return bytes;
  }
  return wait_and_read(length);
}

io::Task<Result<Streamed<Bytes>>> InputStream::wait_and_read(uint64_t length) {
  for (int attempt = 0; attempt < kBlockingAttemptsMax; ++attempt) {
    co_await wait();
    auto bytes = CO_TRY(read(length));
    if (!bytes || !bytes->empty() || length == 0) co_return bytes;
    co_await io::yield(loop());
  }
  co_return stuck("blocking-read");
}

io::Eventual<Streamed<uint64_t>> InputStream::blocking_skip(uint64_t length) {
  if (is_ready()) {
    auto count = TRY(skip(length));
    if (!count || *count > 0 || length == 0) return count;
  }
  return wait_and_skip(length);
}

io::Task<Result<Streamed<uint64_t>>> InputStream::wait_and_skip(uint64_t length) {
  for (int attempt = 0; attempt < kBlockingAttemptsMax; ++attempt) {
    co_await wait();
    auto count = CO_TRY(skip(length));
    if (!count || *count > 0 || length == 0) co_return count;
    co_await io::yield(loop());
  }
  co_return stuck("blocking-skip");
}

Result<Streamed<void>> OutputStream::write(std::span<const uint8_t> contents) {
  auto budget = TRY(check_write());
  if (!budget) return Streamed<void>(std::unexpected(std::move(budget.error())));
  if (contents.size() > *budget) {
    return Error::trap(
        fmt::format("write of {} bytes exceeds the permitted {}", contents.size(), *budget));
  }
  return do_write(contents);
}

Result<Streamed<void>> OutputStream::write_zeroes(uint64_t length) {
  static constexpr std::array<uint8_t, 4096> kZeroes{};
  auto budget = TRY(check_write());
  if (!budget) return Streamed<void>(std::unexpected(std::move(budget.error())));
  if (length > *budget) {
    return Error::trap(
        fmt::format("write-zeroes of {} bytes exceeds the permitted {}", length, *budget));
  }
  // One write may use up the permission, so the zeroes go out in one.
  if (length <= kZeroes.size()) return do_write(std::span(kZeroes).first(length));
  Bytes zeroes(length);
  return do_write(zeroes);
}

Result<Streamed<uint64_t>> OutputStream::splice(InputStream& source, uint64_t length) {
  auto budget = TRY(check_write());
  if (!budget) return budget;
  uint64_t count = std::min(length, *budget);
  if (count == 0) return Streamed<uint64_t>(0);
  auto bytes = TRY(source.read(count));
  if (!bytes) return Streamed<uint64_t>(std::unexpected(std::move(bytes.error())));
  if (bytes->empty()) return Streamed<uint64_t>(0);
  auto written = TRY(write(*bytes));
  if (!written) return Streamed<uint64_t>(std::unexpected(std::move(written.error())));
  return Streamed<uint64_t>(bytes->size());
}

io::Eventual<Streamed<void>> OutputStream::blocking_write_and_flush(
    std::span<const uint8_t> contents) {
  if (contents.size() > kBlockingWriteBytesMax) {
    return Error::trap(fmt::format("blocking write of {} bytes, at most {} are permitted",
                                   contents.size(), kBlockingWriteBytesMax));
  }
  auto left = contents;
  while (!left.empty() && is_ready()) {
    auto budget = TRY(check_write());
    if (!budget) return Streamed<void>(std::unexpected(std::move(budget.error())));
    if (*budget == 0) break;
    auto chunk = left.first(std::min<uint64_t>(left.size(), *budget));
    auto written = TRY(do_write(chunk));
    if (!written) return written;
    left = left.subspan(chunk.size());
  }
  if (left.empty()) return blocking_flush();
  Bytes rest(left.begin(), left.end());
  return write_rest_and_flush(std::move(rest));
}

io::Task<Result<Streamed<uint64_t>>> OutputStream::wait_for_budget() {
  for (int attempt = 0; attempt < kBlockingAttemptsMax; ++attempt) {
    co_await wait();
    auto budget = CO_TRY(check_write());
    if (!budget || *budget > 0) co_return budget;
    co_await io::yield(loop());
  }
  co_return stuck("waiting for room to write");
}

io::Task<Result<Streamed<void>>> OutputStream::write_rest_and_flush(Bytes rest) {
  std::span<const uint8_t> left(rest);
  while (!left.empty()) {
    auto waited = co_await wait_for_budget();
    auto budget = CO_TRY(std::move(waited));
    if (!budget) co_return Streamed<void>(std::unexpected(std::move(budget.error())));
    auto chunk = left.first(std::min<uint64_t>(left.size(), *budget));
    auto written = CO_TRY(do_write(chunk));
    if (!written) co_return written;
    left = left.subspan(chunk.size());
  }
  auto flushing = blocking_flush();
  auto flushed = co_await io::Eventual<Streamed<void>>::wait(std::move(flushing));
  co_return flushed;
}

io::Eventual<Streamed<void>> OutputStream::blocking_flush() {
  auto flushed = TRY(flush());
  if (!flushed) return flushed;
  if (!is_ready()) return wait_for_flush();
  auto budget = TRY(check_write());
  if (!budget) return Streamed<void>(std::unexpected(std::move(budget.error())));
  if (*budget > 0) return Streamed<void>();
  return wait_for_flush();
}

io::Task<Result<Streamed<void>>> OutputStream::wait_for_flush() {
  auto waited = co_await wait_for_budget();
  auto budget = CO_TRY(std::move(waited));
  if (!budget) co_return Streamed<void>(std::unexpected(std::move(budget.error())));
  co_return Streamed<void>();
}

io::Eventual<Streamed<void>> OutputStream::blocking_write_zeroes_and_flush(uint64_t length) {
  if (length > kBlockingWriteBytesMax) {
    return Error::trap(fmt::format("blocking write of {} zeroes, at most {} are permitted", length,
                                   kBlockingWriteBytesMax));
  }
  Bytes zeroes(length);
  return blocking_write_and_flush(zeroes);
}

io::Eventual<Streamed<uint64_t>> OutputStream::blocking_splice(InputStream& source,
                                                               uint64_t length) {
  // Waiting for room, for bytes and for the flush are three waits; there is no fast way.
  return wait_and_splice(source, length);
}

io::Task<Result<Streamed<uint64_t>>> OutputStream::wait_and_splice(InputStream& source,
                                                                   uint64_t length) {
  auto waited = co_await wait_for_budget();
  auto budget = CO_TRY(std::move(waited));
  if (!budget) co_return budget;
  uint64_t count = std::min(length, *budget);
  if (count == 0) co_return Streamed<uint64_t>(0);
  auto reading = source.blocking_read(count);
  auto read = co_await io::Eventual<Streamed<Bytes>>::wait(std::move(reading));
  auto bytes = CO_TRY(std::move(read));
  if (!bytes) co_return Streamed<uint64_t>(std::unexpected(std::move(bytes.error())));
  uint64_t moved = bytes->size();
  auto writing = co_await write_rest_and_flush(std::move(*bytes));
  auto written = CO_TRY(std::move(writing));
  if (!written) co_return Streamed<uint64_t>(std::unexpected(std::move(written.error())));
  co_return Streamed<uint64_t>(moved);
}

Result<Streamed<Bytes>> BytesInputStream::read(uint64_t length) {
  if (position_ == bytes_->size()) return Streamed<Bytes>(StreamEnd::closed());
  auto count = std::min<uint64_t>({length, bytes_->size() - position_, kStreamChunkBytesMax});
  auto first = bytes_->begin() + static_cast<ptrdiff_t>(position_);
  Bytes chunk(first, first + static_cast<ptrdiff_t>(count));
  position_ += count;
  return Streamed<Bytes>(std::move(chunk));
}

}  // namespace spindle::wasi
