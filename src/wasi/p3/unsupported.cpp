#include "wasi/p3/unsupported.h"

namespace spindle::wasi::p3 {

Unsupported::Unsupported() : client(http_client::make_unsupported()) {}

}  // namespace spindle::wasi::p3
