#include "wasi/core/http/body_pipe.h"

namespace spindle::wasi {

void BodyPipe::write(std::span<const uint8_t> bytes) {
  VERIFY(bytes.size() <= room());
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  written_ += bytes.size();
  changed_.set();
}

void BodyPipe::finish(std::optional<http::Headers> trailers) {
  if (state_ != State::Open) return;
  state_ = State::Finished;
  trailers_ = std::move(trailers);
  changed_.set();
}

void BodyPipe::abort() {
  if (state_ != State::Open) return;
  state_ = State::Aborted;
  changed_.set();
}

std::vector<uint8_t> BodyPipe::take(std::vector<uint8_t> previous) {
  previous.clear();
  std::swap(previous, waiting_);
  if (!previous.empty()) notify_writer();
  return previous;
}

io::Task<void> BodyPipe::changed() {
  if (has_bytes() || state_ != State::Open) co_return;
  changed_.reset();
  co_await changed_.wait();
}

void BodyPipe::close_reader() {
  reader_gone_ = true;
  waiting_ = {};
  notify_writer();
}

void BodyPipe::notify_writer() {
  if (writer_ != nullptr) writer_->notify();
}

PipeOutputStream::PipeOutputStream(io::EventLoop& loop, std::shared_ptr<BodyPipe> pipe)
    : OutputStream(loop), pipe_(std::move(pipe)) {
  pipe_->writer_ = this;
}

PipeOutputStream::~PipeOutputStream() {
  if (pipe_->writer_ == this) pipe_->writer_ = nullptr;
}

bool PipeOutputStream::is_ready() {
  return pipe_->room() > 0 || pipe_->is_reader_gone();
}

Result<Streamed<uint64_t>> PipeOutputStream::check_write() {
  if (pipe_->is_broken() || pipe_->state() != BodyPipe::State::Open) {
    return Streamed<uint64_t>(StreamEnd::closed());
  }
  return Streamed<uint64_t>(pipe_->is_reader_gone() ? BodyPipe::kCapacity : pipe_->room());
}

Result<Streamed<void>> PipeOutputStream::flush() {
  if (pipe_->is_broken()) return Streamed<void>(StreamEnd::closed());
  return Streamed<void>();
}

Result<Streamed<void>> PipeOutputStream::do_write(std::span<const uint8_t> contents) {
  auto expected = pipe_->expected_length();
  if (expected && pipe_->written() + contents.size() > *expected) {
    return Streamed<void>(
        StreamEnd::failed(std::make_unique<IoError>("the body is longer than its content-length")));
  }
  pipe_->write(contents);
  return Streamed<void>();
}

}  // namespace spindle::wasi
