#include "wasi/p3/unsupported.h"

namespace spindle::wasi::p3 {

Unsupported::Unsupported()
    : http_client(http::client::make_unsupported()) {}

}  // namespace spindle::wasi::p3
