#include "io/fd_events.h"

#include <fcntl.h>

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace spindle::io {
namespace {

namespace asio = boost::asio;

class Duplicate final : public FdEvents {
 public:
  using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

  Duplicate(EventLoop& loop, int fd) : descriptor_(loop.executor(), fd) {}

  Task<void> wait(Wish wish) override {
    constexpr auto kToken = asio::as_tuple(asio::use_awaitable_t<Executor>{});
    if (wish == Wish::Either) {
      co_await asio::experimental::make_parallel_group(
          descriptor_.async_wait(Descriptor::wait_read, asio::deferred),
          descriptor_.async_wait(Descriptor::wait_write, asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), kToken);
      co_return;
    }
    const auto kind = wish == Wish::Read ? Descriptor::wait_read : Descriptor::wait_write;
    co_await descriptor_.async_wait(kind, kToken);
  }

 private:
  Descriptor descriptor_;
};

}  // namespace

Result<std::unique_ptr<FdEvents>> FdEvents::create(EventLoop& loop, int fd) {
  const int duplicate = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return Error::from_errno(errno, "duplicating a socket");
  return std::unique_ptr<FdEvents>(std::make_unique<Duplicate>(loop, duplicate));
}

}  // namespace spindle::io
