#include "io/blocking_pool.h"

namespace spindle::io {

BlockingPool::~BlockingPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  available_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void BlockingPool::submit(std::move_only_function<void()> work) {
  std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  // What a last piece of work submits is left to its thread.
  if (!stopping_ && idle_ < queue_.size() && threads_.size() < thread_count_max_) {
    threads_.emplace_back([this] { work_loop(); });
  }
  available_.notify_one();
}

void BlockingPool::work_loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    idle_ += 1;
    available_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    idle_ -= 1;
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace spindle::io
