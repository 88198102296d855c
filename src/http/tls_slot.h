#pragma once

// TlsSlot: with what new connections of a server speak TLS.
//
// Shared by the servers of all loops and replaced as a whole while they run: sessions that exist
// keep what they began with.

#include <mutex>

#include "io/tls.h"

namespace spindle::http {

class TlsSlot {
 public:
  using Context = std::shared_ptr<const io::TlsContext>;

  explicit TlsSlot(Context context) : context_(std::move(context)) {}

  Context current() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void replace(Context context) {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }

  // For this server: its identity, and the versions of HTTP that it speaks, the best one first.
  static Result<Context> make_context(io::TlsIdentity identity) {
    return io::TlsContext::for_server(
        {.identity = std::move(identity), .protocols = {"h2", "http/1.1"}});
  }

 private:
  mutable std::mutex mutex_;
  Context context_;
};

}  // namespace spindle::http
