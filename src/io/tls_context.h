#pragma once

// What tls_context.cpp and tls_stream.cpp know of OpenSSL; nobody else includes it.

#include <memory>
#include <string>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "io/tls.h"

namespace spindle::io {

template <auto free_function>
struct TlsFree {
  template <typename T>
  void operator()(T* value) const {
    free_function(value);
  }
};
template <typename T, auto free_function>
using TlsHandle = std::unique_ptr<T, TlsFree<free_function>>;

struct TlsContext::State {
  TlsHandle<SSL_CTX, SSL_CTX_free> handle;
  // As ALPN has it: each with its length before it. Of a server.
  std::string protocols;
};

// The oldest error of this thread's queue, which is emptied.
std::string take_tls_error();

}  // namespace spindle::io
